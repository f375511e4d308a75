"""The ways of providers and servers, each played by a real server over HTTP."""

import os
import re
import time

import pytest

from assistant.answer.write import model_stream
from assistant.answer.write.chat_model import KEYS, load_chat_model
from assistant.answer.write.model_output import RESTART
from assistant.answer.write.model_server import ModelServer
from assistant.support.errors import ChatModelError, Trouble
from assistant.support.settings import Settings
from tests.support.chat_server import Reply, chat_server
from tests.support.repository import ROOT

ASKED = [("system", "Be short."), ("user", "Why?")]


@pytest.fixture(autouse=True)
def _no_key_or_proxy(monkeypatch):
    for name in list(os.environ):
        if name.endswith("_API_KEY") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def load():
    loaded = []

    def load(url, llm="some-model", **more):
        given = {"llm_timeout": 5, "llm_first_timeout": 5, **more}
        loaded.append(load_chat_model(Settings(llm=llm, llm_base_url=url, **given)))
        return loaded[-1]

    yield load
    for model in loaded:
        model.close()


def refusing(says, refused, status=400):
    """Answers "Yes." to a request for which ``refused`` is false."""

    def answer(request):
        return Reply(status=status, says=says) if refused(request) else "Yes."

    return answer


def has_system(request):
    return request["messages"][0]["role"] == "system"


@pytest.mark.parametrize(
    ("says", "status"),
    [
        ("System role not supported", 400),
        ("Conversation roles must alternate user/assistant/user/assistant/...", 500),
        ("Developer instruction is not enabled for models/gemma-3-27b-it", 400),
    ],
)
def test_a_refused_system_message_is_put_before_the_users(load, says, status):
    with chat_server(answer=refusing(says, has_system, status)) as server:
        model = load(server.url)
        assert model.complete(ASKED).strip() == "Yes."
        assert model.complete(ASKED).strip() == "Yes."
    assert [has_system(request) for request in server.requests] == [True, False, False]
    assert server.requests[-1]["messages"] == [{"role": "user", "content": "Be short.\n\nWhy?"}]


def test_a_refused_temperature_is_left_out(load):
    says = "Unsupported value: 'temperature' does not support 0 with this model."
    with chat_server(answer=refusing(says, lambda request: "temperature" in request)) as server:
        assert load(server.url).complete(ASKED).strip() == "Yes."


def test_a_refused_limit_of_tokens_is_left_out(load):
    says = "Unsupported parameter: 'max_tokens' is not supported with this model."
    with chat_server(answer=refusing(says, lambda request: "max_tokens" in request)) as server:
        assert load(server.url).complete(ASKED).strip() == "Yes."
    assert server.requests[0]["max_tokens"] == 4096


def test_prompt_and_answer_fit_the_context_together(load):
    with chat_server(Reply(["Yes."])) as server:
        load(server.url, llm_context=2048).complete([("user", "Why? " * 600)])
    assert server.requests[0]["max_tokens"] == 1048


def test_a_server_is_asked_again_when_it_wants_to_be(load, monkeypatch):
    monkeypatch.setattr(model_stream, "PAUSES_S", (0.01, 0.01))
    busy = Reply(status=429, headers={"Retry-After": "0.4"})
    with chat_server(busy, Reply(["Yes."])) as server:
        started = time.perf_counter()
        assert load(server.url).complete(ASKED) == "Yes."
    assert time.perf_counter() - started >= 0.4


def test_a_server_that_wants_to_be_left_alone_for_long_is(load, monkeypatch):
    monkeypatch.setattr(model_stream, "PAUSES_S", (0.01, 0.01))
    busy = Reply(status=429, headers={"Retry-After": "600"})
    with chat_server(busy) as server, pytest.raises(ChatModelError) as raised:
        load(server.url).complete(ASKED)
    assert raised.value.kind is Trouble.BUSY
    assert len(server.requests) == 1


@pytest.mark.parametrize("refused", [False, True])
def test_a_server_that_does_not_stream_answers_at_once(load, refused):
    def answer(request):
        if refused and request.get("stream"):
            return Reply(status=400, says="stream is not supported")
        return Reply(["Yes", " indeed."], whole=True)

    with chat_server(answer=answer) as server:
        model = load(server.url)
        assert model.complete(ASKED) == "Yes indeed."
        assert model.complete(ASKED) == "Yes indeed."
    assert [bool(one.get("stream")) for one in server.requests] == [True, False, False]


def test_a_server_that_does_not_stream_is_asked_again_when_it_is_busy(load, monkeypatch):
    monkeypatch.setattr(model_stream, "PAUSES_S", (0.01, 0.01))
    whole = Reply(["Yes."], whole=True)
    with chat_server(whole, Reply(status=503), whole) as server:
        assert load(server.url).complete(ASKED) == "Yes."
    assert [bool(one.get("stream")) for one in server.requests] == [True, False, False]


def test_an_answer_need_not_say_that_it_ended(load):
    with chat_server(Reply(["Yes [1]."], silent_end=True)) as server:
        assert load(server.url).complete(ASKED) == "Yes [1]."


@pytest.mark.parametrize(
    "pieces",
    [
        ["<think>Hm.</think>", "Yes."],
        ["<thinking>Hm.</thinking>", "Yes."],
        ["[THINK]Hm.[/THINK]", "Yes."],
        ["Yes<think>Is it? It is.</think>", "."],
        ["Hm, let me see. [1]", "</think>", "Yes."],
        ["<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant", "<|channel|>final",
         "<|message|>Yes.<|return|>"],
        ["analysisHm, let me see.", "assistantfinal", "Yes."],
    ],
)  # fmt: skip
def test_thinking_is_no_part_of_an_answer_in_whatever_form(load, pieces):
    for cut in (pieces, list("".join(pieces))):
        with chat_server(Reply(cut)) as server:
            assert load(server.url).complete(ASKED).strip() == "Yes."


def test_a_model_that_thought_unannounced_is_known_to(load):
    with chat_server(Reply(["Hm. ", "</think>", "Yes."])) as server:
        model = load(server.url)
        assert RESTART in "".join(model.stream(ASKED))
        assert "".join(model.stream(ASKED)) == "Yes."
        server.replies = [Reply(["No thought."])]
        assert "".join(model.stream(ASKED)) == "No thought."


def test_reasoning_of_its_own_field_is_not_shown_and_is_no_silence(load):
    thoughts = [{"reasoning_content": "Hm."}] * 4
    with chat_server(Reply(["Yes."], deltas=thoughts, slow=0.25)) as server:
        assert load(server.url, llm_timeout=0.1, llm_first_timeout=0.6).complete(ASKED) == "Yes."


def test_a_model_may_be_silent_for_longer_before_its_first_word(load):
    with chat_server(Reply(["Yes."], slow=0.5)) as server:
        assert load(server.url, llm_timeout=0.1).complete(ASKED) == "Yes."


def test_the_clients_own_limit_of_silence_does_not_count(load, monkeypatch):
    monkeypatch.setenv("LANGCHAIN_OPENAI_STREAM_CHUNK_TIMEOUT_S", "0.1")
    with chat_server(Reply(["Yes."], slow=0.5)) as server:
        assert load(server.url).complete(ASKED) == "Yes."


@pytest.mark.parametrize(
    "llm",
    ["openai/gpt-oss-20b", "hf.co/Qwen/Qwen3-8B-GGUF:Q4_K_M", "meta-llama/Llama-3.3-70B:free"],
)
@pytest.mark.parametrize("provider", ["", "openai:"])
def test_names_may_have_slashes_and_colons(load, llm, provider):
    with chat_server(Reply(["Yes."])) as server:
        assert load(server.url, llm=provider + llm).complete(ASKED) == "Yes."
    assert server.requests[0]["model"] == llm


def test_a_missing_v1_is_added(load):
    with chat_server(Reply(["Yes."])) as server:
        for url in (server.url.removesuffix("/v1"), f"{server.url}/"):
            assert load(url).complete(ASKED) == "Yes."
    assert {request["path"] for request in server.requests} == {"/v1/chat/completions"}


@pytest.mark.parametrize(
    "says",
    [
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
        "the request exceeds the available context size (4096 tokens), try increasing it",
        "prompt is too long: 210000 tokens > 200000 maximum",
    ],
)
def test_a_prompt_that_is_too_long_is_told_from_other_refusals(load, says):
    refusal = Reply(status=400, says=says)
    with chat_server(refusal) as server, pytest.raises(ChatModelError) as raised:
        load(server.url).complete(ASKED)
    assert raised.value.kind is Trouble.OVERFLOW
    assert len(server.requests) == 1


def test_a_model_that_is_down_is_not_waited_for_again_until_it_is_back(load, monkeypatch):
    monkeypatch.setattr(model_stream, "PAUSES_S", ())
    monkeypatch.setattr(model_stream, "REST_S", 0.0)
    with chat_server(Reply(status=503), Reply(["Yes."])) as server:
        model = load(server.url)
        for _ in range(2):
            with pytest.raises(ChatModelError) as raised:
                model.complete(ASKED)
            assert raised.value.kind is Trouble.UNAVAILABLE
        until = time.monotonic() + 5
        while len(server.requests) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        answered = ""
        while not answered and time.monotonic() < until:
            try:
                answered = model.complete(ASKED)
            except ChatModelError:
                time.sleep(0.01)
    assert answered == "Yes."


PAGES = {
    "llama.cpp": {"/props": {"default_generation_settings": {"n_ctx": 6144}}},
    "vLLM": {"/v1/models": {"data": [{"id": "m", "max_model_len": 6144}]}},
    "Ollama": {"/api/show": {"model_info": {}, "parameters": "num_ctx   6144"}},
}


@pytest.mark.parametrize("kind", PAGES)
def test_the_context_is_what_the_server_says(load, kind):
    with chat_server(Reply(), pages=PAGES[kind]) as server:
        assert load(server.url, llm="m").context == 6144
        assert load(server.url, llm="m", llm_context=2048).context == 2048


def test_without_a_word_about_it_the_context_is_a_usual_one(load):
    with chat_server(Reply(), pages={"/v1/models": {"data": [{"id": "m"}]}}) as server:
        assert load(server.url, llm="m").context == 8192
        assert ModelServer.of("openai", "x", server.url).models() == ["m"]


PATHS = {"anthropic": "/v1/messages"}
"""The path of the requests of a provider with a protocol of its own."""

ADDRESSES = {
    "openai": ("OPENAI_BASE_URL", "/v1"),
    "anthropic": ("ANTHROPIC_BASE_URL", ""),
    "mistralai": ("MISTRAL_BASE_URL", "/v1"),
}
"""The variable by which each provider's client is sent elsewhere, and the path of its address."""


def lines_of_the_docs():
    """The settings of each line in the docs that starts the page with a chat model."""
    told = (ROOT / "docs" / "chat-models.md").read_text("utf-8")
    for line in re.findall(r"^(?:\w+=\S+ )+(?=\.venv/bin/python app\.py)", told, re.MULTILINE):
        given = dict(one.split("=", 1) for one in line.split())
        yield pytest.param(given, id=given["ASSISTANT_LLM"])


def test_the_docs_have_a_line_for_each_kind_of_server():
    told = [one.id for one in lines_of_the_docs()]
    assert {one.partition(":")[0] for one in told if ":" in one} >= set(ADDRESSES)
    assert len(told) == 6


@pytest.mark.parametrize("given", list(lines_of_the_docs()))
def test_a_line_of_the_docs_reaches_the_model_that_it_names(load, given, monkeypatch):
    """As the docs have it, but for host and port."""
    provider, _, model = given["ASSISTANT_LLM"].partition(":")
    with chat_server(Reply(["Yes", "."])) as server:
        place = server.url.removesuffix("/v1")
        address = None
        if "ASSISTANT_LLM_BASE_URL" in given:
            address, provider, model = place, "", given["ASSISTANT_LLM"]
        else:
            variable, path = ADDRESSES[provider]
            monkeypatch.setenv(variable, place + path)
            monkeypatch.setenv(KEYS[provider], "a-key")
            assert KEYS[provider] in given
        assert load(address, given["ASSISTANT_LLM"]).complete(ASKED) == "Yes."
    request = server.requests[-1]
    assert (request["model"], request["stream"]) == (model, True)
    assert request["path"] == PATHS.get(provider, "/v1/chat/completions")
    assert "Be short." in str(request)
    if provider:
        assert "a-key" in str(server.keys[-1])


@pytest.mark.parametrize("provider", ["anthropic", "mistralai"])
@pytest.mark.parametrize(
    ("status", "says", "kind"),
    [
        (401, "invalid x-api-key", Trouble.UNAUTHORISED),
        (404, "model: some-model", Trouble.REJECTED),
        (400, "prompt is too long: 210000 tokens > 200000 maximum", Trouble.OVERFLOW),
    ],
)
def test_failures_of_other_clients_are_told_apart_too(
    load, provider, status, says, kind, monkeypatch
):
    variable, path = ADDRESSES[provider]
    monkeypatch.setenv(KEYS[provider], "a-key")
    with chat_server(Reply(status=status, says=says)) as server:
        monkeypatch.setenv(variable, server.url.removesuffix("/v1") + path)
        with pytest.raises(ChatModelError) as raised:
            load(None, f"{provider}:some-model").complete(ASKED)
    assert raised.value.kind is kind

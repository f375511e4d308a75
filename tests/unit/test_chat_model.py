import logging
import os
import socket
import sys
import threading
import time

import pytest

from assistant.answer.write import model_stream
from assistant.answer.write.chat_model import load_chat_model
from assistant.support.errors import ChatModelError, ModelError, SettingsError, Trouble
from assistant.support.settings import Settings
from tests.support.chat_server import Reply, chat_server

ASKED = [("system", "Be short."), ("user", "Why?")]
KEY = "sk-a-very-secret-key"


@pytest.fixture(autouse=True)
def _no_key_or_proxy(monkeypatch):
    for name in list(os.environ):
        if name.endswith("_API_KEY") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(model_stream, "PAUSES_S", (0.01, 0.01))


@pytest.fixture
def load():
    """Loads a model at an address, and closes it when the test is over."""
    loaded = []

    def load(url, timeout=10.0, llm="some-model", first=None):
        settings = Settings(
            llm=llm, llm_base_url=url, llm_timeout=timeout, llm_first_timeout=first or timeout
        )
        loaded.append(load_chat_model(settings))
        return loaded[-1]

    yield load
    for model in loaded:
        model.close()


def trouble(model):
    with pytest.raises(ChatModelError) as raised:
        model.complete(ASKED)
    return raised.value.kind


def test_the_text_comes_piece_by_piece_from_the_named_model(load):
    with chat_server(Reply(["Because ", "it ", "is."])) as server:
        pieces = [piece for piece in load(server.url).stream(ASKED) if piece]
    assert pieces == ["Because ", "it ", "is."]
    (request,) = server.requests
    assert (request["model"], request["stream"]) == ("some-model", True)
    assert request["path"] == "/v1/chat/completions"
    assert [message["role"] for message in request["messages"]] == ["system", "user"]


def test_several_questions_are_answered_at_once(load):
    with chat_server(Reply(["One."])) as server:
        model = load(server.url)
        texts = []
        threads = [
            threading.Thread(target=lambda: texts.append(model.complete(ASKED))) for _ in range(5)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert texts == ["One."] * 5


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=401), Trouble.UNAUTHORISED),
        (Reply(status=403), Trouble.UNAUTHORISED),
        (Reply(status=400), Trouble.REJECTED),
        (Reply(status=404), Trouble.REJECTED),
        (Reply(["Half an"], cut=True), Trouble.BROKEN),
        (Reply(["Half an"], silent_end=True), Trouble.CUT),
        (Reply(["Half an"], reason="length"), Trouble.CUT),
        (Reply(["Half an"], malformed=True), Trouble.BROKEN),
        (Reply(), Trouble.EMPTY),
        (Reply(["  ", "\n"]), Trouble.EMPTY),
        (Reply(["<think>Hm.</think>"]), Trouble.EMPTY),
        (Reply(["It goes round. "] * 300), Trouble.LOOPING),
        (Reply([f"Number {i} is {i * i}. " for i in range(2_000)]), Trouble.LOOPING),
    ],
)
def test_each_failure_has_its_kind_and_is_not_tried_again(load, reply, kind):
    with chat_server(reply) as server:
        assert trouble(load(server.url)) is kind
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, Trouble.BUSY), (500, Trouble.UNAVAILABLE), (503, Trouble.UNAVAILABLE)],
)
def test_a_busy_or_failing_server_is_asked_again_a_few_times(load, quick, status, kind):
    with chat_server(Reply(status=status)) as server:
        assert trouble(load(server.url)) is kind
    assert len(server.requests) == 3


def test_a_server_that_is_busy_once_answers_the_second_time(load, quick):
    with chat_server(Reply(status=429), Reply(["Yes."])) as server:
        assert load(server.url).complete(ASKED) == "Yes."
    assert len(server.requests) == 2


def test_a_server_that_hangs_up_before_a_word_is_asked_again(load, quick):
    with chat_server(Reply(cut=True), Reply(["Yes."])) as server:
        assert load(server.url).complete(ASKED) == "Yes."


def test_nobody_there_is_unavailable(load, quick):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/v1"
        assert trouble(load(url)) is Trouble.UNAVAILABLE


def test_a_server_that_accepts_and_says_nothing_times_out(load):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        started = time.perf_counter()
        model = load(f"http://127.0.0.1:{deaf.getsockname()[1]}/v1", timeout=0.3)
        assert trouble(model) is Trouble.TIMEOUT
        assert time.perf_counter() - started < 5


def test_a_server_that_falls_silent_times_out_and_is_hung_up_on(load):
    with chat_server(Reply(["Well, "], hang=True)) as server:
        assert trouble(load(server.url, timeout=0.3)) is Trouble.TIMEOUT
        assert server.dropped.wait(5)


def test_closing_the_stream_cancels_the_request(load):
    with chat_server(Reply(["Well, "], hang=True)) as server:
        pieces = load(server.url).stream(ASKED)
        assert next(pieces) == "Well, "
        assert server.reached.wait(5)
        pieces.close()
        assert server.dropped.wait(5)


def test_a_silent_model_gives_empty_pieces_so_that_its_reader_may_stop(load, monkeypatch):
    monkeypatch.setattr(model_stream, "BEAT_S", 0.05)
    with chat_server(Reply(["Well, "], hang=True)) as server:
        pieces = load(server.url).stream(ASKED)
        assert next(piece for piece in pieces if piece) == "Well, "
        assert next(pieces) == ""
        pieces.close()


def test_closing_the_model_ends_its_thread_and_the_answers_under_way(load):
    with chat_server(Reply(["Well, "], hang=True)) as server:
        model = load(server.url)
        pieces = model.stream(ASKED)
        assert next(pieces) == "Well, "
        model.close()
        with pytest.raises(ChatModelError):
            list(pieces)


def test_what_a_model_thinks_aloud_is_no_part_of_its_answer(load):
    with chat_server(Reply(["<thi", "nk>Let me see", ".</th", "ink>\n\nYes", "."])) as server:
        assert load(server.url).complete(ASKED).strip() == "Yes."


def test_a_server_of_ones_own_needs_no_key_and_gets_that_of_the_environment(load, monkeypatch):
    with chat_server(Reply(["Yes."])) as server:
        load(server.url).complete(ASKED)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        load(server.url).complete(ASKED)
    assert server.keys == ["Bearer none", f"Bearer {KEY}"]


def test_no_error_or_log_repeats_the_key(load, monkeypatch, caplog):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    with chat_server(Reply(status=401, echo=True)) as server:
        model = load(server.url)
        with pytest.raises(ChatModelError) as raised:
            model.complete(ASKED)
        logging.getLogger("test").exception("Failed", exc_info=raised.value)
    assert f"Bearer {KEY}" in server.keys
    assert "401" in str(raised.value)
    assert "127.0.0.1" in str(raised.value)
    ours = [r for r in caplog.records if r.name.startswith(("assistant", "test"))]
    assert KEY not in "".join(f"{r.getMessage()}{r.exc_text}" for r in ours)
    assert KEY not in repr(raised.getrepr())


def test_a_proxy_of_the_environment_does_not_see_what_is_meant_for_this_machine(load, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with chat_server(Reply(["Yes."])) as server:
        assert load(server.url).complete(ASKED) == "Yes."


@pytest.mark.parametrize("llm", ["", "gpt-5-mini", "openai:", ":x"])
def test_a_setting_that_names_no_model_is_refused(llm):
    with pytest.raises(SettingsError, match="provider:model"):
        load_chat_model(Settings(llm=llm or None))


def test_an_address_must_be_one_of_the_web():
    with pytest.raises(SettingsError, match="http://"):
        load_chat_model(Settings(llm="m", llm_base_url="localhost:8000"))


@pytest.mark.parametrize(
    ("llm", "remedy"),
    [("mistralai:mistral-small", r"'\.\[mistralai\]'"), ("groq:llama", "langchain-groq")],
)
def test_a_missing_package_is_named_with_its_remedy(llm, remedy, monkeypatch):
    module = "langchain_mistralai" if llm.startswith("mistral") else "langchain_groq"
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModelError, match=remedy):
        load_chat_model(Settings(llm=llm))


def test_a_missing_key_is_named_by_its_variable():
    with pytest.raises(ModelError, match="OPENAI_API_KEY"):
        load_chat_model(Settings(llm="openai:gpt-5-mini"))


def test_an_unknown_provider_is_refused():
    with pytest.raises(ModelError, match="nobody"):
        load_chat_model(Settings(llm="nobody:model"))


def test_the_name_of_a_model_on_ones_own_server_may_hold_a_colon(load):
    with chat_server(Reply(["Yes."])) as server:
        load(server.url, llm="qwen3:8b").complete(ASKED)
        load(server.url, llm="openai:qwen3:8b").complete(ASKED)
    assert [request["model"] for request in server.requests] == ["qwen3:8b"] * 2

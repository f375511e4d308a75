"""What is known of the chat model before the first question."""

import json
import logging
import threading

import pytest

from assistant.access import Principal
from assistant.answer.write.model_server import on_this_machine
from assistant.assistant import Assistant
from assistant.cli import main
from assistant.support.settings import Settings
from assistant.web.app import _look_for_chat_model
from tests.support.chat_server import PATIENCE_S, Reply, chat_server

MODELS = {"/v1/models": {"data": [{"id": "qwen3:latest", "max_model_len": 6144}, {"id": "phi"}]}}


@pytest.fixture
def doctor(capsys, tmp_path, monkeypatch):
    """Runs ``doctor --llm`` for a model at an address; gives its exit status and its finding."""

    def doctor(url, llm="qwen3:latest"):
        monkeypatch.setenv("ASSISTANT_LLM", llm)
        monkeypatch.setenv("ASSISTANT_LLM_BASE_URL", url)
        status = main(["doctor", "--llm", "--json", "--data", str(tmp_path)])
        (finding,) = json.loads(capsys.readouterr().out)["checks"]
        return status, finding

    return doctor


def test_doctor_asks_the_model_something_and_times_it(doctor):
    said = Reply([f"Source number {n} says so [S{n}]. " for n in range(1, 9)])
    with chat_server(said, pages=MODELS) as server:
        status, finding = doctor(server.url)
    assert (status, finding["ok"]) == (0, True)
    assert "6,144 tokens of context, first word after" in finding["note"]
    assert "tokens a second" in finding["note"]
    assert "[S40]" in server.prompt


def test_doctor_lists_the_models_that_a_server_has_instead(doctor):
    with chat_server(Reply(status=404), pages=MODELS) as server:
        status, finding = doctor(server.url, "gwen")
    assert status == 1
    assert "phi, qwen3:latest" in finding["remedy"]


def test_doctor_says_that_no_model_is_set(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("ASSISTANT_LLM", raising=False)
    assert main(["doctor", "--llm", "--data", str(tmp_path)]) == 0
    assert "None is set" in capsys.readouterr().out


def test_models_of_this_machine_are_found():
    with chat_server(Reply(), pages=MODELS) as server:
        place = server.url.removesuffix("/v1")
        assert list(on_this_machine([place])) == [
            f"ASSISTANT_LLM=phi ASSISTANT_LLM_BASE_URL={server.url}",
            f"ASSISTANT_LLM=qwen3:latest ASSISTANT_LLM_BASE_URL={server.url}",
        ]


@pytest.fixture
def served(tmp_path):
    """Makes an assistant with a chat model at an address."""

    def served(llm, url):
        corpus = tmp_path / "corpus"
        corpus.mkdir()
        settings = Settings(corpus=corpus, data=tmp_path / "data", llm=llm, llm_base_url=url)
        return Assistant(settings)

    return served


def test_a_server_warns_of_a_wrong_name_until_it_is_right(served, caplog):
    pages = {"/v1/models": {"data": [{"id": "phi"}]}}
    with chat_server(Reply(), pages=pages) as server, caplog.at_level(logging.WARNING):
        assistant = served("qwen3", server.url)
        assert "phi" in assistant.look_for_chat_model()
        assert "It has: phi" in assistant.status().chat_model
        looking = threading.Thread(target=_look_for_chat_model, args=(assistant, 0.01), daemon=True)
        looking.start()
        server.pages = MODELS
        looking.join(PATIENCE_S)
    assert not looking.is_alive()
    assert server.requests == []
    assert assistant.status().chat_model == ""


@pytest.mark.parametrize("llm", ["qwen3", "phi"])
def test_a_server_says_nothing_of_a_model_that_is_there(served, llm, caplog):
    with chat_server(Reply(), pages=MODELS) as server, caplog.at_level(logging.WARNING):
        _look_for_chat_model(served(llm, server.url))
    assert caplog.text == ""


def test_a_model_that_cannot_be_reached_is_told_to_who_sees_everything(served):
    assistant = served("m", "http://127.0.0.1:9/v1")
    assert "cannot be reached" in assistant.look_for_chat_model()
    assert "cannot be reached" in assistant.status().chat_model
    visitor = assistant.seen_by(Principal("v", frozenset()))
    assert visitor.status().chat_model == ""

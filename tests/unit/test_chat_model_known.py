"""What is known of the chat model before the first question."""

import json
import logging

import pytest

from assistant.answer.write.model_server import on_this_machine
from assistant.cli import main
from assistant.support.settings import Settings
from assistant.web.app import _look_for_chat_model
from tests.support.chat_server import Reply, chat_server

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


@pytest.mark.parametrize(
    ("llm", "told"), [("gwen", "phi, qwen3:latest"), ("qwen3", ""), ("phi", "")]
)
def test_a_server_warns_of_a_wrong_name(llm, told, caplog):
    with chat_server(Reply(), pages=MODELS) as server, caplog.at_level(logging.WARNING):
        _look_for_chat_model(Settings(llm=llm, llm_base_url=server.url))
    assert server.requests == []
    assert told in caplog.text
    assert bool(caplog.text) == bool(told)


def test_a_server_warns_of_a_model_that_cannot_be_reached(caplog):
    with caplog.at_level(logging.WARNING):
        _look_for_chat_model(Settings(llm="m", llm_base_url="http://127.0.0.1:9/v1"))
    assert "cannot be reached" in caplog.text

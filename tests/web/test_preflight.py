import os
import re
import socket
from contextlib import closing

import pytest

from assistant.cli import main
from assistant.models.article import Article
from assistant.store.library import Library
from assistant.support.errors import SettingsError
from assistant.support.settings import Settings
from assistant.web.server import preflight

NOT_INSTALLED = {"langchain_mistralai", "langchain_google_genai"}


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.endswith("_API_KEY"):
            monkeypatch.delenv(name)


@pytest.fixture
def fine(corpus, tmp_path):
    """Settings with which nothing is wrong."""
    return {"corpus": corpus, "data": tmp_path / "data", "port": 0}


def problems(fine, **changed):
    return preflight.problems(Settings(**{**fine, **changed}))


def test_nothing_is_wrong_with_what_can_start(fine):
    assert problems(fine) == []


def test_a_missing_corpus_is_wrong_unless_a_library_answers(fine, tmp_path):
    gone = tmp_path / "gone"
    (problem,) = problems(fine, corpus=gone)
    assert problem.startswith(f"ASSISTANT_CORPUS={gone}: ")
    with closing(Library(fine["data"])) as library:
        (empty,) = problems(fine, corpus=gone)
        assert "no library with articles" in empty
        with library.change():
            library.put_article(Article("Title", "A text.", "en", "a.txt"), [])
    assert problems(fine, corpus=gone) == []
    (fine["data"] / "library.sqlite3").write_bytes(b"damaged")
    assert problems(fine, corpus=gone) == []  # its own error says so


def test_a_picture_that_is_not_there_is_named(fine, tmp_path):
    logo = tmp_path / "logo.svg"
    (problem,) = problems(fine, logo=logo)
    assert problem.startswith(f"ASSISTANT_LOGO={logo}: there is no such file")
    logo.touch()
    assert problems(fine, logo=logo) == []


@pytest.mark.parametrize("name", ["data", "cache"])
def test_a_folder_that_cannot_be_written_is_named(fine, tmp_path, name):
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "folder"
    (problem,) = problems(fine, **{name: folder})
    assert problem.startswith(f"ASSISTANT_{name.upper()}={folder}: nothing can be written")


def test_a_taken_port_is_named(fine):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (problem,) = problems(fine, port=port)
    assert str(port) in problem
    assert "ASSISTANT_PORT" in problem


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"llm": "gpt"}, "provider:model"),
        ({"llm": "openai:gpt"}, "OPENAI_API_KEY"),
        ({"llm": "m", "llm_base_url": "localhost:1"}, "http://"),
        ({"llm": "mistralai:small"}, "'.[mistralai]'"),
        ({"llm": "nobody:model"}, "no provider 'nobody'"),
        ({"llm": "google_genai:model"}, "pip install langchain-google-genai"),
        ({"embedding_model": "/no/such/model"}, "ASSISTANT_EMBEDDING_MODEL=/no/such/model"),
        ({"reranker": "./no-such-model"}, "ASSISTANT_RERANKER=./no-such-model"),
        ({"ocr": "on"}, "ASSISTANT_OCR=on"),
    ],
)
def test_what_a_setting_needs_and_is_not_there_is_named(fine, monkeypatch, changed, told):
    monkeypatch.setenv("PATH", "")
    found = preflight.importlib.util.find_spec
    monkeypatch.setattr(
        "assistant.answer.write.chat_model.find_spec",
        lambda name: None if name in NOT_INSTALLED else found(name),
    )
    (problem,) = problems(fine, **changed)
    assert told in problem


@pytest.mark.parametrize(
    "changed",
    [
        {"llm": "m", "llm_base_url": "http://127.0.0.1:1"},
        {"llm": "langsmith:model"},  # its key is looked for when it is loaded
        {"embedding_model": "owner/model"},  # may be on a hub
    ],
)
def test_what_can_only_be_known_later_is_no_obstacle(fine, changed):
    assert problems(fine, **changed) == []


def test_malformed_unknown_and_missing_are_told_at_once_one_a_line(
    fine, tmp_path, monkeypatch, capsys
):
    for name, value in {
        "LOG_LEVEL": "loud", "STRICTNESS": "9", "COLOUR": "red", "LLM": "openai:gpt",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"ASSISTANT_{name}", value)
    (tmp_path / "file").touch()
    data = tmp_path / "file" / "data"
    corpus = tmp_path / "gone"
    assert main(["serve", "--corpus", str(corpus), "--data", str(data), "--port", "0"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith("error: ") for line in lines)
    named = [re.search(r"ASSISTANT_[A-Z_]+[A-Z]", line)[0] for line in lines]
    assert sorted(named) == sorted(
        f"ASSISTANT_{name}"
        for name in ("COLOUR", "LOG_LEVEL", "STRICTNESS", "CORPUS", "DATA", "LLM")
    )


def test_well_formed_settings_that_cannot_serve_fail_with_1(fine, capsys, tmp_path):
    flags = ["--corpus", str(tmp_path / "gone"), "--data", str(fine["data"]), "--port", "0"]
    assert main(["serve", *flags]) == 1
    assert "ASSISTANT_CORPUS" in capsys.readouterr().err


def test_what_is_malformed_is_not_looked_at(fine):
    with pytest.raises(SettingsError) as raised:
        Settings(**{**fine, "port": 99_999, "corpus": "gone"})
    (problem,) = preflight.problems_beside(raised.value, {**fine, "port": 99_999, "corpus": "gone"})
    assert problem.startswith("ASSISTANT_CORPUS=gone")

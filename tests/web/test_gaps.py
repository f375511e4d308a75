"""What the articles lack: questions kept where that is on, grouped, and shown to administrators."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.access.accounts import User
from assistant.access.accounts_file import AccountsFile
from assistant.assistant import Assistant
from assistant.cli import main
from assistant.embedding import Embedder
from assistant.models.answer import Answer, Certainty, Part
from assistant.search.gaps import grouped
from assistant.store.feedback import FeedbackLog, Opinion
from assistant.store.gap_log import FILE, GapLog
from assistant.support.settings import Settings
from tests.support.access import KEPT, PASSWORD
from tests.support.tiny import TinyEmbedder
from tests.support.web import serving

TEA = "The tea kitchen of the office is cleaned on Monday and on Thursday by everyone."
LACKING = "Who painted the ceiling of the chapel?"


def entry(question: str, lack: str = "refused", time: str = "2026-11-30") -> dict[str, str]:
    return {"question": question, "lack": lack, "time": time}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "tea.txt").write_text(TEA)
    return Settings(corpus=tmp_path / "corpus", data=tmp_path / "data", strictness=1.0)


def served(settings: Settings) -> Iterator[httpx.Client]:
    made = Assistant(settings, TinyEmbedder())
    made.sync()
    with (
        serving(made, data=settings.data, log_questions=settings.log_questions) as address,
        httpx.Client(base_url=address, timeout=30) as client,
    ):
        yield client
    made.close()


@pytest.fixture
def web(settings: Settings) -> Iterator[httpx.Client]:
    yield from served(settings.model_copy(update={"log_questions": True}))


@pytest.fixture
def silent(settings: Settings) -> Iterator[httpx.Client]:
    yield from served(settings)


def test_questions_that_were_refused_are_kept_without_who_asked(
    web: httpx.Client, settings: Settings
) -> None:
    assert web.post("api/ask", json={"question": LACKING}).json()["refused"]
    assert web.post("api/ask", json={"question": "Hello!"}).json()["certainty"] == "sure"
    (kept,) = GapLog(settings.data).entries()
    assert set(kept) == {"id", "time", "question", "language", "lack"}
    assert (kept["question"], kept["lack"]) == (LACKING, "refused")
    page = web.get("gaps")
    assert LACKING in page.text
    assert (settings.data / FILE).stat().st_mode & 0o077 == 0


def test_nothing_is_kept_unless_it_is_on(silent: httpx.Client, settings: Settings) -> None:
    assert silent.post("api/ask", json={"question": LACKING}).json()["refused"]
    assert not (settings.data / FILE).exists()
    assert "ASSISTANT_LOG_QUESTIONS=on" in silent.get("gaps").text


def test_only_administrators_see_them(settings: Settings, tmp_path: Path) -> None:
    accounts = AccountsFile(tmp_path / "users.json")
    accounts.change(lambda a: a.with_user("ben", User(KEPT, may_edit=True)))
    accounts.change(lambda a: a.with_user("root", User(KEPT, is_admin=True)))
    made = Assistant(settings, TinyEmbedder())
    made.sync()
    with serving(made, users=Path(accounts.name)) as address:
        for name, status in (("ben", 403), ("root", 200)):
            with httpx.Client(base_url=address, timeout=30) as client:
                client.post("login", data={"name": name, "password": PASSWORD})
                assert client.get("gaps").status_code == status
                assert ("/gaps" in client.get("articles").text) == (status == 200)
    made.close()


def test_the_unsure_parts_of_a_question_are_kept(tmp_path: Path) -> None:
    parts = (Part("Who?", Certainty.SURE, (1,)), Part("When?", Certainty.UNSURE, (2,)))
    log = GapLog(tmp_path)
    log.add(Answer("Who, and when?", "en", False, "", parts=parts))
    log.add(Answer("And she?", "en", True, "", certainty=Certainty.NONE, understood="Who is Eva?"))
    assert [(one["question"], one["lack"]) for one in log.entries()] == [
        ("When?", "unsure"),
        ("Who is Eva?", "refused"),
    ]


def test_questions_that_are_alike_are_one_group_with_counts(embedder: Embedder) -> None:
    found = grouped(
        [
            entry("What is the Wi-Fi password?"),
            entry("Who is the head of finance?", "unsure"),
            entry("What is the  Wi-Fi password?", "down", "2026-12-01"),
            entry("wifi password for guests?"),
            entry("Quel est le mot de passe du wifi ?"),
        ],
        embedder,
    )
    assert [gap.to_json() for gap in found] == [
        {
            "question": "What is the Wi-Fi password?", "count": 4, "refused": 3, "unsure": 0,
            "down": 1, "last": "2026-12-01",
            "questions": [
                "What is the Wi-Fi password?", "wifi password for guests?",
                "Quel est le mot de passe du wifi ?",
            ],
        },
        {
            "question": "Who is the head of finance?", "count": 1, "refused": 0, "unsure": 1,
            "down": 0, "last": "2026-11-30", "questions": ["Who is the head of finance?"],
        },
    ]  # fmt: skip


def test_the_command_exports_them_with_what_readers_found_unhelpful(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("ASSISTANT_LOG_QUESTIONS", "on")
    FeedbackLog(settings.data).add(Opinion("Why so?", "So.", (), "down"))
    GapLog(settings.data).add(Answer(LACKING, "en", True, "", certainty=Certainty.NONE))
    folders = ["--corpus", str(settings.corpus), "--data", str(settings.data), "--json"]
    assert main(["gaps", *folders]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {(one["question"], one["refused"], one["down"]) for one in told} == {
        (LACKING, 1, 0),
        ("Why so?", 0, 1),
    }
    assert main(["gaps", "--clear", *folders]) == 0
    assert json.loads(capsys.readouterr().out) == {"cleared": 1}

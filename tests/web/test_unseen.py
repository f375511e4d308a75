"""Characters that nobody sees in what visitors write, and what visitors are not told."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.access import ANYONE, Principal
from assistant.assistant import Assistant
from assistant.models.status import UNTOLD
from assistant.store.feedback import FeedbackLog
from assistant.support.errors import LibraryError
from assistant.support.settings import Settings
from assistant.support.unseen import printable, visible
from assistant.web.api.errors import RefusedError
from assistant.web.chat.escaping import escape
from assistant.web.chat.said import Said, write
from assistant.web.gate.bodies import mended
from tests.support.asking import ask_as_browser, call_as_browser
from tests.support.fakes import FakeAssistant
from tests.support.tiny import TinyEmbedder
from tests.support.web import serving

AS_JSON = {"content-type": "application/json"}
UNSAFE = re.compile("[\\x00-\\x08\\x0e-\\x1f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")
ODD = "Why did\u202e\ud800\x1b[31m\x07 tensions\u2028rise?"


def test_a_message_of_any_characters_is_answered_and_shown_safely(tmp_path: Path) -> None:
    kept = write([Said("user", ODD, ODD), Said("assistant", ODD, ODD, "en", (), "complete")])
    keeping = FakeAssistant(feedback=FeedbackLog(tmp_path))
    with serving(keeping) as address, httpx.Client(base_url=address, timeout=20) as web:
        for body in (
            {"question": ODD},
            {"question": "Why?", "history": [{"role": "user", "content": ODD}]},
        ):
            response = web.post("api/ask", content=json.dumps(body), headers=AS_JSON)
            assert response.status_code == 200
            assert not UNSAFE.search(response.json()["question"])
        shown = ask_as_browser(web, ODD, kept)
        assert not UNSAFE.search(json.dumps(shown, ensure_ascii=False))
        assert "tensions" in shown[-1][0]["content"][0]["text"]
        thumb = {"question": ODD, "answer": ODD, "citations": [], "thumb": "up", "reason": ODD}
        assert web.post("feedback", content=json.dumps(thumb), headers=AS_JSON).status_code == 200


@pytest.mark.parametrize("body", ['{"question": "Why?"}'.encode("utf-16"), b'{"question": "\xe9"}'])
def test_json_is_read_in_utf_8_alone(body: bytes) -> None:
    with serving(FakeAssistant()) as address:
        response = httpx.post(f"{address}api/ask", content=body, headers=AS_JSON)
    assert response.status_code == 400


@pytest.mark.parametrize("text", [ODD, "\u2066a\x00b\ufeff"])
def test_a_terminal_and_a_log_obey_nothing_in_a_title(text: str) -> None:
    for made in (printable(text), visible(text)):
        assert not re.search("[\x00-\x08\x0e-\x1f\u202a-\u202e\u2066-\u2069]", made)
    assert not UNSAFE.search(escape(text))


def test_a_visitor_is_not_told_why_the_articles_cannot_be_read(tmp_path: Path) -> None:
    settings = Settings(corpus=tmp_path / "secret-place", data=tmp_path / "data")
    with closing(Assistant(settings, TinyEmbedder())) as made:
        made.start_sync()
        made._worker._background.join()
        assert "secret-place" in (made.status().error or "")
        for visitor in (ANYONE, Principal("anna", frozenset({"staff"}))):
            assert made.seen_by(visitor).status().error == UNTOLD


def test_the_page_does_not_tell_a_path_of_the_server() -> None:
    class Broken(FakeAssistant):
        def status(self) -> Any:
            raise LibraryError("/srv/secret/library.sqlite3 is damaged")

    with serving(Broken()) as address, httpx.Client(base_url=address, timeout=20) as web:
        (filled,) = call_as_browser(web, "load", [])
    assert "log" in json.dumps(filled)
    assert "secret" not in json.dumps(filled)


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        (rb'"a\ud800b"', "a\ufffdb"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\\ud800"', r"\ud800"),
        (rb'"\udc00\ud800"', "\ufffd\ufffd"),
        (rb'"\ud800\ud83d\ude00"', "\ufffd\U0001f600"),
    ],
)
def test_half_a_character_is_mended_before_anyone_reads_it(body: bytes, meant: str) -> None:
    assert json.loads(mended(body)) == meant


@pytest.mark.parametrize("body", [b"a\\", b"\\ud8\\", b"\\n" * 9 + b"\\ud8zz", b"\\" * 99_999])
def test_what_is_no_json_passes(body: bytes) -> None:
    assert len(mended(body)) >= len(body)


def test_a_body_full_of_half_characters_is_refused() -> None:
    with pytest.raises(RefusedError):
        mended(rb"\ud800" * 40_000)

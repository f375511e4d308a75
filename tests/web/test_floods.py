"""A visitor who floods the server, over real HTTP: the others are answered, nothing is kept."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from assistant.assistant import Assistant
from assistant.web.chat import mailboxes, page
from assistant.web.chat.filter_row import NOTHING
from assistant.web.chat.mailboxes import Mailboxes
from benchmarks import flood
from benchmarks.hostile import KINDS
from tests.support.asking import QUESTION, ask_as_browser
from tests.support.fakes import FakeAssistant
from tests.support.web import serving

PATIENCE_S = 20


@pytest.mark.slow  # a second for each kind
def test_the_others_are_answered_during_every_flood(assistant: Assistant) -> None:
    options = argparse.Namespace(questions=2, pause=0.3, per_second=5, seed=0, only=None)
    told = {"public": True, "proxy_addresses": ("127.0.0.1",)}
    with serving(assistant, **told) as address:
        measured = asyncio.run(flood.measure(address, options))
    floods = measured["floods"]
    assert floods.keys() == KINDS.keys()
    for kind, found in floods.items():
        assert (found["failed"], found["count"]) == (0, 2), kind
        assert found["times_the_quiet_p95"] > 0
        assert not any(status in found["statuses"] for status in ("500", "502")), kind
    for kind in ("values", "brackets", "halves"):
        assert set(floods[kind]["statuses"]) <= {"400", "413", "429", "none"}


def test_answers_that_nobody_collects_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "UNREAD_S", 0.5)
    made: list[Mailboxes] = []

    class Watched(Mailboxes):
        def __init__(self, queue: Any) -> None:
            super().__init__(queue)
            made.append(self)

    monkeypatch.setattr(page, "Mailboxes", Watched)
    with serving(FakeAssistant()) as address, httpx.Client(base_url=address, timeout=20) as web:
        (boxes,) = made
        config = web.get("config").json()["dependencies"]
        event = next(one["id"] for one in config if "example_select" in str(one["targets"]))
        kept = json.dumps([{"role": "user", "html": "word " * 10_000, "text": "Why?"}])
        for number in range(5):
            join = {"fn_index": event, "session_hash": f"unread{number}"}
            web.post("gradio_api/queue/join", json={**join, "data": [QUESTION, kept, *NOTHING]})
        assert boxes
        answered = ask_as_browser(web, QUESTION, "")  # a reader's are not
        assert "tensions" in answered[-1][-1]["content"][0]["text"]
        deadline = time.monotonic() + PATIENCE_S
        while any(name.startswith("unread") for name in boxes) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not [name for name in boxes if name.startswith("unread")]
        assert boxes.bytes < 50_000
        heard = web.get("gradio_api/queue/data", params={"session_hash": "unread0"})
        assert '"session_not_found":true' in heard.text


def test_a_session_that_is_not_known_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with serving(FakeAssistant()) as address:
        heard = httpx.get(f"{address}gradio_api/queue/data?session_hash=nobody", timeout=20)
    assert '"session_not_found":true' in heard.text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]

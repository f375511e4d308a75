"""The chat, the interface and agents wait in one queue, and each is told in its way."""

from __future__ import annotations

import html
import json
import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import httpx
import pytest
from gradio_client import Client

from assistant.models.answer import Answer
from assistant.models.filters import EVERYTHING
from assistant.web import app
from assistant.web.gate import clients
from assistant.web.turns import workers
from tests.support.asking import ask_as_browser
from tests.support.fakes import FakeAssistant
from tests.support.web import serving

QUESTION = "Pourquoi les tensions montent ?"
CANARY = "kAnArY7bird0"
MCP = {
    "jsonrpc": "2.0", "id": 1, "method": "tools/call",
    "params": {"name": "ask", "arguments": {"question": QUESTION}},
}  # fmt: skip
AGENT = {"accept": "application/json, text/event-stream"}

Ask = Callable[[httpx.Client], tuple[int, str]]


def api(web: httpx.Client) -> tuple[int, str]:
    response = web.post("api/ask", json={"question": QUESTION})
    return response.status_code, response.text


def openai(web: httpx.Client) -> tuple[int, str]:
    said = [{"role": "user", "content": QUESTION}]
    response = web.post("v1/chat/completions", json={"model": "x", "messages": said})
    return response.status_code, response.text


def agent(web: httpx.Client) -> tuple[int, str]:
    response = web.post("mcp", json=MCP, headers=AGENT)
    return response.status_code, response.text


def chat(web: httpx.Client) -> tuple[int, str]:
    (said,) = ask_as_browser(web, QUESTION, "")
    return 200, html.unescape(said[-1]["content"][0]["text"])


WAYS = [api, openai, agent, chat]


class Endless(FakeAssistant):
    """Works on an answer until a test lets it go on."""

    begun = False

    def stream(self, *given: Any, **options: Any) -> Generator[Answer, None, None]:
        self.begun = True
        self.finish.wait(30)
        yield from super().stream(*given, **options)


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A client of a server whose only place is taken."""
    kept = workers.Workers.__init__.__defaults__
    monkeypatch.setattr(workers.Workers.__init__, "__defaults__", (1, 0, kept[2]))
    monkeypatch.setattr(app, "AT_ONCE", 1)
    endless = Endless()
    endless.finish.clear()
    french = {"accept-language": "fr"}
    with (
        serving(endless) as address,
        httpx.Client(base_url=address, timeout=30, headers=french) as web,
    ):
        asking = threading.Thread(target=api, args=(web,))
        asking.start()
        while not endless.begun:
            time.sleep(0.02)
        try:
            yield web
        finally:
            endless.finish.set()
            asking.join(30)


def test_a_place_that_is_taken_is_taken_for_all(busy: httpx.Client) -> None:
    status, told = api(busy)
    assert (status, json.loads(told)["error"]["code"]) == (503, "overloaded")
    assert int(busy.post("api/ask", json={"question": QUESTION}).headers["retry-after"]) > 0
    assert openai(busy)[0] == 503
    assert "Too many concurrent questions" in agent(busy)[1]
    assert "Trop de questions sont posées en ce moment" in chat(busy)[1]


@pytest.mark.parametrize("ask", WAYS)
def test_an_answer_that_takes_too_long_is_given_up(ask: Ask) -> None:
    endless = Endless()
    endless.finish.clear()
    try:
        with (
            serving(endless, answer_timeout=0.3) as address,
            httpx.Client(base_url=address, timeout=30) as web,
        ):
            status, told = ask(web)
            endless.finish.set()
    finally:
        endless.finish.set()
    assert status == (200 if ask in (agent, chat) else 504)
    assert "took too long" in told or "longer than 0.3 seconds" in told


def test_who_asks_too_often_is_told_so_in_each_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "is_local", lambda _scope: False)  # as though from elsewhere
    german = {"accept-language": "de"}
    with (
        serving(FakeAssistant(), rate=1, public=True) as address,
        httpx.Client(base_url=address, timeout=30, headers=german) as web,
    ):
        assert "Sie haben in kurzer Zeit" not in chat(web)[1]
        assert "Sie haben in kurzer Zeit viele Fragen gestellt" in chat(web)[1]
        response = web.post("api/ask", json={"question": QUESTION})
        assert response.status_code == 429
        assert response.json()["error"]["code"] == "too_many_requests"
        assert 0 < int(response.headers["retry-after"]) <= 60
        assert openai(web)[0] == 429
        assert agent(web)[0] == 429
        assert web.get("articles").status_code == 200
        with pytest.raises(Exception, match="Ask again in"):
            Client(address, verbose=False).predict(QUESTION, api_name="/ask")


class Broken(FakeAssistant):
    """Fails with words that nobody may read."""

    def stream(self, *_given: Any, **_options: Any) -> Generator[Answer, None, None]:
        raise RuntimeError(f"no shape at all {CANARY}")
        yield  # makes it a generator

    def search(self, *_given: Any, **_options: Any) -> Any:
        raise RuntimeError(f"no shape at all {CANARY}")

    def suggestions(self, *_given: Any, filters: Any = EVERYTHING, count: int = 3) -> list[str]:
        raise RuntimeError(f"no shape at all {CANARY}")


def search(web: httpx.Client) -> tuple[int, str]:
    response = web.post("api/search", json={"question": QUESTION})
    return response.status_code, response.text


def agents_search(web: httpx.Client) -> tuple[int, str]:
    given = MCP | {"params": {"name": "search", "arguments": {"question": QUESTION}}}
    response = web.post("mcp", json=given, headers=AGENT)
    return response.status_code, response.text


def test_what_nobody_foresaw_is_told_to_none_of_them(capfd: pytest.CaptureFixture[str]) -> None:
    with serving(Broken()) as address:
        for ask in (*WAYS, search, agents_search):
            with httpx.Client(base_url=address, timeout=30) as web:
                assert CANARY not in ask(web)[1]
        with pytest.raises(Exception, match="The details are in its log") as raised:
            Client(address, verbose=False).predict(QUESTION, api_name="/ask")
        assert CANARY not in str(raised.value)
    # What is printed past the log escapes its masking.
    assert CANARY not in "".join(capfd.readouterr())


def test_filters_of_the_page_take_no_half_characters() -> None:
    with serving(FakeAssistant()) as address, httpx.Client(base_url=address, timeout=30) as web:
        chosen = ("\ud800", "\x00", "\ud800", "\x00\ud800")
        body = json.dumps([QUESTION + "\ud800\x00", [], *chosen])
        depends = web.get("config").json()["dependencies"]
        called = next(d for d in depends if any(t[1] == "example_select" for t in d["targets"]))
        sent = f'{{"fn_index": {called["id"]}, "session_hash": "odd", "data": {body}}}'
        joined = web.post(
            "gradio_api/queue/join", content=sent, headers={"content-type": "application/json"}
        )
        assert joined.status_code in (200, 422)

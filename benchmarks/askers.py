"""The clients of a load test: their requests, timings and failures."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from gradio_client import Client

from benchmarks.gradio_page import GradioPage
from benchmarks.load_questions import Asked, Questions

PATIENCE_S = 60
ASKING = ("api", "events", "chat")
"""The channels: one JSON text, events, or Gradio as the chat page uses it."""

WAYS = ("widget's chat", "Gradio's page")
"""The same question by the two pages that people ask at: what their scripts send and wait for."""

MIXED = {
    "api": 20, "events": 20, "chat": 5, "search": 15, "article": 15, "articles": 5, "page": 10,
    "widget": 10,
}  # fmt: skip
"""The shares of mixed traffic, in percent."""

_LOOK_S = 0.04
_PARTS = re.compile(r'(?:src|href)="(?:\.?/)?((?!data:|https?:)[^"]+)"')


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request: its start (``time.monotonic``) and duration, in seconds.

    ``first_s`` is the time to the first words of a streamed answer; ``error`` says why it failed.
    """

    kind: str
    began: float
    whole_s: float
    first_s: float | None = None
    error: str = ""


class Visitor:
    """Sends requests of any kind to the server at ``address``; ``questions`` is shared."""

    def __init__(self, address: str, questions: Questions, http: httpx.AsyncClient) -> None:
        self._address = address
        self._questions = questions
        self._http = http
        self._chat: Client | None = None
        self._page: GradioPage | None = None
        self._articles: list[str] = []
        self._actions: Mapping[str, Callable[[], Awaitable[float | None]]] = {
            "api": self._ask,
            "events": self._ask_for_events,
            "chat": self._ask_in_the_chat,
            "widget's chat": self._ask_in_the_widget,
            "Gradio's page": self._ask_at_the_page,
            "search": self._search,
            "article": self._read_article,
            "articles": lambda: self._get("/articles"),
            "page": lambda: self._open("/"),
            "widget": self._open_widget,
        }

    async def arrive(self, kind: str) -> None:
        """Prepare for requests of ``kind``: the chat page has to be opened first."""
        if kind == "chat" and self._chat is None:
            self._chat = await asyncio.to_thread(Client, self._address, verbose=False)
        if kind == "Gradio's page" and self._page is None:
            self._page = await GradioPage.opened(self._http)

    async def do(self, kind: str) -> Outcome:
        """Send one request of ``kind``, one of ``MIXED``; errors are in the outcome."""
        began = time.monotonic()
        first, error = None, ""
        try:
            first = await self._actions[kind]()
        except Exception as failed:
            error = f"{type(failed).__name__}: {failed}"[:300]
        return Outcome(kind, began, time.monotonic() - began, first and first - began, error)

    def close(self) -> None:
        """Leave the chat."""
        if self._chat is not None:
            self._chat.close()

    async def _ask(self) -> None:
        answer = (await self._post("/api/ask", _body(self._questions.draw()))).json()
        _check(answer)

    async def _ask_for_events(self) -> float:
        first, event, whole = 0.0, "", None
        async with self._http.stream(
            "POST", "/api/ask", json=_body(self._questions.draw()),
            headers={"Accept": "text/event-stream"},
        ) as response:  # fmt: skip
            response.raise_for_status()
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                    first = first or (time.monotonic() if event in ("sentence", "answer") else 0.0)
                elif event in ("answer", "error") and line.startswith("data: "):
                    whole = json.loads(line.removeprefix("data: "))
        _check(whole)
        return first

    async def _ask_in_the_chat(self) -> float:
        assert self._chat is not None
        asked = self._questions.draw()
        history = [{"role": "user", "content": text} for text in asked.history]
        job = self._chat.submit(asked.text, history, "", "", "", "", api_name="/ask")
        first = 0.0
        while not job.done():  # waiting in a thread would poll a thousand times a second
            await asyncio.sleep(_LOOK_S)
            first = first or (time.monotonic() if _words_are_there(job.outputs()) else 0.0)
        _check(job.result())
        return first or time.monotonic()

    async def _ask_in_the_widget(self) -> float:
        first, said = 0.0, ""
        async with self._http.stream(
            "POST", "/embed/ask", json={"question": self._questions.draw().text}
        ) as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                first = first or (time.monotonic() if "blockquote" in line else 0.0)
                said = line if '"complete"' in line else said
        if not said:
            raise ValueError("no answer came to the widget")
        return first or time.monotonic()

    async def _ask_at_the_page(self) -> float:
        assert self._page is not None
        first, _ = await self._page.ask(self._questions.draw().text)
        return first

    async def _search(self) -> None:
        found = await self._post("/api/search", {"question": self._questions.draw().text})
        if "hits" not in found.json():
            raise ValueError("no hits in what came")

    async def _read_article(self) -> None:
        if not self._articles:
            told = (await self._http.get("/api/articles")).raise_for_status().json()
            self._articles = [one["id"] for one in told["articles"]]
        article = random.choice(self._articles)
        page = await self._http.get(f"/articles/{article}")
        if page.status_code == httpx.codes.NOT_FOUND:
            self._articles = []  # a sync removed or changed it: reload the list
        else:
            page.raise_for_status()

    async def _open_widget(self) -> None:
        await self._get("/widget.js")
        await self._open("/embed")
        await self._get("/embed/opening")

    async def _open(self, path: str) -> None:
        """Load a page with its resources, as a browser with an empty cache does."""
        page = (await self._http.get(path)).raise_for_status()
        parts = {f"/{part}" for part in _PARTS.findall(page.text)}
        parts.discard("/manifest.json")  # Gradio links it without serving it
        await asyncio.gather(*(self._get(part) for part in parts))

    async def _get(self, path: str) -> None:
        (await self._http.get(path)).raise_for_status()

    async def _post(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        return (await self._http.post(path, json=body)).raise_for_status()


def _body(asked: Asked) -> dict[str, Any]:
    history = [{"role": "user", "content": text} for text in asked.history]
    return {"question": asked.text, "history": history}


def _words_are_there(states: list[Any]) -> bool:
    return bool(states and (states[-1]["sentences"] or states[-1]["refused"]))


def _check(answer: Any) -> None:
    """Raise ``ValueError`` unless ``answer`` is an answer or a refusal."""
    if not answer or "error" in answer or not answer["answer"]:
        raise ValueError(f"no answer came: {str(answer)[:200]}")

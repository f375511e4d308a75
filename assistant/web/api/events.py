"""Server-sent events: format, response, and the events of an answer.

By hand, in 25 lines: FastAPI's own events need a route that serves nothing else, where ours also
serves JSON, and sse-starlette replaces uvicorn's exit handler for the whole process and polls for a
shutdown that our server itself announces.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from contextlib import aclosing
from typing import Any, TypeVar

from fastapi import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from assistant.models.answer import Answer, AnswerSentence
from assistant.web.api.errors import body, problem

T = TypeVar("T")

MEDIA_TYPE = "text/event-stream"


class EventStream(StreamingResponse):
    """Sends events as they come; closes the generator when the client disconnects."""

    media_type = MEDIA_TYPE

    def __init__(self, events: AsyncGenerator[str, None]) -> None:
        super().__init__(events, headers={"Cache-Control": "no-store"})
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all events."""
        async with aclosing(self._events):
            await super().__call__(scope, receive, send)


class News:
    """The changes of a growing answer, as events.

    ``sources`` holds the citations and the nearest passages so far; it comes first, once there are
    any, and again before a sentence that cites a new one. ``sentence`` holds a sentence with its
    ``index``; a repeated index replaces that sentence and all after it, which happens when a chat
    model fails and quotes replace its output. ``answer`` holds all of the complete answer.
    """

    def __init__(self) -> None:
        self._sources: dict[str, Any] | None = None
        self._sentences: tuple[AnswerSentence, ...] = ()

    def of(self, answer: Answer) -> Iterator[str]:
        """The events for what ``answer`` adds to the previous state."""
        whole = answer.to_json()
        sources = {name: whole[name] for name in ("citations", "nearest")}
        none_yet = self._sources is None and not (answer.citations or answer.nearest)
        if sources != self._sources and (answer.complete or not none_yet):
            self._sources = sources
            yield event("sources", sources)
        known = len(self._sentences)
        if answer.sentences[:known] != self._sentences:
            known = 0
        self._sentences = answer.sentences
        for index in range(known, len(answer.sentences)):
            yield event("sentence", {"index": index, **whole["sentences"][index]})
        if answer.complete:
            yield event("answer", whole)


async def answer_events(answers: AsyncGenerator[Answer, None]) -> AsyncGenerator[str, None]:
    """The events of a growing answer, ending in ``error`` if it cannot be completed."""
    news = News()
    async with aclosing(answers):
        try:
            async for answer in answers:
                for told in news.of(answer):
                    yield told
        except Exception as error:
            yield event("error", body(problem(error)))


def event(name: str | None, value: Any) -> str:
    """Format one event with ``value`` as JSON; without ``name``, of the default type."""
    data = f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
    return f"event: {name}\n{data}" if name else data


def wants_events(request: Request) -> bool:
    """Whether the client accepts events rather than one JSON text."""
    return MEDIA_TYPE in request.headers.get("accept", "").lower()


async def begun(items: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """Wait for the first item, then return all: an error before it is raised here, while the status
    of the response can still be set.
    """
    first = await anext(items)

    async def all_items() -> AsyncGenerator[T, None]:
        async with aclosing(items):
            yield first
            async for item in items:
                yield item

    return all_items()


async def last(items: AsyncIterable[T], request: Request) -> T | None:
    """The last of ``items``, or None if the client disconnects first."""
    newest = None
    async for item in items:
        if await request.is_disconnected():
            return None
        newest = item
    return newest

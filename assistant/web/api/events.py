"""Server-sent events: how they are written, how they are sent, and what they tell of an answer.

Written and sent by hand, which takes 25 lines: FastAPI's own events need an address that serves
nothing else, where ours also gives JSON, and sse-starlette replaces uvicorn's exit handler for the
whole process and polls for a stop that the server itself announces.
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
    """Sends events as they come; closes where they come from when the client goes away."""

    media_type = MEDIA_TYPE

    def __init__(self, events: AsyncGenerator[str, None]) -> None:
        # The last one asks nginx not to hold events back.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, headers=headers)
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them all."""
        async with aclosing(self._events):
            await super().__call__(scope, receive, send)


class News:
    """What is new in each state of a growing answer, as events.

    ``sources`` holds the citations and the nearest passages so far; it comes first, once there are
    any, and again before a sentence that cites another one. ``sentence`` holds a sentence with its
    ``index``; an index that was there before begins anew, which happens when a chat model fails
    and quotes take the place of what it wrote. ``answer`` holds all of the complete answer.
    """

    def __init__(self) -> None:
        self._sources: dict[str, Any] | None = None
        self._sentences: tuple[AnswerSentence, ...] = ()

    def of(self, answer: Answer) -> Iterator[str]:
        """The events that tell what ``answer`` has beyond the state before."""
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
    """The events of a growing answer; ``error`` ends them where it cannot be completed."""
    news = News()
    async with aclosing(answers):
        try:
            async for answer in answers:
                for told in news.of(answer):
                    yield told
        except Exception as error:
            yield event("error", body(problem(error)))


def event(name: str | None, value: Any) -> str:
    """One event, or without ``name`` one of the kind that needs none, with ``value`` as JSON."""
    data = f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
    return f"event: {name}\n{data}" if name else data


def wants_events(request: Request) -> bool:
    """Whether the client asks for events rather than for one JSON text."""
    return MEDIA_TYPE in request.headers.get("accept", "").lower()


async def begun(items: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """The same items, once the first of them is there: what keeps it from coming is raised here,
    while the status of the response can still say so.
    """
    first = await anext(items)

    async def all_items() -> AsyncGenerator[T, None]:
        async with aclosing(items):
            yield first
            async for item in items:
                yield item

    return all_items()


async def last(items: AsyncIterable[T], request: Request) -> T | None:
    """The last of ``items``, or None if the client goes away before."""
    newest = None
    async for item in items:
        if await request.is_disconnected():
            return None
        newest = item
    return newest

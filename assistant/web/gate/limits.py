"""Limits on requests, by their head: size, concurrency, rate."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.ingest.readers import MAX_BYTES
from assistant.web.api.errors import (
    LARGEST_BODY,
    RETRY_S,
    Problem,
    RefusedError,
    beneath,
    closing,
    refuse,
    route_path,
    too_often,
)
from assistant.web.gate.clients import asker, is_local, network
from assistant.web.gate.guard import LOGIN
from assistant.web.gate.rates import Rate, settle

CHAT = "/gradio_api/"
LARGEST_CHAT = 256_000
"""Largest request of the chat page, in bytes: it sends the whole conversation along."""

UPLOADS = "/api/articles"
LARGEST_UPLOAD = MAX_BYTES + 1_000_000
"""Largest request that puts in articles, in bytes. The guard lets only editors send one."""

LARGEST_FORM = 20_000
"""Largest login form, in bytes; anyone may send one."""

LONGEST_QUERY = 8_000
"""Maximum query-string length."""

MOST_AT_ONCE = 1_000
MOST_FROM_ONE = 200
"""Concurrent requests, in total and per address; an open page holds one for updates."""

REQUESTS = 100
"""Allowed requests per allowed question: loading the chat page takes about 60."""

QUESTIONS = ("/api/ask", "/api/search", "/embed/ask", "/v1/chat/completions", "/mcp")
"""Paths that take questions, also beneath them; the chat's page counts its own."""

OPINIONS = ("/feedback",)
"""Path for feedback, limited like questions."""


class Limits:
    """ASGI middleware that refuses requests by their head: too long a URL, too large a body, too
    many at once. Refusing is cheap: no byte of the body is read.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._from: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        try:
            async with self._counted(scope):
                _check_head(scope)
                await self._app(scope, receive, send)
        except RefusedError as error:
            await refuse(error.told, scope, receive, send, {"Connection": "close"})

    @asynccontextmanager
    async def _counted(self, scope: Scope) -> AsyncIterator[None]:
        sender = network(scope)
        many = self._from[sender] >= MOST_FROM_ONE and not is_local(scope)
        if many or self._from.total() >= MOST_AT_ONCE:
            told = "Too many concurrent requests. Try again in a moment."
            kind = (429, "too_many_requests") if many else (503, "overloaded")
            raise RefusedError(Problem(*kind, told, RETRY_S))
        self._from[sender] += 1
        try:
            yield
        finally:
            self._from[sender] -= 1
            if not self._from[sender]:
                del self._from[sender]


class Rates:
    """ASGI middleware that rate-limits askers: their ``questions``, ``opinions``, and ``requests``
    of any kind. It comes after authentication, and keeps what is ``shared`` in step with other
    processes.
    """

    def __init__(
        self,
        app: ASGIApp,
        questions: Rate,
        requests: Rate,
        opinions: Rate,
        shared: Sequence[Rate] = (),
    ) -> None:
        self._app = app
        self._requests = requests
        self._posts = {QUESTIONS: questions, OPINIONS: opinions}
        self._shared = shared
        self._settling: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if self._shared and self._settling is None:
            self._settling = asyncio.create_task(settle(self._shared))
        if wait := self._wait(scope):
            await refuse(too_often(wait), scope, receive, send, closing(scope))
            return
        await self._app(scope, receive, send)

    def _wait(self, scope: Scope) -> int:
        who, path = asker(scope), route_path(scope)
        wait = self._requests.wait(who)
        if wait or scope["method"] != "POST":
            return wait
        of_path = (rate for paths, rate in self._posts.items() if beneath(path, paths))
        return next((rate.wait(who) for rate in of_path), 0)


def _check_head(scope: Scope) -> None:
    """Raise ``RefusedError`` for a request whose head exceeds a limit."""
    if len(scope["query_string"]) > LONGEST_QUERY:
        raise RefusedError(Problem(414, "address_too_long", "The address is too long."))
    most, declared = largest(scope), Request(scope).headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > most:
        raise too_large(most)


def largest(scope: Scope) -> int:
    """The largest body of a request to this path, in bytes."""
    path = route_path(scope)
    if path == LOGIN:
        return LARGEST_FORM
    if is_upload(scope):
        return LARGEST_UPLOAD
    return LARGEST_CHAT if path.startswith(CHAT) else LARGEST_BODY


def is_upload(scope: Scope) -> bool:
    """Whether articles are put in, whose bodies are files."""
    return route_path(scope) == UPLOADS and scope["method"] == "POST"


def too_large(most: int) -> RefusedError:
    """The refusal of a body of more than ``most`` bytes."""
    told = f"The request has more than {most:,} bytes."
    return RefusedError(Problem(413, "request_too_large", told))

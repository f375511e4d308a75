"""How much a request may hold, how long it may take to come, how many there may be at once."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.api.errors import (
    LARGEST_BODY,
    RETRY_S,
    ClientGoneError,
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
from assistant.web.gate.rates import Rate

CHAT = "/gradio_api/"
LARGEST_CHAT = 256_000
"""Bytes of a request of the chat's page, which sends the whole conversation along."""

LARGEST_FORM = 20_000
"""Bytes of the form to sign in, which anyone may send."""

LONGEST_QUERY = 8_000
"""Characters behind the ``?`` of an address."""

BODY_S = 20.0
"""Seconds within which a request's body must have arrived."""

DEEPEST = 64
"""Lists and objects that a JSON text may nest. Python itself gives up at some hundreds."""

MOST_AT_ONCE = 1_000
MOST_FROM_ONE = 200
"""Requests at the same time, of all and from one address; an open page holds one to hear from."""

REQUESTS = 100
"""Requests that an asker may make for each question that they may ask: loading the chat's page
takes about 60, and it asks how far the reading of the articles is each second.
"""

QUESTIONS = ("/api/ask", "/api/search", "/v1/chat/completions", "/mcp")
"""Where questions are sent to, there and beneath, apart from the chat, which counts its own."""

OPINIONS = ("/feedback",)
"""Where readers say what they think of an answer, as often as they may ask."""

_JSON_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_AS_LISTS = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class Limits:
    """ASGI middleware that refuses requests by their head: too long an address, too large a body,
    too many at once. It costs nothing to be refused here, nor is a byte of a body read.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._from: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # nothing here speaks it
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
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
            told = "Too many requests are being answered at this moment. Try again in a moment."
            kind = (429, "too_many_requests") if many else (503, "overloaded")
            raise RefusedError(Problem(*kind, told, RETRY_S))
        self._from[sender] += 1
        try:
            yield
        finally:
            self._from[sender] -= 1
            if not self._from[sender]:
                del self._from[sender]


class Bodies:
    """ASGI middleware that reads the body of a request before it hands the request on.

    It stands behind the guard and the rates, so that only those who may ask have theirs read. What
    is too long, too slow or too deep is refused, whichever part of the app it is for.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            whole = await _received(scope, receive)
        except RefusedError as error:
            await refuse(error.told, scope, receive, send, {"Connection": "close"})
        except ClientGoneError:
            return
        else:
            await self._app(scope, whole, send)


class Rates:
    """ASGI middleware that turns away who asks too often. It stands where it is known who asks."""

    def __init__(self, app: ASGIApp, questions: Rate, requests: Rate) -> None:
        self._app = app
        self._requests = requests
        self._posts = {QUESTIONS: questions, OPINIONS: Rate(questions.per_minute)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http" and (wait := self._wait(scope)):
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


def is_deep(body: bytes) -> bool:
    """Whether a text, if it is JSON, nests more than ``DEEPEST`` lists and objects.

    Takes the innermost brackets away ``DEEPEST`` times: no step of Python for each of them. A text
    in which some stay open is deep if more than ``DEEPEST`` do.
    """
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    left = _JSON_STRING.sub(b"", body).translate(_AS_LISTS, _NOT_BRACKETS)
    for _ in range(DEEPEST):
        before, left = len(left), left.replace(b"[]", b"")
        if len(left) == before:
            break
    return left.count(b"[]") > 0 or left.count(b"[") > DEEPEST


def _check_head(scope: Scope) -> None:
    """Raise ``RefusedError`` for a request that its head says is not taken."""
    if len(scope["query_string"]) > LONGEST_QUERY:
        raise RefusedError(Problem(414, "address_too_long", "The address is too long."))
    most, declared = _most(scope), Request(scope).headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > most:
        raise _too_large(most)


def _most(scope: Scope) -> int:
    path = route_path(scope)
    if path == LOGIN:
        return LARGEST_FORM
    return LARGEST_CHAT if path.startswith(CHAT) else LARGEST_BODY


async def _received(scope: Scope, receive: Receive) -> Receive:
    """``receive`` with the body read; raises ``RefusedError`` for what is not taken."""
    if not {"content-length", "transfer-encoding"} & set(Request(scope).headers):
        return receive
    try:
        async with asyncio.timeout(BODY_S):
            body = await _read(receive, _most(scope))
    except TimeoutError:
        told = f"The request did not arrive within {BODY_S:g} seconds."
        raise RefusedError(Problem(408, "request_timeout", told)) from None
    if is_deep(body):
        told = f"The body nests more than {DEEPEST} lists and objects."
        raise RefusedError(Problem(400, "malformed_request", told))
    return _once_more(body, receive)


async def _read(receive: Receive, most: int) -> bytes:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _too_large(most: int) -> RefusedError:
    told = f"The request has more than {most:,} bytes."
    return RefusedError(Problem(413, "request_too_large", told))


def _once_more(body: bytes, receive: Receive) -> Receive:
    """What gives ``body`` first, then what ``receive`` gives."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again

"""Reads the bodies of requests, and refuses those that are too long, too slow or too deep."""

from __future__ import annotations

import asyncio
import re

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.api.errors import ClientGoneError, Problem, RefusedError, refuse, route_path
from assistant.web.gate.guard import LOGIN
from assistant.web.gate.limits import is_upload, largest, too_large

BODY_S = 20.0
"""Seconds within which a request's body must have arrived."""

UPLOAD_S = 600.0
"""The same for uploads of articles."""

DEEPEST = 64
"""Deepest JSON nesting. Python itself gives up at some hundreds."""

MOST_VALUES = 5_000
"""Most values in a JSON body. A conversation has some hundreds; each value of the wrong type is a
validation error of its own."""

MOST_HALVES = 2_000
"""Most escapes of lone surrogates in a body: replacing one takes a step in Python."""

_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_LONE = re.compile(
    rb"((?:[^\\]++|\\[^u]|\\u(?![dD][89a-fA-F])|" + _HIGH + _LOW + rb")*+)"
    rb"(\\u[dD][89a-fA-F][0-9a-fA-F]{0,2}|\\?\Z)",
    re.DOTALL,
)
"""Group 1 is the longest text without lone surrogates; group 2 the next one, or the end."""

_HALVES = re.compile(rb"\\u[dD][89a-fA-F]")

_JSON_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_AS_LISTS = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SEPARATORS = (b",", b"[", b"{")


class Bodies:
    """ASGI middleware that reads a request's body before passing the request on.

    It comes after the guard and the rates, so that only bodies of allowed requests are read. Bodies
    that are too long, too slow or too deeply nested are refused for every part of the app. A
    lone surrogate, which cannot be encoded in an answer, becomes U+FFFD.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        try:
            whole = await _received(scope, receive)
        except RefusedError as error:
            await refuse(error.told, scope, receive, send, {"Connection": "close"})
        except ClientGoneError:
            return
        else:
            await self._app(scope, whole, send)


def is_crowded(body: bytes) -> bool:
    """Whether ``body``, if it is JSON, has more than ``MOST_VALUES`` values."""

    def values(text: bytes) -> int:
        return sum(map(text.count, _SEPARATORS))

    return values(body) > MOST_VALUES and values(_JSON_STRING.sub(b"", body)) > MOST_VALUES


def is_deep(body: bytes) -> bool:
    """Whether ``body``, if it is JSON, nests more than ``DEEPEST`` lists and objects.

    Removes the innermost brackets ``DEEPEST`` times, so there is no Python step per bracket.
    Malformed text with open brackets left is deep if more than ``DEEPEST`` remain.
    """
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    left = _JSON_STRING.sub(b"", body).translate(_AS_LISTS, _NOT_BRACKETS)
    for _ in range(DEEPEST):
        before, left = len(left), left.replace(b"[]", b"")
        if len(left) == before:
            break
    return left.count(b"[]") > 0 or left.count(b"[") > DEEPEST


async def _received(scope: Scope, receive: Receive) -> Receive:
    """Read the body; return a ``receive`` that replays it. Raises ``RefusedError``."""
    if not {"content-length", "transfer-encoding"} & set(Request(scope).headers):
        return receive
    uploads = is_upload(scope)
    patience = UPLOAD_S if uploads else BODY_S
    try:
        async with asyncio.timeout(patience):
            body = await read_whole(receive, largest(scope))
    except TimeoutError:
        told = f"The request did not arrive within {patience:g} seconds."
        raise RefusedError(Problem(408, "request_timeout", told)) from None
    if uploads or route_path(scope) == LOGIN:  # no JSON
        return replayed(body, receive)
    if not _is_written(body):
        raise RefusedError(Problem(400, "malformed_request", "The body is not in UTF-8."))
    if is_deep(body):
        told = f"The body nests more than {DEEPEST} lists and objects."
        raise RefusedError(Problem(400, "malformed_request", told))
    if is_crowded(body):
        told = f"The body holds more than {MOST_VALUES:,} values."
        raise RefusedError(Problem(413, "request_too_large", told))
    return replayed(mended(body), receive)


def mended(body: bytes) -> bytes:
    """``body`` with U+FFFD for each lone surrogate. Raises ``RefusedError`` for thousands."""
    if not _HALVES.search(body):
        return body
    whole, halves = _LONE.subn(_whole, body, MOST_HALVES)
    if halves == MOST_HALVES:
        raise RefusedError(
            Problem(400, "malformed_request", "The body has too many lone surrogates.")
        )
    return whole


def _whole(found: re.Match[bytes]) -> bytes:
    half = found[2].startswith(b"\\u")
    return found[1] + (b"\\ufffd" if half else found[2])


async def read_whole(receive: Receive, most: int) -> bytes:
    """A request's body. Raises ``RefusedError`` if it has more than ``most`` bytes,
    ``ClientGoneError`` if it does not come.
    """
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise too_large(most)
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def replayed(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives ``body``, then delegates to the one it came from."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _is_written(body: bytes) -> bool:
    """Whether ``body`` is UTF-8, as JSON must be: Python would take UTF-16, whose brackets and
    lone surrogates look like others.
    """
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in body

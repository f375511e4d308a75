"""Request log: an id shared by all log lines of a request, and one line at its end."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from urllib.parse import quote
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.support.logs import REQUEST
from assistant.web.api.errors import route_path
from assistant.web.server import health

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
KEY = "request_id"
"""Scope key of the id."""

QUIET = (*health.PATHS, "/assets/", "/ui/", "/static/", "/theme.css", "/gradio_api/heartbeat/")
"""Prefixes of paths that are requested constantly, or many times per page."""

_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_FAILED = 500


def id_of(connection: HTTPConnection) -> str:
    """The id of a request; "" if it has none."""
    return str(connection.scope.get(KEY, ""))


class Requests:
    """ASGI middleware that gives each request an id, its own if it brings a sane one.

    The id is returned in a header. At the end ``ended`` is called with the status.
    """

    def __init__(self, app: ASGIApp, ended: Callable[[int], None]) -> None:
        self._app = app
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        given = Headers(scope=scope).get(HEADER, "")
        scope[KEY] = given if _SANE.fullmatch(given) else uuid4().hex[:16]
        started = time.perf_counter()
        status, size = _FAILED, 0

        async def noted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                _mark(MutableHeaders(scope=message), scope[KEY])
            size += len(message.get("body", b""))
            await send(message)

        token = REQUEST.set(scope[KEY])
        try:
            await self._app(scope, receive, noted)
        finally:
            self._ended(status)
            _tell(scope, status, 1000 * (time.perf_counter() - started), size)
            REQUEST.reset(token)


def _mark(headers: MutableHeaders, request: str) -> None:
    headers[HEADER] = request
    if headers.get("content-type", "").startswith("text/event-stream"):
        headers["X-Accel-Buffering"] = "no"  # keeps nginx from buffering a growing answer


def _tell(scope: Scope, status: int, ms: float, size: int) -> None:
    path = route_path(scope)
    level = logging.DEBUG if path.startswith(QUIET) else logging.INFO
    # Without the query, which may hold a question; quoted to stay on one line.
    shown = quote(path)
    log.log(
        level, "%s %s %d, %.1f ms, %d bytes", scope["method"], shown, status, ms, size,
        extra={
            "fields": {
                "method": scope["method"], "path": shown, "status": status,
                "ms": round(ms, 1), "bytes": size,
            }
        },
    )  # fmt: skip

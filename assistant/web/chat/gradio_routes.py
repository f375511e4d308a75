"""Allowlist of Gradio's routes.

Gradio has about eighty, some of which accept uploads, serve local files, fetch URLs, show
statistics, or edit the page's code. Only those that the chat needs are listed; any route added by a
later Gradio stays closed.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.api.errors import route_path
from assistant.web.pages.routes import reader, render

log = logging.getLogger(__name__)

OPEN = (
    ("GET", r"/"),
    ("GET", r"/config"),
    # Scripts and styles, then fonts and pictures: plain names, none starting with a dot.
    ("GET", r"/assets(/[\w@~+-][\w.@~+-]{0,99}){1,4}"),
    ("GET", r"/static(/[\w@~+-][\w.@~+-]{0,99}){1,4}"),
    ("GET", r"/theme\.css"),
    ("GET", r"/favicon\.ico"),
    ("GET", r"/robots\.txt"),
    ("GET", r"/gradio_api/(info|startup-events|theme\.css)"),
    ("GET", r"/gradio_api/heartbeat/[\w-]{1,64}"),
    ("GET", r"/gradio_api/queue/data"),
    ("POST", r"/gradio_api/(queue/join|cancel|reset)"),
    ("POST", r"/gradio_api/run/predict"),  # the page's requests outside the queue
    ("POST", r"/gradio_api/call/ask"),  # Gradio's API for programs: two plain requests
    ("GET", r"/gradio_api/call/ask/[0-9a-f]{32}"),
)
"""Method, and pattern of the whole path. GET includes HEAD."""


def is_open(method: str, path: str, routes: Iterable[tuple[str, str]] = OPEN) -> bool:
    """Whether Gradio may handle the request."""
    asked = "GET" if method == "HEAD" else method
    return any(asked == one and re.fullmatch(pattern, path, re.ASCII) for one, pattern in routes)


class Closed(BaseRoute):
    """Answers 404 to every request not on the list; must precede Gradio's routes."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match unless the route is open."""
        if is_open(scope["method"], route_path(scope)):
            return Match.NONE, {}
        return Match.FULL, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond with 404: a page for people, a line for programs."""
        request = Request(scope)
        if "text/html" in request.headers.get("accept", ""):
            text = reader(request).text
            told = {"title": text("nowhere.title"), "text": text("nowhere.text")}
            response: Response = render(request, "notice.html", 404, **told)
        else:
            response = PlainTextResponse("There is nothing at this address.", 404)
        await response(scope, receive, send)


class Ended:
    """ASGI app around Gradio's ``app`` that ends the streams which that breaks off.

    Asked for a session that it does not know, Gradio says so in a stream and then fails, with a
    traceback in the log that anyone could fill the disk with.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    @property
    def stop_event(self) -> asyncio.Event | None:
        """What ends Gradio's streams to open pages; None before the first."""
        return getattr(self.app, "stop_event", None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except RuntimeError as error:
            if not begun or not isinstance(error.__cause__, HTTPException):
                raise
            log.debug("Gradio broke a stream off: %s", error.__cause__)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

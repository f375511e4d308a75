"""Which of the addresses that Gradio serves are open.

Gradio brings some eighty, among them ones that take files, hand out files of this machine, fetch
addresses, show statistics, or change the code of a page. The chat needs these; a new one of a later
Gradio stays closed until it is listed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from assistant.web.api.errors import route_path
from assistant.web.pages.routes import reader, render

OPEN = (
    ("GET", r"/"),
    ("GET", r"/config"),
    # The page's files, then its fonts and pictures: plain names, none that begins with a dot.
    ("GET", r"/assets(/[\w@~+-][\w.@~+-]{0,99}){1,4}"),
    ("GET", r"/static(/[\w@~+-][\w.@~+-]{0,99}){1,4}"),
    ("GET", r"/theme\.css"),
    ("GET", r"/favicon\.ico"),
    ("GET", r"/robots\.txt"),
    ("GET", r"/gradio_api/(info|startup-events|theme\.css)"),
    ("GET", r"/gradio_api/heartbeat/[\w-]{1,64}"),
    ("GET", r"/gradio_api/queue/data"),
    ("POST", r"/gradio_api/(queue/join|cancel|reset)"),
    ("POST", r"/gradio_api/run/predict"),  # what the page asks for outside of the queue
    ("POST", r"/gradio_api/call/ask"),  # programs, with two plain requests
    ("GET", r"/gradio_api/call/ask/[0-9a-f]{32}"),
)
"""Method and whole path. HEAD goes wherever GET does."""


def is_open(method: str, path: str, routes: Iterable[tuple[str, str]] = OPEN) -> bool:
    """Whether a request may reach Gradio."""
    asked = "GET" if method == "HEAD" else method
    return any(asked == one and re.fullmatch(pattern, path, re.ASCII) for one, pattern in routes)


class Closed(BaseRoute):
    """Answers every request that may not reach Gradio with 404; to be put before Gradio's own."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Fully, unless the address is open."""
        if scope["type"] != "http" or is_open(scope["method"], route_path(scope)):
            return Match.NONE, {}
        return Match.FULL, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say that there is nothing: with a page to people, in a line to programs."""
        request = Request(scope)
        if "text/html" in request.headers.get("accept", ""):
            text = reader(request).text
            told = {"title": text("nowhere.title"), "text": text("nowhere.text")}
            response: Response = render(request, "notice.html", 404, **told)
        else:
            response = PlainTextResponse("There is nothing at this address.", 404)
        await response(scope, receive, send)

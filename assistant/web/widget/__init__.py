"""The widget: the script that other pages load, and the chat in a frame.

``/widget.js`` is built from ``widget.js``, ``widget.css`` and the texts of each language.
``/embed`` is the chat's own page, marked as compact.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.language.locales import locales
from assistant.web import assets
from assistant.web.rewriting import rewritten

FOLDER = Path(__file__).parent
AN_HOUR = 3600
"""Seconds for which browsers may cache the script."""

WORDS = {
    "title": "title",
    "close": "panel.close",
    "loading": "widget.loading",
    "answered": "widget.answered",
    "denied": "widget.denied",
    "unreachable": "widget.unreachable",
    "retry": "widget.retry",
}
"""The script's texts, by its names for them."""

_COMMENT = re.compile(r"/\*.*?\*/|^ *//[^\n]*$", re.DOTALL | re.MULTILINE)


def routes(chat: ASGIApp) -> list[BaseRoute]:
    """The routes of the script and of the embedded chat, whose page is ``chat``'s root."""
    smaller = [Middleware(GZipMiddleware)]
    return [
        Route("/widget.js", _serve_script, middleware=smaller),
        Route("/embed", Compact(chat), methods=["GET"], middleware=smaller),
    ]


@cache
def script() -> str:
    """The whole script, without comments and indentation."""
    style = _plain((FOLDER / "widget.css").read_text(encoding="utf-8")).replace("\n", "")
    texts = {
        code: {name: locale.text(key) for name, key in WORDS.items()}
        for code, locale in locales().items()
    }
    source = _plain((FOLDER / "widget.js").read_text(encoding="utf-8"))
    source = source.replace('STYLE = ""', f"STYLE = {json.dumps(style)}")
    return source.replace("WORDS = {}", f"WORDS = {json.dumps(texts, ensure_ascii=False)}")


class Compact:
    """ASGI app that serves the root page of ``app`` in compact form."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        path = scope["path"].removesuffix("embed")
        page = {**scope, "path": path, "raw_path": path.encode()}
        await rewritten(self._app, page, receive, send, _compact)


def _compact(_headers: MutableHeaders, page: bytes) -> bytes:
    added = (
        # The first script, so that the embedding page hears at once that it may show this one.
        f'<script src="{assets.address("embed.js")}" defer></script>'
        f'<link rel="stylesheet" href="{assets.address("embed.css")}">'
    )
    marked = page.replace(b"<html", b'<html class="compact"', 1)
    return marked.replace(b"<head>", b"<head>" + added.encode(), 1)


async def _serve_script(request: Request) -> Response:
    content = script()
    headers = {
        "ETag": f'W/"{hashlib.sha256(content.encode()).hexdigest()[:16]}"',
        "Cache-Control": f"public, max-age={AN_HOUR}",
        # Pages that isolate themselves (COEP) may load it too.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="text/javascript", headers=headers)


def _plain(source: str) -> str:
    lines = (line.strip() for line in _COMMENT.sub("", source).splitlines())
    return "\n".join(line for line in lines if line)

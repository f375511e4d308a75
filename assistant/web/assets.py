"""Serves our own styles and scripts."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
PATH = "ui"
"""Not ``assets`` or ``static``, which would hide Gradio's own files."""

ROUTE = f"/{PATH}/{{version}}/{{name}}"

JOINED = {
    "chat.css": (
        "look.css", "icons.css", "chat.css", "answer.css", "tools.css", "filters.css", "panel.css",
    ),
    "embed.css": (
        "look.css", "icons.css", "embed.css", "answer.css", "tools.css", "panel.css",
    ),
    "pages.css": ("look.css", "pages.css"),
}  # fmt: skip
"""Files bundled into one, in this order: what the page's first view needs in one request."""

_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def address(name: str) -> str:
    """The URL of a file relative to the chat's page; it changes when any file does.

    So a script's import of ``./other.js`` gets the matching version.
    """
    return f"{PATH}/{_version()}/{name}"


async def serve(request: Request) -> Response:
    """Serve the requested file, or 404."""
    name = request.path_params["name"]
    if name not in _names():  # never use a name from outside as a path
        return Response("There is no such file.", 404)
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if packed else {})
    sent = _packed(name) if packed else content(name).encode()
    return Response(sent, headers=headers, media_type=_KINDS[Path(name).suffix])


@cache
def content(name: str) -> str:
    """The text of a file, with all that is bundled into it."""
    return "\n".join((FOLDER / part).read_text("utf-8") for part in JOINED.get(name, (name,)))


@cache
def _names() -> frozenset[str]:
    return frozenset(file.name for file in FOLDER.iterdir() if file.suffix in _KINDS)


@cache
def _version() -> str:
    files = sorted(FOLDER.iterdir())
    whole = b"".join(file.name.encode() + file.read_bytes() for file in files)
    return hashlib.sha256(whole).hexdigest()[:12]


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(content(name).encode())

"""Content security policy for inline scripts, each allowed by its hash.

Gradio and Swagger UI need some; two of Gradio's differ from one request to the next. Allowing all
inline scripts would also allow one that an article or answer got past the chat's sanitizer.
"""

from __future__ import annotations

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.gate.headers import SCRIPTS

_INLINE = re.compile(
    rb"<script(?![^<>]*\ssrc=)[^<>]*>(.*?)(?:</script>|\Z)", re.DOTALL | re.IGNORECASE
)


def allowed_scripts(page: bytes) -> str:
    """The ``script-src`` directive for the inline scripts of ``page``, each by its hash."""
    hashes = (hashlib.sha256(found[1]).digest() for found in _INLINE.finditer(page))
    return " ".join((SCRIPTS, *(f"'sha256-{base64.b64encode(one).decode()}'" for one in hashes)))


class OwnScriptsOnly:
    """ASGI app that adds to ``app``'s pages a policy for their inline scripts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        # Uncompressed, so that it can be read here.
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        started: Message = {}
        body = b""

        async def gather(message: Message) -> None:
            nonlocal started, body
            if message["type"] == "http.response.start":
                started = message
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                MutableHeaders(scope=started)["Content-Security-Policy"] = allowed_scripts(body)
                await send(started)
                await send({**message, "body": body})

        await self._app({**scope, "headers": headers}, receive, gather)

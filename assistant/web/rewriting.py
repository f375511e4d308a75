"""Changes a page of another app on its way to the browser."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Change = Callable[[MutableHeaders, bytes], bytes]
"""Gives a page's body anew; may change its headers."""


async def rewritten(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, change: Change
) -> None:
    """Send the page that ``app`` answers with, after ``change``."""
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
            page_headers = MutableHeaders(scope=started)
            page = change(page_headers, body)
            if "content-length" in page_headers:
                page_headers["Content-Length"] = str(len(page))
            await send(started)
            await send({**message, "body": page})

    await app({**scope, "headers": headers}, receive, gather)

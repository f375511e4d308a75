"""Client address and scheme behind a proxy."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

PEER = "peer"
"""Scope key of the connection's own peer address: the proxy's, if there is one."""


class Forwarded:
    """ASGI middleware that takes the client's address and scheme from a proxy's headers.

    Only ``proxies`` are trusted. uvicorn's own middleware must be off: it would hide the proxy's
    address, which decides whether to trust the user that it names.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        self._app = ProxyHeadersMiddleware(app, trusted_hosts=list(proxies))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "lifespan":
            scope[PEER] = scope["client"][0] if scope.get("client") else ""
        await self._app(scope, receive, send)

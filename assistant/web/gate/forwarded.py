"""Who is at the other end, when a proxy stands in front."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

PEER = "peer"
"""Where the address of the connection's other end is kept, in the scope: the proxy's, if any."""


class Forwarded:
    """ASGI middleware that takes over the client's address and scheme from a proxy's headers.

    Nobody but ``proxies`` is believed. The server's own middleware must be off: it would hide the
    address of the proxy, which decides whether a user that it names is believed.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        self._app = ProxyHeadersMiddleware(app, trusted_hosts=list(proxies))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "lifespan":
            scope[PEER] = scope["client"][0] if scope.get("client") else ""
        await self._app(scope, receive, send)

"""Client address and scheme behind a proxy."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from assistant.web.gate.clients import PEER, client_address


class Forwarded:
    """ASGI middleware that takes the client's address and scheme from a proxy's headers.

    Only ``proxies`` are trusted. uvicorn's own middleware must be off: it would hide the proxy's
    address, which decides whether to trust the user that it names.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        self._app = ProxyHeadersMiddleware(app, trusted_hosts=list(proxies))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        scope[PEER] = client_address(scope)
        await self._app(scope, receive, send)

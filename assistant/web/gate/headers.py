"""Security and caching headers of every response."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.api.errors import route_path

SCRIPTS = "script-src 'self'"

POLICY = "; ".join(
    (
        "default-src 'self'",
        SCRIPTS,
        # Gradio's components use inline styles that change at run time.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)

SECURITY = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), "
    "payment=(), usb=()",
}
"""Strict-Transport-Security is left to the proxy that terminates https."""

UNLESS_SAID = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Article content is for the asker: no shared cache may store it.
    "Cache-Control": "private, no-cache",
}
"""Defaults, unless the response sets its own."""

FOREVER = "public, max-age=31536000, immutable"
HASHED = ("/assets/", "/ui/")
"""Folders of content-hashed files."""


class Headers:
    """ASGI middleware that adds security headers, and lets browsers cache hashed files.

    It is the outermost, so that error responses get them, too.

    Pages of the origins ``framed_by`` may embed the app in a frame, besides its own. A page with
    inline scripts lists them in a separate policy (``inline_scripts``).

    Plain ASGI rather than Starlette's ``BaseHTTPMiddleware``, which would buffer streamed answers
    and hide disconnects from Gradio.
    """

    def __init__(self, app: ASGIApp, framed_by: Sequence[str] = ()) -> None:
        self._app = app
        # ``frame-ancestors`` comes last.
        policy = " ".join((POLICY, *framed_by))
        self._security = SECURITY | {"Content-Security-Policy": policy}
        if not framed_by:  # ignored where frame-ancestors is known, and it cannot hold a list
            self._security |= {"X-Frame-Options": "SAMEORIGIN"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        path = route_path(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                scripts = headers.get("Content-Security-Policy", SCRIPTS)
                for name, value in self._security.items():
                    headers[name] = value
                if scripts != SCRIPTS:
                    policy = self._security["Content-Security-Policy"]
                    headers["Content-Security-Policy"] = policy.replace(SCRIPTS, scripts, 1)
                if message["status"] == 200 and path.startswith(HASHED):
                    headers["Cache-Control"] = FOREVER
                for name, value in UNLESS_SAID.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)

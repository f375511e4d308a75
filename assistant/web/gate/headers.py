"""What every response carries, whichever part of the app made it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPTS = "script-src 'self'"

POLICY = "; ".join(
    (
        "default-src 'self'",
        SCRIPTS,
        # Gradio's components carry styles of their own, which change as they do.
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
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), "
    "payment=(), usb=()",
}
"""Not among them: Strict-Transport-Security, which is for the proxy that speaks https to set."""

UNLESS_SAID = {
    "Cross-Origin-Resource-Policy": "same-origin",
    # What the articles say is for who asked: no cache in between may keep it.
    "Cache-Control": "private, no-cache",
}
"""Headers of a response that does not bring its own."""

FOREVER = "public, max-age=31536000, immutable"
HASHED = ("/assets/", "/ui/")
"""Folders of files whose address changes when their content does."""


class Headers:
    """ASGI middleware that adds the security headers, and lets browsers keep hashed files.

    It stands outside of everything else, so that errors of whichever part carry them, too.

    Pages of the origins ``framed_by`` may show the app in a frame, besides its own. A page with
    scripts inside it says which, in a policy of nothing else (``inline_scripts``).

    Written for ASGI rather than as a Starlette ``BaseHTTPMiddleware``, which would hold back the
    streamed answers and hide from Gradio that a reader has left.
    """

    def __init__(self, app: ASGIApp, framed_by: Sequence[str] = ()) -> None:
        self._app = app
        # ``frame-ancestors`` is the last of them.
        policy = " ".join((POLICY, *framed_by))
        self._security = SECURITY | {"Content-Security-Policy": policy}
        if not framed_by:  # browsers that know frame-ancestors pass over it, and it knows no list
            self._security |= {"X-Frame-Options": "SAMEORIGIN"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        path = scope["path"].removeprefix(scope.get("root_path", ""))

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

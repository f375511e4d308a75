"""The single guard in front of all routes: who may access what.

Closed by default, so that a new route, ours or Gradio's, is guarded from the start.
"""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.access import ANYONE
from assistant.access.policy import CHOICES, Policy
from assistant.web.api.errors import (
    OPENAI,
    Problem,
    beneath,
    body,
    closing,
    refuse,
    route_path,
    too_often,
)
from assistant.web.gate.clients import asker, is_of_this_machine
from assistant.web.gate.principal import EDITS, KEY, MEANS
from assistant.web.gate.rates import Rate
from assistant.web.gate.sessions import Sessions
from assistant.web.gate.visitors import Visitor, identify

LOGIN = "/login"
LOGOUT = "/logout"

READ = frozenset({"GET", "HEAD"})
OPEN = {
    LOGIN: READ | {"POST"},
    # Only whether the service is up: health checks cannot sign in.
    "/healthz": READ,
    "/readyz": READ,
    # The widget's launcher. It knows nothing of the articles, and without it an intranet page would
    # have nowhere to sign in.
    "/widget.js": READ,
}
"""Public paths with their methods. Nothing beneath them is public."""

FOR_PROGRAMS = ("/api", "/v1", "/mcp", "/docs", "/openapi.json")
"""Paths for keys of any scope."""

FOR_ADMINS = ("/metrics", "/gaps")
"""Paths for administrators: metrics, and questions that were not answered."""

FOR_EDITORS = ("/api/files", "/api/bin", "/api/sync")
"""Paths for editors alone."""

EDITED = "/api/articles"
"""The path beneath which everyone may read and only editors may write."""

UNKNOWN = Problem(
    401, "unauthorized", "Sign in, or send a key with the header Authorization: Bearer KEY."
)
FOREIGN = Problem(403, "foreign_page", "Pages of other sites may not do this.")
FORBIDDEN = Problem(403, "forbidden", "This user or key may not see this.")
NO_EDITOR = Problem(403, "forbidden", "This user or key may not change articles.")
PROXIED = Problem(
    403,
    "access_not_chosen",
    "This came through a proxy, so others may reach the assistant, but nobody has chosen who may "
    f"ask. {CHOICES} On this machine itself, open it as http://127.0.0.1 or http://localhost.",
)
LIMITED = Problem(
    403,
    "access_not_chosen",
    f"Folders are limited to groups, but nobody has chosen who may ask. {CHOICES}",
)


class Guard:
    """ASGI middleware that authenticates requests and refuses those without access.

    It stores the principal in the request's scope for ``principal_of``. It reads no body, and
    refused requests count towards an address's ``requests``.
    """

    def __init__(self, app: ASGIApp, policy: Policy, sessions: Sessions, requests: Rate) -> None:
        self._app = app
        self._policy = policy
        self._sessions = sessions
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        connection = HTTPConnection(scope)
        visitor = identify(connection, self._policy, self._sessions)
        is_open = scope["method"] in OPEN.get(route_path(scope), ())
        refused = None if is_open else self._refused(connection, visitor)
        if refused is not None:
            if wait := self._requests.wait(asker(scope)):
                await refuse(too_often(wait), scope, receive, send, closing(scope))
            else:
                refused.headers.update(closing(scope))
                await refused(scope, receive, send)
            return
        scope[KEY] = visitor.principal if visitor else ANYONE
        scope[MEANS] = visitor.means if visitor else "none"
        scope[EDITS] = self._policy.editing and scope[KEY].may_edit
        await self._app(scope, receive, send)

    def _refused(self, connection: HTTPConnection, visitor: Visitor | None) -> Response | None:
        """The response that refuses the request; None to pass it on."""
        if visitor is None:
            return (
                _to_login(connection) if _is_page_load(connection) else _told(connection, UNKNOWN)
            )
        path = route_path(connection.scope)
        if _edits(connection.scope):
            # Even of the owner, who has not signed in: a form of any page can send files.
            if is_foreign(connection.headers):
                return _told(connection, FOREIGN)
            if not (self._policy.editing and visitor.principal.may_edit):
                return _told(connection, NO_EDITOR)
        return self._refused_to(connection, visitor, path)

    def _refused_to(
        self, connection: HTTPConnection, visitor: Visitor, path: str
    ) -> Response | None:
        """The same for someone who is known, or need not be."""
        match visitor.means:
            case "owner":
                if not is_of_this_machine(connection.scope):
                    return _told(connection, PROXIED)
                return _told(connection, LIMITED) if self._policy.must_choose else None
            case "key":
                allowed = beneath(path, FOR_PROGRAMS)
            case "session" | "proxy":
                if not _reads(connection.scope) and is_foreign(connection.headers):
                    return _told(connection, FOREIGN)
                allowed = True
            case _:
                allowed = True
        if beneath(path, FOR_ADMINS):
            allowed = visitor.principal.is_admin
        return None if allowed else _told(connection, FORBIDDEN)


def _edits(scope: Scope) -> bool:
    """Whether a request is for editors alone."""
    path = route_path(scope)
    return beneath(path, FOR_EDITORS) or (not _reads(scope) and beneath(path, (EDITED,)))


def is_foreign(headers: Headers) -> bool:
    """Whether a page of another origin sent the request, according to the browser.

    Programs send neither header. Browsers send ``Origin`` with every POST, and over https or on
    this machine also ``Sec-Fetch-Site``.
    """
    relation = headers.get("sec-fetch-site")
    if relation is not None:
        return relation not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    except ValueError:
        return True


def _is_page_load(connection: HTTPConnection) -> bool:
    """Whether a browser is loading a page."""
    if not _reads(connection.scope):
        return False
    mode = connection.headers.get("sec-fetch-mode")
    if mode is not None:
        return mode == "navigate"
    return "text/html" in connection.headers.get("accept", "")


def _to_login(connection: HTTPConnection) -> Response:
    path, query = route_path(connection.scope), connection.scope["query_string"].decode("latin-1")
    wanted = f"{path}?{query}" if query else path
    following = "" if wanted == "/" else f"?next={quote(wanted, safe='/', errors='replace')}"
    root = connection.scope.get("root_path", "")
    headers = {"Cache-Control": "no-store"}
    return RedirectResponse(f"{root}{LOGIN}{following}", HTTPStatus.SEE_OTHER, headers)


def _told(connection: HTTPConnection, told: Problem) -> Response:
    headers = {"Cache-Control": "no-store"}
    if told.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    openai = beneath(route_path(connection.scope), (OPENAI,))
    return JSONResponse(body(told, openai=openai), told.status, headers)


def _reads(scope: Scope) -> bool:
    return scope["method"] in READ

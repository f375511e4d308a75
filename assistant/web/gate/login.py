"""The login page, and logout."""

from __future__ import annotations

import re
from functools import cache
from http import HTTPStatus
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from assistant.access import passwords
from assistant.access.accounts import folded
from assistant.access.policy import Policy
from assistant.language.locales import locales
from assistant.web import assets
from assistant.web.gate.attempts import Attempts
from assistant.web.gate.clients import network
from assistant.web.gate.guard import LOGIN, LOGOUT, is_foreign
from assistant.web.gate.inline_scripts import allowed_scripts
from assistant.web.gate.principal import means_of
from assistant.web.gate.sessions import LIFETIME_S, Sessions
from assistant.web.gate.visitors import is_secure
from assistant.web.pages.routes import TEMPLATES, render

MOST_FIELDS = 10

AT_ONCE = 1
"""Concurrent password checks: each takes a processor and 64 MiB for a moment."""

MOST_WAITING = 20
"""Checks that may wait; further ones are refused with a retry time."""

RETRY_S = 5

EMBEDDED = "/embed"
"""The embedded chat, whose login page is as small."""

_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


class Login:
    """Logs people in with their passwords, and out."""

    def __init__(self, policy: Policy, sessions: Sessions, attempts: Attempts) -> None:
        self._accounts = policy.accounts
        self._sessions = sessions
        self._attempts = attempts
        self._free = CapacityLimiter(AT_ONCE)

    def routes(self) -> list[BaseRoute]:
        """The routes of the page and its forms."""
        return [
            Route(LOGIN, self._show, methods=["GET"]),
            Route(LOGIN, self._sign_in, methods=["POST"]),
            Route(LOGOUT, self._sign_out, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        following = local(request.query_params.get("next", ""))
        if means_of(request) in ("owner", "session", "proxy"):
            return _onward(request, following)
        return self._page(request, following)

    async def _sign_in(self, request: Request) -> Response:
        form = await _form(request)
        following = local(form.get("next", ""))
        if is_foreign(request.headers):
            return self._page(request, following, HTTPStatus.FORBIDDEN, error="login.foreign")
        name = folded(form.get("name", ""))
        address = network(request.scope)
        wait = self._attempts.begin(name, address)
        if not wait and self._free.statistics().tasks_waiting >= MOST_WAITING:
            self._attempts.take_back(name, address)
            wait = RETRY_S
        if wait:
            return self._page(
                request, following, HTTPStatus.TOO_MANY_REQUESTS, error="login.often", wait=wait
            )
        user = self._accounts.current().users.get(name)
        given, kept = form.get("password", ""), user.password if user else None
        if not await run_sync(passwords.fits, given, kept, limiter=self._free):
            status = HTTPStatus.UNAUTHORIZED
            return self._page(request, following, status, error="login.wrong", name=name)
        self._attempts.succeed(name, address)
        response = _onward(request, following)
        self._set(request, response, self._sessions.begin(name), LIFETIME_S)
        return response

    async def _sign_out(self, request: Request) -> Response:
        await run_sync(self._sessions.end, request.cookies.get(self._cookie(request), ""))
        response = _to(request, LOGIN)
        self._set(request, response, "", 0)
        return response

    def _page(
        self,
        request: Request,
        following: str,
        status: int = HTTPStatus.OK,
        *,
        error: str = "",
        name: str = "",
        wait: int = 0,
    ) -> Response:
        compact = urlsplit(following).path == EMBEDDED
        asked = parse_qs(urlsplit(following).query)
        page = render(
            request, "login.html", status, next=following, user=name, error=error,
            style=_style(), compact=compact, languages=locales(),
            theme=asked.get("__theme", [""])[0],
            possible=bool(self._accounts.current().users), elsewhere=_is_kept_apart(request),
        )  # fmt: skip
        page.headers["Cache-Control"] = "no-store"
        page.headers["Content-Security-Policy"] = allowed_scripts(bytes(page.body))
        if wait:
            page.headers["Retry-After"] = str(wait)
        return page

    def _cookie(self, request: Request) -> str:
        return self._sessions.cookie(is_secure(request))

    def _set(self, request: Request, response: Response, value: str, seconds: int) -> None:
        response.set_cookie(
            self._cookie(request), value, max_age=seconds, path="/",
            secure=is_secure(request), httponly=True, samesite="lax",
        )  # fmt: skip


def local(address: str) -> str:
    """``address`` if it is local, else the chat's: never redirect to another site."""
    return address if _LOCAL.fullmatch(address) else "/"


def _onward(request: Request, following: str) -> Response:
    return _to(request, quote(following, safe="/?&=%:+,;@~!$'()*[]-._#"))


def _to(request: Request, path: str) -> Response:
    root = request.scope.get("root_path", "")
    headers = {"Cache-Control": "no-store"}
    return RedirectResponse(f"{root}{path}", HTTPStatus.SEE_OTHER, headers)


async def _form(request: Request) -> dict[str, str]:
    """The form's fields; none if there are more than ours has."""
    body = await request.body()
    try:
        fields = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError:
        return {}
    return dict(fields)


def _is_kept_apart(request: Request) -> bool:
    """Whether this is a frame in another site's page, where browsers block our session cookie."""
    headers = request.headers
    framed = headers.get("sec-fetch-dest") in ("iframe", "frame")
    return framed and headers.get("sec-fetch-site") == "cross-site"


@cache
def _style() -> Markup:
    """The page's whole style, inline because files are behind the guard."""
    files = (assets.FOLDER / "look.css", TEMPLATES / "login.css")
    return Markup("\n".join(file.read_text(encoding="utf-8") for file in files))

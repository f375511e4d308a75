"""Allowed host names: the defence against DNS rebinding.

Any site can make its own name resolve to this machine; the visitor's browser then takes the
assistant for part of that site, and lets its scripts read every answer. Such a request has that
site's name in its Host header. IP addresses and "localhost" cannot be rebound, so they are always
allowed.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Collection
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.support.addresses import is_loopback, parse_address
from assistant.web.api.errors import Problem, refuse

if TYPE_CHECKING:
    from assistant.support.settings import Settings

ANY = "*"

_HEADER = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")
_NAMING = (b"host", b"x-forwarded-host")
"""Headers from which page URLs are built; the second is Gradio's first choice."""


def known_hosts(settings: Settings) -> frozenset[str]:
    """The names in ``settings``; unless on loopback, this machine's own, too."""
    names = {"localhost", *settings.allowed_hosts}
    if not is_loopback(settings.host):
        own = socket.gethostname().lower()
        names |= {own, f"{own.partition('.')[0]}.local"}
    return frozenset(names)


def is_known(host: str, names: Collection[str]) -> bool | None:
    """Whether a Host header holds one of ``names`` or an IP address; None if it is malformed."""
    found = _HEADER.fullmatch(host.strip())
    if not found:
        return None
    name = found[1].strip("[]").lower().rstrip(".")
    if ANY in names or name in names or parse_address(name):
        return True
    return any(one.startswith(".") and name.endswith(one) for one in names)


class Hosts:
    """ASGI middleware that refuses requests for hosts other than ``names``."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if (told := self._problem(scope)) is not None:
            await refuse(told, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _problem(self, scope: Scope) -> Problem | None:
        given = [
            (header, one)
            for header, value in scope["headers"]
            if header in _NAMING
            for one in value.decode("latin-1").split(",")
        ]
        known = [is_known(host, self._names) for _, host in given]
        if None in known or [header for header, _ in given].count(b"host") != 1:
            return Problem(400, "malformed_host", "The request's Host header is malformed.")
        if not all(known):
            return Problem(
                421,
                "unknown_host",
                "The assistant does not answer to this host name. Whoever runs it can list the "
                "name in ASSISTANT_ALLOWED_HOSTS.",
            )
        return None

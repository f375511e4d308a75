"""Authenticates requests."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from assistant.access import ANYONE, OWNER, Principal
from assistant.access.policy import Policy, SignOn
from assistant.web.gate.clients import PEER
from assistant.web.gate.principal import Means
from assistant.web.gate.sessions import Sessions

LONGEST_NAME = 200
MOST_GROUPS = 200


@dataclass(frozen=True, slots=True)
class Visitor:
    """A principal, and how they were authenticated."""

    principal: Principal
    means: Means


def identify(connection: HTTPConnection, policy: Policy, sessions: Sessions) -> Visitor | None:
    """The visitor, or None if authentication is required and missing.

    A key takes precedence over a proxy's header, and that over a session. A wrong key fails
    authentication, whatever else comes with it.
    """
    if not policy.closed:
        return Visitor(OWNER, "owner")
    visitor = _known(connection, policy, sessions)
    return Visitor(ANYONE, "none") if visitor is None and policy.public else visitor


def _known(connection: HTTPConnection, policy: Policy, sessions: Sessions) -> Visitor | None:
    kind, _, key = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        holder = policy.accounts.current().holder(key.strip())
        return Visitor(holder, "key") if holder else None
    if policy.sign_on and policy.sign_on.trusts(connection.scope.get(PEER, "")):
        signed_on = _signed_on(connection, policy.sign_on)
        if signed_on is not None:
            return Visitor(signed_on, "proxy")
    cookie = connection.cookies.get(sessions.cookie(is_secure(connection)))
    holder = sessions.holder(cookie) if cookie else None
    return Visitor(holder, "session") if holder else None


def is_secure(connection: HTTPConnection) -> bool:
    """Whether the request came over https."""
    return connection.scope.get("scheme") in ("https", "wss")


def _signed_on(connection: HTTPConnection, sign_on: SignOn) -> Principal | None:
    """The user the proxy names. A repeated header names nobody: one may be the visitor's."""
    names = connection.headers.getlist(sign_on.user)
    name = _text(names[0]) if len(names) == 1 else ""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return None
    listed = connection.headers.getlist(sign_on.groups) if sign_on.groups else []
    given = _text(listed[0]).split(",", MOST_GROUPS) if len(listed) == 1 else []
    groups = frozenset(group.strip() for group in given[:MOST_GROUPS]) - {""}
    return Principal(name, groups, may_edit=not groups.isdisjoint(sign_on.editors))


def _text(header: str) -> str:
    """A header's value decoded as UTF-8, as proxies send it, or as it is."""
    try:
        text = header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        text = header
    return unicodedata.normalize("NFC", text.strip())

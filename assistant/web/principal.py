"""Who a request comes from."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from assistant.access import ANYONE, Principal

KEY = "principal"
"""Where the guard in front of the app puts the principal, in the request's scope."""


def principal_of(connection: HTTPConnection) -> Principal:
    """Who sent this request; ``ANYONE`` if no guard said so: what is forgotten stays closed."""
    found = connection.scope.get(KEY)
    return found if isinstance(found, Principal) else ANYONE

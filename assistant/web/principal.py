"""Who a request comes from, and the assistant as they see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from assistant.access import ANYONE, Principal

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.view import View

KEY = "principal"
"""Where the guard in front of the app puts the principal, in the request's scope."""


def principal_of(connection: HTTPConnection) -> Principal:
    """Who sent this request; ``ANYONE`` if no guard said: what is forgotten stays closed."""
    found = connection.scope.get(KEY)
    return found if isinstance(found, Principal) else ANYONE


Seen = Callable[[HTTPConnection], "View"]
"""The assistant as whoever sent a request may see it. The parts of the web get this, never the
assistant itself, so that none can forget to ask who wants to know."""


def seen_by_sender(assistant: Assistant) -> Seen:
    """``assistant`` as the sender of each request sees it."""
    return lambda connection: assistant.seen_by(principal_of(connection))

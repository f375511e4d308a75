"""Who a request comes from, and the assistant as they see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from starlette.requests import HTTPConnection

from assistant.access import ANYONE, Principal

if TYPE_CHECKING:
    from assistant.assistant import Assistant

KEY = "principal"
"""Where the guard in front of the app puts the principal, in the request's scope."""

MEANS = "principal_means"
"""Where it puts how it knows."""

Means = Literal["owner", "session", "key", "proxy", "none"]
"""How it is known who asks: they run the assistant on their own machine, signed in, sent a key,
were signed in by a proxy; or it is not known.
"""


def principal_of(connection: HTTPConnection | None) -> Principal:
    """Who sent this request; ``ANYONE`` if no guard said so: what is forgotten stays closed.

    The request of a Gradio event is ``request.request`` of its ``gr.Request``.
    """
    found = connection.scope.get(KEY) if connection else None
    return found if isinstance(found, Principal) else ANYONE


def means_of(connection: HTTPConnection | None) -> Means:
    """How it is known who sent this request."""
    found: Means = connection.scope.get(MEANS, "none") if connection else "none"
    return found


Seen = Callable[[HTTPConnection], "Assistant"]
"""The assistant as whoever sent a request may see it. The parts of the web get this, never the
assistant itself, so that none can forget to ask who wants to know."""


def seen_by_sender(assistant: Assistant) -> Seen:
    """``assistant`` as the sender of each request sees it."""
    return lambda connection: assistant.seen_by(principal_of(connection))

"""The principal of a request, and the assistant as they may see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from starlette.requests import HTTPConnection

from assistant.access import ANYONE, Principal

if TYPE_CHECKING:
    from assistant.assistant import Assistant

KEY = "principal"
"""Scope key under which the guard stores the principal."""

MEANS = "principal_means"
"""Scope key of how the principal was authenticated."""

EDITS = "principal_edits"
"""Scope key of whether the principal may change articles here."""

Means = Literal["owner", "session", "key", "proxy", "none"]
"""How the principal was authenticated: as the owner on their own machine, by a session, a key or a
proxy; or not at all.
"""


def principal_of(connection: HTTPConnection | None) -> Principal:
    """The principal; ``ANYONE`` if no guard set one, so that it fails closed.

    For a Gradio event pass ``request.request`` of its ``gr.Request``.
    """
    found = connection.scope.get(KEY) if connection else None
    return found if isinstance(found, Principal) else ANYONE


def means_of(connection: HTTPConnection | None) -> Means:
    """How the sender of this request was authenticated."""
    found: Means = connection.scope.get(MEANS, "none") if connection else "none"
    return found


def may_edit(connection: HTTPConnection) -> bool:
    """Whether the sender of this request may change articles."""
    return connection.scope.get(EDITS) is True


Seen = Callable[[HTTPConnection], "Assistant"]
"""Returns the assistant as a request's sender may see it. The parts of the web app get this rather
than the assistant, so that none can forget to check access."""


def seen_by_sender(assistant: Assistant) -> Seen:
    """``assistant`` as each request's sender may see it."""
    return lambda connection: assistant.seen_by(principal_of(connection))

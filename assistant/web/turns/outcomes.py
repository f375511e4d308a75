"""How a question came, how long it took, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from assistant.support.errors import Trouble


class Way(StrEnum):
    """How a question comes."""

    CHAT = "chat"
    API = "api"
    OPENAI = "openai"
    MCP = "mcp"


class Outcome(StrEnum):
    """How a question ends."""

    ANSWERED = "answered"
    REFUSED = "refused"
    """The articles do not answer it."""
    INVALID = "invalid"
    """There is no question in it, or it is too long: a mistake of whoever asked."""
    FAILED = "failed"
    TURNED_AWAY = "turned_away"
    """It may be asked again later: too much is asked at once, the first articles are being read,
    or the service stops."""
    STOPPED = "stopped"
    """Whoever asked did not wait for the end."""
    TOO_SLOW = "too_slow"
    """It took longer than an answer may."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question that has come to its end. ``seconds`` are those it took by stage.

    ``first`` is when its first sentence was there, in seconds after it was asked; None if there was
    none. ``trouble`` kept a chat model from writing the answer.
    """

    way: Way
    outcome: Outcome
    seconds: Mapping[str, float] = field(default_factory=dict)
    first: float | None = None
    trouble: Trouble | None = None


Observer = Callable[[AskedQuestion], None]
"""Told of each question at its end, from whatever thread."""

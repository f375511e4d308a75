"""How a question arrived, how long it took, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from assistant.support.errors import Trouble


class Way(StrEnum):
    """The channel of a question."""

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
    """The question is missing or too long: the asker's mistake."""
    FAILED = "failed"
    TURNED_AWAY = "turned_away"
    """Retry later: too many concurrent questions, the first sync is running, or the server is
    shutting down.
    """
    STOPPED = "stopped"
    """The asker did not wait for the end."""
    TOO_SLOW = "too_slow"
    """It exceeded the time limit."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A completed question. ``seconds`` is its duration by stage.

    ``first`` is the time to its first sentence in seconds; None if there was none. ``trouble`` kept
    a chat model from writing the answer.
    """

    way: Way
    outcome: Outcome
    seconds: Mapping[str, float] = field(default_factory=dict)
    first: float | None = None
    trouble: Trouble | None = None


Observer = Callable[[AskedQuestion], None]
"""Called at the end of each question, from any thread."""

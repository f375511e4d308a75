"""What an error of a provider's library means: its kind, status, text, and when to try again.

Each provider has its own classes of errors, and LangChain wraps some of them; only their names and
the HTTP response behind them are alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import chain
from typing import Any

from assistant.support.errors import Trouble

_CONNECTION_WORDS = ("Connect", "Transport", "Protocol", "Network")
_LONGEST = 4_000  # characters of a refusal that are looked at


def kind_of(error: Exception, status: int | None, begun: bool) -> Trouble:
    """What went wrong; ``begun`` is whether the model had sent anything."""
    if status is not None:
        if status in (401, 403):
            return Trouble.UNAUTHORISED
        if status in (402, 429):
            return Trouble.BUSY
        return Trouble.UNAVAILABLE if status >= 500 or status == 408 else Trouble.REJECTED
    names = [c.__name__ for c in chain.from_iterable(type(e).__mro__ for e in _causes(error))]
    if any("Timeout" in name for name in names):
        return Trouble.TIMEOUT
    lost = any(word in name for name in names for word in _CONNECTION_WORDS)
    return Trouble.UNAVAILABLE if lost and not begun else Trouble.BROKEN


def status_of(error: Exception) -> int | None:
    """The HTTP status behind an error of any provider's library."""
    for holder in _holders(error):
        status = getattr(holder, "status_code", None)
        if isinstance(status, int) and status >= 400:
            return status
    return None


def said_by(error: Exception) -> str:
    """All that the error and its causes say. May repeat a key: to look at, never to show."""
    return " ".join(str(one) for one in _causes(error))[:_LONGEST]


def retry_after(error: Exception) -> float | None:
    """The seconds after which the server wants to be asked again, if it says so."""
    for holder in _holders(error):
        headers = getattr(holder, "headers", None)
        value = headers.get("retry-after") if headers is not None else None
        if isinstance(value, str):
            return _seconds(value)
    return None


def _seconds(value: str) -> float | None:
    """The seconds of a header ``Retry-After``, which is a number or a date."""
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _holders(error: Exception) -> Iterator[Any]:
    """The errors behind ``error`` and their HTTP responses."""
    for one in _causes(error):
        yield from (one, getattr(one, "response", None))


def _causes(error: BaseException) -> list[BaseException]:
    """``error`` and its causes."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        following = following.__cause__ or following.__context__
    return found

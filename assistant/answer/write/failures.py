"""What an error of a provider's library means: its kind, status, text, when to try again, and the
error that callers get instead.

Each provider has its own classes of errors, and LangChain wraps some of them; only their names and
the HTTP response behind them are alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import chain
from typing import Any

from assistant.answer.write.dialect import is_overflow
from assistant.support.errors import ChatModelError, Trouble

_CONNECTION_WORDS = ("Connect", "Transport", "Protocol", "Network")
_LONGEST = 4_000  # characters of a refusal that are looked at

_WHAT = {
    Trouble.UNAUTHORISED: "does not accept the key. Put a valid one into its environment variable.",
    Trouble.BUSY: "has too many requests, or its account is used up. Try again later.",
    Trouble.UNAVAILABLE: "cannot be reached. See that it runs, and that its address is right.",
    Trouble.REJECTED: "does not accept the request. See that its name and address are right.",
    Trouble.OVERFLOW: "was asked more than fits its context. Set ASSISTANT_LLM_CONTEXT to it.",
    Trouble.TIMEOUT: "was silent for too long. ASSISTANT_LLM_FIRST_TIMEOUT gives it more time "
    "until its first word, ASSISTANT_LLM_TIMEOUT between two.",
    Trouble.BROKEN: "broke off, or sent what cannot be read.",
    Trouble.CUT: "stopped in the middle.",
}


def explained(name: str, error: Exception, begun: bool) -> ChatModelError:
    """``error`` of the model ``name``, without its text: a server's message may repeat the key.

    ``begun`` is whether the model had sent anything.
    """
    if isinstance(error, ChatModelError):
        return error
    status = status_of(error)
    detail = type(error).__name__ + (f", HTTP status {status}" if status else "")
    kind = kind_of(error, status, begun)
    refused = kind in (Trouble.REJECTED, Trouble.UNAVAILABLE) and status
    if refused and is_overflow(said_by(error)):
        kind = Trouble.OVERFLOW
    return failure(name, kind, detail)


def failure(name: str, kind: Trouble, detail: str) -> ChatModelError:
    """The error of the model ``name`` that says what to do."""
    return ChatModelError(f"The chat model {name} {_WHAT[kind]} ({detail})", kind)


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

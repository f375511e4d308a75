"""Search filters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assistant.models.clearance import ALL, Clearance


@dataclass(frozen=True, slots=True)
class Filters:
    """Which passages a search may find; None means no limit.

    ``language`` is an ISO 639-1 code; ``after`` and ``before`` are the first and the last day of
    publication (articles without a date match neither); ``source`` is a file or folder of the
    corpus.
    ``clearance`` is what the asker may see at all.
    """

    language: str | None = None
    after: date | None = None
    before: date | None = None
    source: str | None = None
    clearance: Clearance = ALL


EVERYTHING = Filters()
"""Matches every passage."""


def within(source: str, place: str) -> bool:
    """Whether ``source`` is the file ``place``, or in the folder of that name."""
    return source == place or source.startswith(f"{place.rstrip('/')}/")

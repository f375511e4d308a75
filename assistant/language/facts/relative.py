"""Dates that a text leaves to its reader: "le 20 novembre" of a year named before, "next day"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import chain
from typing import NamedTuple

from assistant.language.facts.fact import Fact, Kind, flat
from assistant.language.lexicon import any_of, lexicons

_SHIFTS = {"same": 0, "next": 1, "previous": -1}
_WEEK = 7


class _When(NamedTuple):
    """The date that a text speaks of, as far as it is known."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


def resolved(texts: Sequence[str], found: Sequence[Sequence[Fact]]) -> list[list[Fact]]:
    """For each of the sentences ``texts``, which follow each other, the dates it means in full.

    ``found`` are the facts of each. What was said last completes what comes next.
    """
    when = _When()
    every: list[list[Fact]] = []
    for text, facts in zip(texts, found, strict=True):
        meant = []
        for start, end, step in sorted(_steps(text, facts), key=lambda one: one[0]):
            when, finest = _take(when, step)
            if value := _iso(when, finest):
                meant.append(Fact(Kind.DATE, start, end, text[start:end], value))
        every.append(meant)
    return every


Step = Fact | tuple[str, int]
"""A date, or a shift by a number of days, months or years."""


def _steps(text: str, facts: Sequence[Fact]) -> Iterator[tuple[int, int, Step]]:
    """The dates and shifts in a sentence, and where they are."""
    flattened = flat(text)
    for fact in facts:
        if fact.kind is Kind.DATE and re.match(r"[-\d]\d{3}|--", fact.value):
            yield fact.start, fact.end, fact
        elif fact.kind is Kind.NUMBER and fact.value.isdigit() and len(fact.value) < 5:
            is_later = _later().match(flattened, fact.end) is not None
            is_earlier = _earlier().match(flattened, fact.end) is not None
            sign = is_later - is_earlier
            count = sign * int(fact.value)
            if count and fact.unit in ("day", "month", "year"):
                yield fact.start, fact.end, (fact.unit, count)
            elif count and fact.unit == "week":
                yield fact.start, fact.end, ("day", _WEEK * count)
    for pattern, unit, shift in _shifts():
        for match in pattern.finditer(flattened):
            yield match.start(), match.end(), (unit, shift)


@cache
def _later() -> re.Pattern[str]:
    every = any_of(one.dates.later for one in lexicons().values())
    return re.compile(rf"\W{{0,2}}(?:{every})\b")


@cache
def _earlier() -> re.Pattern[str]:
    every = any_of(one.dates.earlier for one in lexicons().values())
    return re.compile(rf"\W{{0,2}}(?:{every})\b")


@cache
def _shifts() -> Sequence[tuple[re.Pattern[str], str, int]]:
    """What says how far a date is from the one before: a pattern, the unit and their number."""
    known = [one.dates.shifts for one in lexicons().values()]
    found = []
    for name in dict.fromkeys(chain(*known)):
        which, unit = name.split()
        every = any_of(shifts[name] for shifts in known if name in shifts)
        found.append((re.compile(rf"\b(?:{every})\b"), unit, _SHIFTS[which]))
    return found


def _take(when: _When, step: Step) -> tuple[_When, str]:
    """The date after a step, and its finest part that is said."""
    if isinstance(step, Fact):
        year, month, day = _parts(step.value)
        if month is None:
            return _When(year), "year"
        return _When(year or when.year, month, day), "day" if day else "month"
    unit, shift = step
    return _shifted(when, unit, shift), unit


def _parts(value: str) -> tuple[int | None, int | None, int | None]:
    match = re.match(r"(\d{4}|-)(?:-(\d\d))?(?:-(\d\d))?$", value)
    year, month, day = match.groups() if match else (None, None, None)
    return (
        int(year) if year and year != "-" else None,
        int(month) if month else None,
        int(day) if day else None,
    )


def _shifted(when: _When, unit: str, shift: int) -> _When:
    year, month, day = when
    if unit == "year":
        return _When(year and year + shift) if shift else when
    if unit == "month":
        if year is None or month is None:
            return when
        months = 12 * year + month - 1 + shift
        return _When(months // 12, months % 12 + 1)
    if year is None or month is None or day is None:
        return when
    if day > calendar.monthrange(year, month)[1]:
        return when
    moved = date(year, month, day) + timedelta(days=shift)
    return _When(moved.year, moved.month, moved.day)


def _iso(when: _When, finest: str) -> str:
    """The date as a fact's value down to its part ``finest``; "" if it is not known so far."""
    year, month, day = when
    if year is None or (finest != "year" and month is None) or (finest == "day" and day is None):
        return ""
    value = f"{year:04}"
    if finest != "year":
        value += f"-{month:02}"
    return value + (f"-{day:02}" if finest == "day" else "")

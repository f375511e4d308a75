"""Dates that a text leaves to its reader: "le 20 novembre" of a year named before, "next day"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from assistant.language.facts.fact import Fact, Kind, flat

_SHIFTS = {
    ("day", 0): r"meme jour|jour meme|same day|selben tag|gleichen tag|mismo dia",
    ("day", 1): r"lendemain|(?:next|following) day|day after|tags darauf|"
    r"(?:nachsten|folgenden) tag|dia siguiente",
    ("day", -1): r"la veille|(?:previous) day|day before|vortag|vispera|dia anterior",
    ("month", 0): r"(?:meme|du|ce) mois|(?:same|that) month|of the month|(?:selben|des) monats?|"
    r"(?:mismo|ese|del) mes",
    (
        "month",
        1,
    ): r"mois suivant|(?:next|following) month|monat darauf|(?:nachsten|folgenden) monat|"
    r"mes siguiente",
    (
        "year",
        0,
    ): r"(?:meme|cette) annee|(?:same|that) year|(?:selben|gleichen) jahr|mismo ano|ese ano",
    ("year", 1): r"(?:annee|ete|printemps|automne) suivante?|(?:next|following) year|jahr darauf|"
    r"folgejahr|(?:nachsten|folgenden) jahr|ano siguiente",
    (
        "year",
        -1,
    ): r"(?:annee precedente)|(?:previous|preceding) year|year before|vorjahr|ano anterior",
}
_LATER = re.compile(
    r"\W{0,2}(?:plus tard|apres|later|after|afterwards|spater|danach|despues|mas tarde)\b"
)
_EARLIER = re.compile(r"\W{0,2}(?:plus tot|auparavant|earlier|before|zuvor|fruher|antes)\b")
_PATTERNS = [(re.compile(rf"\b(?:{words})\b"), *shift) for shift, words in _SHIFTS.items()]
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
            sign = bool(_LATER.match(flattened, fact.end)) - bool(
                _EARLIER.match(flattened, fact.end)
            )
            count = sign * int(fact.value)
            if count and fact.unit in ("day", "month", "year"):
                yield fact.start, fact.end, (fact.unit, count)
            elif count and fact.unit == "week":
                yield fact.start, fact.end, ("day", _WEEK * count)
    for pattern, unit, shift in _PATTERNS:
        for match in pattern.finditer(flattened):
            yield match.start(), match.end(), (unit, shift)


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

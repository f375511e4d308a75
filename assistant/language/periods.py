"""The period that a question asks about: "in 2023", "before June", "since March"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from assistant.language.facts import Fact, Kind, facts
from assistant.language.facts.fact import flat
from assistant.language.lexicon import lexicon

_NEAR = 40
"""Characters before a date among which the word is that bounds a period by it."""

_SHIFTS = {"last": -1, "this": 0, "next": 1}

_DAY = re.compile(r"(?:(?P<year>\d{4})|-)(?:-(?P<month>\d\d))?(?:-(?P<day>\d\d))?")


@dataclass(frozen=True, slots=True)
class Period:
    """From the day ``first`` to the day ``last``; ``any_year`` if their year was only assumed: the
    articles may be older than the question.
    """

    first: date
    last: date
    any_year: bool = False

    def overlaps(self, other: Period) -> bool:
        """Whether the two have a day in common."""
        return self.first <= other.last and other.first <= self.last

    def holds(self, other: Period) -> bool:
        """Whether all of ``other`` is in it, as no year is in a month."""
        return self.first <= other.first and other.last <= self.last

    def earlier(self, years: int) -> Period:
        """The same so many years earlier."""
        return Period(_earlier(self.first, years), _earlier(self.last, years))


def stated_period(text: str, language: str, today: date) -> Period | None:
    """The one period that ``text`` states; None if it states none or several.

    A month or day without a year is the last one that has begun, in ``any_year`` unless bounded.
    Else it may be told from ``today``, as "last year" is, in ``any_year``, too.
    """
    told = [(fact, period) for fact in facts(text, language) if (period := _last(fact, today))]
    if not told:
        return _relative(text, language, today)
    if len(told) != 1:
        return None
    fact, period = told[0]
    asks = lexicon(language).picks
    ways = (
        (asks.before, Period(date.min, period.first - timedelta(days=1))),
        (asks.since, Period(period.first, date.max)),
    )
    before = _said(text[max(0, fact.start - _NEAR) : fact.start])
    for word, bounded in ways:
        if word and re.search(rf"\b(?:{word})\s*\Z", before):
            return bounded
    return replace(period, any_year=fact.value.startswith("-"))


def days_in(text: str, language: str, year: int | None) -> Iterator[Period]:
    """The days, months and years that ``text`` names; one without a year is of ``year``."""
    for fact in facts(text, language):
        if period := _period(fact, year):
            yield period


def without_relative(text: str, language: str) -> str:
    """``text``, flat, without "last year" and the like: there "last" picks no one of several."""
    said = _said(text)
    for pattern in lexicon(language).dates.relative.values():
        said = re.sub(rf"\b(?:{pattern})\b", " ", said)
    return said


def _said(text: str) -> str:
    return flat(text).replace("’", "'")


def _relative(text: str, language: str, today: date) -> Period | None:
    """The period that ``text`` tells from ``today``; None if none."""
    said = _said(text)
    for key, pattern in lexicon(language).dates.relative.items():
        if pattern and re.search(rf"\b(?:{pattern})\b", said):
            which, unit = key.split()
            return replace(_from_today(_SHIFTS[which], unit, today), any_year=True)
    return None


def _from_today(by: int, unit: str, today: date) -> Period:
    """The year, month or week that is ``by`` later than that of ``today``."""
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=by)
        return Period(monday, monday + timedelta(days=6))
    if unit == "year":
        return Period(date(today.year + by, 1, 1), date(today.year + by, 12, 31))
    year, month = divmod(today.year * 12 + today.month - 1 + by, 12)
    return Period(
        date(year, month + 1, 1), date(year, month + 1, calendar.monthrange(year, month + 1)[1])
    )


def _earlier(day: date, years: int) -> date:
    last = calendar.monthrange(day.year - years, day.month)[1]
    return day.replace(year=day.year - years, day=min(day.day, last))


def _last(fact: Fact, today: date) -> Period | None:
    period = _period(fact, today.year)
    if period and period.first > today and fact.value.startswith("-"):
        return _period(fact, today.year - 1)
    return period


def _period(fact: Fact, year: int | None) -> Period | None:
    """The days that a date covers; None for a weekday, a time of day, and what is no date."""
    said = _DAY.fullmatch(fact.value) if fact.kind is Kind.DATE else None
    if said is None or not (said["year"] or year):
        return None
    of_year, month, day = int(said["year"] or year or 0), said["month"], said["day"]
    try:
        first = date(of_year, int(month or 1), int(day or 1))
    except ValueError:
        return None  # 29 February of another year
    if day:
        return Period(first, first)
    to = int(month or 12)
    return Period(first, date(of_year, to, calendar.monthrange(of_year, to)[1]))

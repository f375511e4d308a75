"""Questions about when: the latest, the first, the next, and those that state a date.

What is dated is a section by its heading ("2.8.1 (2026-02-11)"), a row of a table by its cells, and
an article by its title or its day. Dates are compared as dates, versions as versions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from itertools import compress

from assistant.answer.judge.answer_kind import Asked, asked
from assistant.answer.quote.editions import (
    When,
    counterpart,
    date_in,
    editions,
    moment,
    names,
    of_one_series,
    version_in,
)
from assistant.answer.quote.excerpts import Excerpt, near_best
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.facts.fact import folded
from assistant.language.layout import Layout, Line
from assistant.language.lexicon import lexicon, says
from assistant.language.periods import Period, days_in, without_relative
from assistant.search.found import Found, Question


class Pick(StrEnum):
    """Which of several dated things a question asks for."""

    LATEST = "latest"
    FIRST = "first"
    NEXT = "next"


def pick(question: str, language: str) -> Pick | None:
    """Which of several dated things ``question`` asks for; None if it does not say."""
    text = without_relative(question, language)
    asks = lexicon(language).picks
    patterns = {Pick.LATEST: asks.latest, Pick.FIRST: asks.first, Pick.NEXT: asks.next}
    for which, pattern in patterns.items():
        if says(pattern, text):
            return which
    return None


def picked_section(question: Question, best: Excerpt, which: Pick, today: date) -> Excerpt | None:
    """The section with its heading that ``which`` picks of those beside the one ``best`` is in.

    None if the headings of its article say no dates or versions.
    """
    layout = best.found.layout
    dated = _dated_headings(best, question)
    if len(dated) < 2:
        return None
    heading = _chosen(dated, which, today)
    if heading is None:
        return None
    under = layout.under(heading)
    last = under[0][-1].last if under else heading.last
    return replace(best, first=heading.first, last=last)


def picked_row(question: Question, best: Excerpt, which: Pick, today: date) -> Excerpt | None:
    """The row that ``which`` picks of the table that ``best`` is in, by the dates in its cells."""
    layout = best.found.layout
    if not best.is_row:
        return None
    rows = [line for line in layout.group(best.first) if not layout.is_header(line.first)]
    moments = ((date_in(layout.text(line), best.language), line) for line in rows)
    dated = [(moment, line) for moment, line in moments if moment is not None]
    line = _chosen(dated, which, today) if len(dated) > 1 else None
    return replace(best, first=line.first, last=line.last) if line is not None else None


def with_dated_heading(question: Question, one: Excerpt) -> Excerpt:
    """``one`` with what stands above it from the heading on, if that says when or in which version,
    as is asked, and ``one`` does not.
    """
    layout = one.found.layout
    heading = layout.heading(one.first)
    if heading is None or one.is_row:
        return one
    above = layout.text(heading)
    when = asked(question.text, question.language) is Asked.DATE
    dated = when and date_in(above, one.language) and not date_in(one.quote, one.language)
    version = "version" in folded(question.text) and version_in(above) and not version_in(one.quote)
    return replace(one, first=heading.first) if dated or version else one


def of_its_time(
    ranked: Sequence[Excerpt], near: Sequence[Excerpt], chosen: Callable[[Sequence[When]], When]
) -> list[Excerpt]:
    """``ranked`` with the ``chosen`` edition first of those ``near`` the best that are of its
    series, and without the others, which that one replaces: reports of a time remain true.

    What says there what the best one says comes first of all, however much below it scores: another
    edition words it anew.
    """
    of_near = of_one_series(near)
    same = of_near or of_one_series(ranked)
    if not same:
        return list(ranked)
    when = chosen([edition.when for edition, _ in same])
    mine = next(edition.when for edition, one in same if one is ranked[0])
    told, beside = ([one for edition, one in same if edition.when == w] for w in (when, mine))
    alike = counterpart(ranked[0], beside, told)
    if not (of_near or alike):
        return list(ranked)
    first = [one for one in told if one is not alike]
    moved = [one for _, one in same if one in told or not _reports(one.found)]
    lead = [replace(alike, score=ranked[0].score)] if alike else []
    return lead + first + [one for one in ranked if one not in moved]


def _reports(one: Found) -> bool:
    """Whether its article tells of a year or month that was over when it was published."""
    published = one.passage.published or date.min
    return any(day.first < day.last < published for day in _titled_days(one))


def of_picked_edition(ranked: Sequence[Excerpt], which: Pick) -> list[Excerpt]:
    """``ranked`` without others than the latest, or first, edition of the series of the best one;
    all of them if it is of none. What comes next, the latest tells that announces it.
    """
    near = near_best(ranked)
    if which is Pick.NEXT and _announces(ranked[0]):
        ranked = near = [one for one in ranked if _announces(one)]
    end = min if which is Pick.FIRST else max
    picked = [edition for edition, _ in of_one_series(near)]
    picked = [end(picked, key=lambda edition: edition.when)] if picked else []
    ordered = of_its_time(ranked, near, end)
    return [one for one in ordered if not picked or picked[0] in editions(one)]


def _announces(one: Excerpt) -> bool:
    """Whether it says what comes next."""
    return pick(f"{one.heading} {one.quote}", one.language) is Pick.NEXT


def states_date(question: Question) -> list[Fact]:
    """The days, months and years that ``question`` states."""
    stated = facts(question.text, question.language)
    return [fact for fact in stated if fact.kind is Kind.DATE]


def last_found(found: Sequence[Found], period: Period) -> Period | None:
    """``period``; where no year was stated, of the last year that anything ``found`` is of, or None
    if nothing is of this time of a year.
    """
    if not period.any_year:
        return period
    named = [day for one in found for day in (*_own_days(one), *_named_days(one))]
    ages = {period.first.year - day.first.year for day in named}
    every = (period.earlier(years) for years in sorted(ages) if years >= 0)
    return next((one for one in every if any(map(one.holds, named))), None)


def of_period(found: Sequence[Found], period: Period) -> list[Found]:
    """``found`` without what is of another time, unless all is: the passages of articles that are
    dated otherwise and name no day of ``period``, or of a series that has one of this time.
    """
    dated = [one for one in found if not _own_days(one) or _tells_of(one, period)]
    titled = [any(map(period.overlaps, _titled_days(one))) for one in dated]
    told = frozenset().union(*(names(one.passage) for one in compress(dated, titled)))
    of_itself = [
        one
        for one, own in zip(dated, titled, strict=True)
        if own or told.isdisjoint(names(one.passage))
    ]
    return of_itself or list(found)


def _tells_of(one: Found, period: Period) -> bool:
    """Whether its article is of ``period``, or the passage names a day of it."""
    of_it = any(map(period.overlaps, _own_days(one)))
    return of_it or any(map(period.holds, _named_days(one)))


def _named_days(one: Found) -> list[Period]:
    """The times that the passage names."""
    own = _own_days(one)
    year = own[0].first.year if own else None
    return list(days_in(one.passage.text, one.passage.language, year))


def _own_days(one: Found) -> list[Period]:
    """The days that its article is of: those in its title, else that of its publication."""
    published = one.passage.published
    return _titled_days(one) or ([Period(published, published)] if published else [])


def _titled_days(one: Found) -> list[Period]:
    """The days in the title of its article."""
    passage, published = one.passage, one.passage.published
    return list(days_in(passage.title, passage.language, published.year if published else None))


def _dated_headings(best: Excerpt, question: Question) -> list[tuple[When, Line]]:
    """The headings of its article that say a version or date, of those that the question allows."""
    layout: Layout = best.found.layout
    stated = states_date(question)
    found: list[tuple[When, Line]] = []
    for group in layout.groups:
        if not layout.is_heading(group) or group[-1] == layout.title(best.found.passage.title):
            continue
        text = layout.text(group[-1])
        when = moment(text, best.language)
        allowed = all(holds(facts(text, best.language), fact) for fact in stated)
        if when is not None and allowed:
            found.append((when, group[-1]))
    return found


def _chosen(dated: Sequence[tuple[When, Line]], which: Pick, today: date) -> Line | None:
    if which is Pick.NEXT:
        now = (today.year, today.month, today.day)
        dated = [one for one in dated if one[0] >= now]
    if not dated:
        return None
    found = max(dated) if which is Pick.LATEST else min(dated)
    return found[1]

"""Editions: which of several documents, sections or quoted mails of one kind is the newer.

What shares its name but for dates and versions is of one series: "Travel rules 2024" and
travel-rules-2026.docx, the sheets "2025" and "2026" of a price list, the minutes of a board.
Dates are compared as dates, versions as versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from assistant.answer.quote.excerpts import Excerpt
from assistant.language.facts import Fact, Kind, facts
from assistant.language.facts.holding import MONTHS_OF_PARTS
from assistant.models.records import Extract

When = tuple[int, ...]
"""Year, month and day as far as they are said, or the parts of a version; compared as they are."""

_VERSION = re.compile(r"(?<![\w.])(?:v(\d+)|v?(\d+(?:\.\d+)+))(?![\w]|\.\d)")
_YEAR = re.compile(r"\d{4}(?:-\d\d)*")
_BETWEEN_WORDS = re.compile(r"(?<!\d)[-_]+|[-_]+(?!\d)")
_REPLIES = re.compile(r"^(?:\w{2,4}\s?:\s*)+")
_QUOTED = re.compile(r"[>\s]*")


@dataclass(frozen=True, slots=True)
class Edition:
    """``when`` one of the things is of that share the name ``of``."""

    of: tuple[str, ...]
    when: When


def editions(one: Excerpt) -> Iterator[Edition]:
    """What ``one`` is an edition of, the most particular first: the mail that is quoted within a
    mail, the section, the article by its title and by its file.
    """
    passage, language = one.found.passage, one.language
    yield Edition((passage.article, ">"), (-_depth(one),))
    heading = one.heading
    when = date_in(heading, language)
    # Versions and days head what was done then: an entry of a log replaces no other.
    if when and not when[2:] and not version_in(heading):
        yield Edition((passage.article, "#", _name(heading, language)), when)
    if when := article_moment(passage):
        for name in sorted(names(passage)):
            yield Edition((name,), when)


def article_moment(passage: Extract) -> When | None:
    """When an article is of: by its title, its file's name, or the day of its publication."""
    day = passage.published
    return (
        moment(passage.title, passage.language)
        or moment(path_of(passage), passage.language)
        or ((day.year, day.month, day.day) if day else None)
    )


def moment(text: str, language: str) -> When | None:
    """The first date in ``text`` that says a year, else the first version."""
    return date_in(text, language) or version_in(text)


def date_in(text: str, language: str) -> When | None:
    """The first date in ``text`` that says a year."""
    return next((_when(fact) for fact in facts(text, language) if _has_year(fact)), None)


def version_in(text: str) -> When | None:
    """The first version in ``text``."""
    found = _VERSION.search(text)
    return tuple(int(part) for part in (found[1] or found[2]).split(".")) if found else None


def _when(date: Fact) -> When:
    when = tuple(map(int, date.value.split("-")))
    # The spring of a year is before its autumn.
    return when if when[1:] or not date.unit else (*when, MONTHS_OF_PARTS[date.unit][0])


def _has_year(fact: Fact) -> bool:
    return fact.kind is Kind.DATE and _YEAR.fullmatch(fact.value) is not None


def _name(text: str, language: str) -> str:
    """``text`` without its dates and versions."""
    for fact in reversed(facts(text, language)):
        if fact.kind is Kind.DATE:
            text = text[: fact.start] + text[fact.end :]
    return " ".join(re.sub(r"[\W_]+", " ", _VERSION.sub("", text)).split()).casefold()


def path_of(passage: Extract) -> str:
    """The path of its file, as words."""
    return _BETWEEN_WORDS.sub(" ", str(PurePosixPath(passage.source).with_suffix("")))


def _depth(one: Excerpt) -> int:
    """How often its line has been quoted: ">> " twice."""
    passage = one.found.passage
    at = one.start - passage.start
    line = passage.text[passage.text.rfind("\n", 0, at) + 1 :]
    mark = _QUOTED.match(line)
    return mark[0].count(">") if mark else 0


def of_one_series(near: Sequence[Excerpt]) -> list[tuple[Edition, Excerpt]]:
    """Those of ``near`` that are of one series with the first, each with its edition; none if all
    are of one edition.
    """
    for mine in editions(near[0]) if near else ():
        same = [(other, one) for one in near for other in editions(one) if other.of == mine.of]
        if len({edition.when for edition, _ in same}) > 1:
            return same
    return []


def counterpart(
    one: Excerpt, beside: Sequence[Excerpt], others: Sequence[Excerpt]
) -> Excerpt | None:
    """What of ``others`` is most like ``one`` in meaning, and more like it than like what stands
    ``beside`` it; None if nothing is.
    """
    alike = max(others, key=lambda other: float(other.vector @ one.vector))
    closest = max(float(alike.vector @ each.vector) for each in beside)
    return alike if float(alike.vector @ one.vector) >= closest else None


def in_force(moments: Sequence[When], at: date) -> When:
    """The newest of ``moments`` that has begun on the day ``at``, else the first to come."""
    day = (at.year, at.month, at.day)
    return max((when for when in moments if when <= day), default=min(moments))


def apart(one: Excerpt, two: Excerpt) -> bool:
    """Whether the two are of different editions of one thing."""
    return any(
        mine.of == other.of and mine.when != other.when
        for mine in editions(one)
        for other in editions(two)
    )


def names(passage: Extract) -> frozenset[str]:
    """What the articles of one series share: their titles without dates, their files' names."""
    language = passage.language
    told = (_REPLIES.sub("", passage.title), path_of(passage))
    return frozenset(_name(one, language) for one in told) - {""}

"""Dates, as far as they are said: a day, a month, a year, a decade, a weekday."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain

from text_to_num import text2num

from assistant.language.facts import cldr
from assistant.language.facts.fact import Fact, Kind, Taken, flat
from assistant.language.lexicon import any_of, lexicon, lexicons

_WHOLE = re.compile(r"-\d\d-\d\d$|W|T|X-")  # dates that have no early, middle and late part
_FIGURE = re.compile(r"\d")
_YEAR = r"(?<![\d.,])(?:1\d{3}|20\d{2})(?!\d|[.,]\d)"
_DAY = r"(?<![\d.,:])(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|\.|º|ª)?"
_LATER_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\d.,]?\d|\s*%)"
_OF = r"\s+(?:(?:of|de|del|du)\s+)?"

Valued = Callable[[re.Match[str]], str]
"""Makes a date's value of a match; "" if it is none."""


def dates(text: str, language: str) -> list[Fact]:
    """The dates in ``text``, in order and without overlap, the fullest form of each."""
    flattened = flat(text)
    has_figures = _FIGURE.search(flattened) is not None
    has_names = _calendar(language).search(flattened) is not None
    found: list[Fact] = []
    taken = Taken(text)
    for form in _forms(language):
        if (form.figures and not has_figures) or (form.named and not has_names):
            continue
        for match in form.pattern.finditer(flattened):
            start, end = match.span()
            if form.named and not _spelt_as_date(text, match, language):
                continue
            value = form.valued(match)
            if value and not taken.touches(start, end):
                dated = _dated(text, flattened, (start, end), value)
                taken.add(dated.start, dated.end)
                found.append(dated)
    return sorted(found, key=lambda fact: fact.start)


def _spelt_as_date(text: str, match: re.Match[str], language: str) -> bool:
    """Whether the name of a month or day is spelt as one: "may" in English and, in French, "Mars"
    alone are none.
    """
    start = match.start("name")
    if lexicon(language).dates.capitalised:
        return text[start].isupper()
    return text[start].islower() or start == 0 or match.group() != match["name"]


def _dated(text: str, flattened: str, span: tuple[int, int], value: str) -> Fact:
    """The date with the part of it that the words before say."""
    start, end = span
    before = _part_before().search(flattened[max(0, start - 40) : start])
    if before is None or _WHOLE.search(value):
        return Fact(Kind.DATE, start, end, text[start:end], value)
    start -= len(before[0])
    return Fact(Kind.DATE, start, end, text[start:end], value, _parts()[before[1]])


@cache
def _parts() -> Mapping[str, str]:
    """Words for parts of a month, year or decade, and seasons: "mitte" gives "mid"."""
    return {
        word: part
        for one in lexicons().values()
        for part, words in one.dates.parts.items()
        for word in words
    }


@cache
def _part_before() -> re.Pattern[str]:
    of = any_of(one.dates.part_of for one in lexicons().values())
    return re.compile(rf"\b({'|'.join(_parts())})\b[\s-]*(?:(?:{of})\b['’\s]*){{0,4}}$")


@dataclass(frozen=True, slots=True)
class _Form:
    """A way to write a date: whether it has figures, and a name of the calendar, in it."""

    pattern: re.Pattern[str]
    valued: Valued

    @property
    def figures(self) -> bool:
        return "\\d" in self.pattern.pattern

    @property
    def named(self) -> bool:
        return "<name>" in self.pattern.pattern


@cache
def _forms(language: str) -> tuple[_Form, ...]:
    """The forms of dates, the fullest first."""
    every = (*_full_forms(language), *_short_forms(language))
    return tuple(_Form(re.compile(pattern), valued) for pattern, valued in every)


@cache
def _calendar(language: str) -> re.Pattern[str]:
    names = {**cldr.short_months(language), **cldr.months(language), **cldr.weekdays(language)}
    return re.compile(rf"\b(?:{_any(names)})\b")


def _full_forms(language: str) -> Iterator[tuple[str, Valued]]:
    months = {**cldr.short_months(language), **cldr.months(language)}
    name = rf"\b(?P<name>{_any(months)})\b"
    valued = _by_name(months)
    yield r"\b(?P<year>\d{4})-(?P<month>[01]\d)(?:-(?P<day>[0-3]\d))?\b", _by_figures
    first, second = ("month", "day") if lexicon(language).dates.month_first else ("day", "month")
    figures = rf"(?P<{first}>[0-3]?\d)(?P<sign>[/.])(?P<{second}>[0-3]?\d)(?P=sign)"
    yield rf"(?<![\d.,/]){figures}(?P<year>\d{{4}})\b", _by_figures
    yield rf"{_DAY}{_OF}{name}\.?(?:(?:,?{_OF}|,\s*)(?P<year>{_YEAR}))?", valued
    yield rf"{name}\.?\s+{_LATER_DAY}(?:,?\s+(?P<year>{_YEAR}))?", valued
    yield rf"{name}\.?,?{_OF}(?P<year>{_YEAR})", valued


def _short_forms(language: str) -> Iterator[tuple[str, Valued]]:
    months, weekdays = cldr.months(language), cldr.weekdays(language)
    # At the start of a sentence "May" may be a verb, and "Mars" a planet anywhere.
    yield rf"(?<=\w\W)\b(?P<name>{_any(months)})\b", _by_name(months)
    yield rf"\b(?P<name>{_any(weekdays)})\b", lambda m: f"-W-{weekdays[m['name']]}"
    yield r"\b(1\d\d|20\d)0(?:er[ns]?|['’]?s)\b(?:\s+jahren?\b)?", lambda m: f"{m[1]}X"
    in_the_years = _in_the_years()
    yield rf"{in_the_years}(1\d\d|20\d)0\b", _decade
    yield rf"{in_the_years}['’]?([2-9])0(?:er[ns]?|s)?\b", lambda m: f"19{m[1]}X"
    yield r"\b(\w+zig)ern?\s+jahren?\b", _german_decade
    yield r"(?<=\d{4}[–/-])(?:1\d{3}|20\d{2})(?!\d)", lambda m: m[0]
    yield rf"({_YEAR})/(\d\d)(?![\d/])", _two_years
    yield _YEAR, lambda m: m[0]
    half = r"([ap])(?:\.\s?)?m\b" if language == "en" else r"([ap])\.\s?m\b"  # "am" is German, too
    yield rf"(?<![\d:.,])(0?[1-9]|1[0-2])(?:[:.]([0-5]\d))?\s?{half}", _of_twelve
    yield r"(?<![\d:.,])([01]?\d|2[0-3])(?:[:.]([0-5]\d))?\s?uhr\b", _time
    yield r"(?<![\d:.,])([01]?\d|2[0-3])(?::|\s?h\s?)([0-5]\d)(?![\d:])", _time


@cache
def _in_the_years() -> str:
    words = (one.dates.decade.split("|") for one in lexicons().values() if one.dates.decade)
    return "(?:" + "|".join(rf"(?<={word}\s)" for word in chain(*words)) + ")"


def _any(names: Mapping[str, int]) -> str:
    return "|".join(sorted((re.escape(n) for n in names if len(n) > 2), key=len, reverse=True))


def _by_name(months: Mapping[str, int]) -> Valued:
    def valued(match: re.Match[str]) -> str:
        groups = match.groupdict()
        return _iso(groups.get("year"), months[match["name"]], groups.get("day"))

    return valued


def _by_figures(match: re.Match[str]) -> str:
    return _iso(match["year"], int(match["month"]), match["day"])


def _iso(year: str | None, month: int, day: str | None) -> str:
    if not 1 <= month <= 12:
        return ""
    return f"{year or '-'}-{month:02}" + (f"-{int(day):02}" if day else "")


def _decade(match: re.Match[str]) -> str:
    return f"{match[1]}X"


def _two_years(match: re.Match[str]) -> str:
    """The first of "2025/26"."""
    return match[1] if (int(match[1]) + 1) % 100 == int(match[2]) else ""


def _time(match: re.Match[str]) -> str:
    return f"T{int(match[1]):02}:{match[2] or '00'}"


def _of_twelve(match: re.Match[str]) -> str:
    hour = int(match[1]) % 12 + 12 * (match[3] == "p")
    return f"T{hour:02}:{match[2] or '00'}"


def _german_decade(match: re.Match[str]) -> str:
    try:
        return f"19{text2num(match[1], 'de') // 10}X"
    except ValueError:  # not a number
        return ""

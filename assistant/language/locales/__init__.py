"""The assistant's own texts: one JSON file per language.

How a language writes dates, numbers, lists and the names of other languages comes from Babel.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import babel
from babel.dates import format_date, format_time, format_timedelta
from babel.lists import format_list
from babel.numbers import format_decimal

from assistant.models.article import UNKNOWN_LANGUAGE

if TYPE_CHECKING:
    from assistant.models.status import Progress, Status

FOLDER = Path(__file__).parent
DEFAULT = "en"
COOKIE = "language"
MOST_LANGUAGES_NAMED = 4
"""With more languages than this, a library's languages are counted, not listed."""

_PREFERENCE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*+(?:;\s*q\s*=\s*([0-9.]+)\s*)?")


@dataclass(frozen=True, slots=True)
class Locale:
    """The texts of one language: ``code`` is an ISO 639-1 code, ``texts`` the file's content."""

    code: str
    texts: Mapping[str, str]

    def text(self, key: str, **values: object) -> str:
        """The text of ``key`` with its ``{names}`` filled in. Raises ``KeyError`` when unknown."""
        return self.texts[key].format(**values)

    def under(self, prefix: str) -> dict[str, str]:
        """The texts whose keys start with ``prefix``, such as those for the page's script."""
        return {key: text for key, text in self.texts.items() if key.startswith(prefix)}

    def number(self, number: float) -> str:
        """A number with thousands separators."""
        written: str = format_decimal(number, locale=self._region)
        return written

    def day(self, day: date) -> str:
        """A date in full, as in "21 November 2026"."""
        return format_date(day, "long", locale=self._region)

    def moment(self, moment: datetime) -> str:
        """A date and time, as in "21 November 2026, 14:05 UTC"."""
        time = format_time(moment, "HH:mm", locale=self._region)
        return f"{self.day(moment.date())}, {time} UTC"

    def language(self, code: str) -> str:
        """The name of a language, or its code if the name is unknown."""
        name: str | None = babel.Locale.parse(self._region).languages.get(code)
        return name or code

    def languages(self, codes: Iterable[str]) -> dict[str, str]:
        """The names of languages by their codes, in the order of the names."""
        return dict(sorted(((code, self.language(code)) for code in codes), key=itemgetter(1)))

    def count(self, key: str, number: int) -> str:
        """``number`` things, as in "1 article" or "1,204 articles"."""
        form = "one" if number == 1 else "other"
        return self.text(f"{key}.{form}", count=self.number(number))

    def listing(self, names: Sequence[str]) -> str:
        """Names as a phrase: "French, English and German"."""
        return format_list(names, locale=self._region)

    @property
    def _region(self) -> str:
        # Babel's plain English is that of the United States, with the month before the day.
        return {"en": "en_GB"}.get(self.code, self.code)

    def library(self, articles: int, languages: Sequence[str], newest: date | None) -> str:
        """One line on the library's content."""
        if not articles:
            return self.text("library.empty")
        counted = self.count("articles", articles)
        known = [self.language(code) for code in languages if code != UNKNOWN_LANGUAGE]
        if not known:
            return counted
        many = len(known) > MOST_LANGUAGES_NAMED
        named = self.text("languages.many", count=len(known)) if many else self.listing(known)
        if newest is None:
            return self.text("library", articles=counted, languages=named)
        until = self.day(newest)
        return self.text("library.until", articles=counted, languages=named, date=until)

    def progress(self, status: Status) -> str:
        """One line on how far the articles are read, or embedded once all are read."""
        if not status.total:
            return self.text("status.starting")
        if status.done == status.total and status.by_words:
            held = {"by_words": status.by_words, "in_full": status.in_full}
            counts = {name: self.number(count) for name, count in held.items()}
            return self.text("status.completing", **counts)
        done, total = self.number(status.done), self.number(status.total)
        return self.text("status.syncing", done=done, total=total)

    def stage(self, progress: Progress) -> str:
        """One line on the stage of a sync: its name, how far it is, its rate, and the time left."""
        done, total = self.number(progress.done), self.number(progress.total)
        line = self.text(f"progress.{progress.stage}", done=done, total=total)
        if progress.paused:
            return f"{line} · {self.text('progress.paused')}"
        if progress.seconds_left is None:
            return line
        left = format_timedelta(timedelta(seconds=progress.seconds_left), locale=self._region)
        rate = self.number(round(progress.per_second, 1))
        return f"{line} · {self.text('progress.pace', rate=rate, left=left)}"


@cache
def locales() -> Mapping[str, Locale]:
    """Every language of the interface, by its code."""
    return {
        path.stem: Locale(path.stem, json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(FOLDER.glob("*.json"))
    }


def spoken(code: str) -> Locale:
    """The locale of the language ``code``, or English where there is none."""
    return locales().get(code, locales()[DEFAULT])


def choose(accept_language: str | None, chosen: str | None = None) -> Locale:
    """The locale that a reader wants: the one that they chose, or else the best of what their
    browser accepts (RFC 9110, section 12.5.4), or else English.

    Anything malformed counts as no wish.
    """
    known = locales()
    if chosen is not None and chosen in known:
        return known[chosen]
    wishes = [_PREFERENCE.fullmatch(part) for part in (accept_language or "").split(",")]
    ranked = sorted((wish for wish in wishes if wish), key=_weight, reverse=True)
    for wish in ranked:
        if wish[1].lower() in known and _weight(wish) > 0:
            return known[wish[1].lower()]
    return known[DEFAULT]


def _weight(wish: re.Match[str]) -> float:
    try:
        return float(wish[2] or 1)
    except ValueError:
        return 0.0

"""The chat's filters: the choices offered, and the parsing and description of those made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.language.locales import Locale
from assistant.models.article import UNKNOWN_LANGUAGE
from assistant.models.filters import Filters
from assistant.models.records import ArticleSummary
from assistant.support.errors import QuestionError

MOST_FOLDERS = 200
"""With more folders than this, only top-level ones are offered."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The filters worth offering. A field is empty if no choice in it would exclude anything."""

    languages: tuple[str, ...] = ()
    dated: bool = False
    folders: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.languages or self.dated or self.folders)


def choices(articles: Sequence[ArticleSummary]) -> Choices:
    """The choices that ``articles`` offer."""
    languages = sorted({article.language for article in articles} - {UNKNOWN_LANGUAGE})
    days = {article.published for article in articles}
    return Choices(
        tuple(languages) if len(languages) > 1 else (),
        len(days) > 1,
        _folders(articles),
    )


def _folders(articles: Sequence[ArticleSummary]) -> tuple[str, ...]:
    """The folders with some but not all of the articles, parents first."""
    held: Counter[str] = Counter()
    for article in articles:
        held.update({folder for source in article.sources for folder in _parents(source)})
    some = sorted(folder for folder, count in held.items() if count < len(articles))
    if len(some) > MOST_FOLDERS:
        some = [folder for folder in some if "/" not in folder][:MOST_FOLDERS]
    return tuple(some)


def _parents(source: str) -> Iterator[str]:
    """The folders that contain a file, innermost first; none for a web address."""
    if "://" in source:
        return
    folder = source.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def read(
    language: object, after: object, before: object, source: object, *, strict: bool = False
) -> Filters:
    """Parse the filters from untrusted values; malformed ones are ignored.

    If ``strict``, raises ``QuestionError`` for a malformed day.
    """
    first, last = _day(after), _day(before)
    for value, day in ((after, first), (before, last)):
        if strict and value and day is None:
            raise QuestionError(f"{value!r} is not a day such as 2024-12-31.")
    return Filters(_text(language), first, last, _text(source))


def describe(filters: Filters, locale: Locale) -> str:
    """A short description, such as "French · from 1 May 2024"; "" if nothing is chosen."""
    parts = []
    if filters.language:
        parts.append(locale.language(filters.language))
    if filters.after and filters.before:
        first, last = locale.day(filters.after), locale.day(filters.before)
        parts.append(locale.text("filters.between", first=first, last=last))
    elif filters.after:
        parts.append(locale.text("filters.since", date=locale.day(filters.after)))
    elif filters.before:
        parts.append(locale.text("filters.until", date=locale.day(filters.before)))
    if filters.source:
        parts.append(filters.source)
    return " · ".join(parts)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None

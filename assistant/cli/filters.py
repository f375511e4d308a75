"""The filter flags of ``search`` and ``ask``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING

from assistant.support.errors import QuestionError

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.models.filters import Filters

_SUGGESTED = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--language``, ``--after``, ``--before`` and ``--source``."""
    group = parser.add_argument_group("filters")
    group.add_argument("--language", metavar="CODE", help="only articles in this language (fr)")
    group.add_argument("--after", type=_day, metavar="DATE", help="published that day or later")
    group.add_argument("--before", type=_day, metavar="DATE", help="published that day or earlier")
    group.add_argument("--source", metavar="PATH", help="only this file or folder of the corpus")


def given(options: argparse.Namespace, assistant: Assistant) -> Filters:
    """The filters given as flags. Raises ``QuestionError`` if no article that ``assistant`` shows
    is in that language or at that place: it would be found in none.
    """
    from assistant.models.filters import Filters

    source = in_corpus(options.source, assistant.settings.corpus) if options.source else None
    filters = Filters(options.language, options.after, options.before, source or None)
    if filters.language or filters.source:
        _check(filters, assistant)
    return filters


def alike(path: str, sources: Iterable[str]) -> list[str]:
    """Those of ``sources`` that may have been meant by ``path``: of the same name, or nearly."""
    by_name = {source: PurePath(source).name for source in sources}
    wanted = PurePath(path).name
    same = sorted(source for source, name in by_name.items() if name == wanted)
    return (same or get_close_matches(path, by_name, cutoff=0.7))[:_SUGGESTED]


def _check(filters: Filters, assistant: Assistant) -> None:
    articles = assistant.articles()
    if not articles:
        assistant.sync()
        articles = assistant.articles()
    languages = sorted({article.language for article in articles})
    if articles and filters.language and filters.language not in languages:
        known = ", ".join(languages)
        raise QuestionError(
            f"No article is in the language {filters.language!r}. Known are {known}."
        )
    files = {source for article in articles for source in article.sources}
    places = files | {parent for file in files for parent in _folders(file)}
    if articles and filters.source and filters.source not in places:
        close = alike(filters.source, places)
        hint = f"Did you mean {' or '.join(close)}?" if close else "assistant sync reads new ones."
        raise QuestionError(f"No article is at {filters.source!r}. {hint}")


def _folders(source: str) -> list[str]:
    if "://" in source:
        return []
    return [parent.as_posix() for parent in PurePosixPath(source).parents if parent.name]


def in_corpus(path: str, corpus: Path) -> str:
    """Normalize ``path`` to an article's source: relative to the corpus, with forward slashes.

    A path that exists in the corpus folder is kept; one that leads there from the working folder
    (``corpus/nature``, or an absolute one) loses its prefix, and the corpus itself becomes "". Any
    other path is returned unchanged, and so are web addresses.
    """
    if "://" in path:
        return path
    written = PurePath(path)
    if not written.is_absolute() and (corpus / written).exists():
        return "" if written == PurePath() else written.as_posix()
    try:
        inside = Path(path).resolve().relative_to(corpus.resolve())
    except (ValueError, OSError):
        return path
    return "" if inside == PurePath() else inside.as_posix()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2024-12-31") from error

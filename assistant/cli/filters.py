"""The filter flags of ``search`` and ``ask``."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.models.filters import Filters


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--language``, ``--after``, ``--before`` and ``--source``."""
    group = parser.add_argument_group("filters")
    group.add_argument("--language", metavar="CODE", help="only articles in this language (fr)")
    group.add_argument("--after", type=_day, metavar="DATE", help="published that day or later")
    group.add_argument("--before", type=_day, metavar="DATE", help="published that day or earlier")
    group.add_argument("--source", metavar="PATH", help="only this file or folder of the corpus")


def given(options: argparse.Namespace, corpus: Path) -> Filters:
    """The filters given as flags."""
    from assistant.models.filters import Filters

    source = in_corpus(options.source, corpus) if options.source else None
    return Filters(options.language, options.after, options.before, source or None)


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

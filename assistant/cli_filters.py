"""The flags of ``search`` and ``ask`` that narrow down where an answer may come from."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.retrieval import Filters


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--language``, ``--after``, ``--before`` and ``--source``."""
    group = parser.add_argument_group("filters")
    group.add_argument("--language", metavar="CODE", help="only articles in this language (fr)")
    group.add_argument("--after", type=_day, metavar="DATE", help="published that day or later")
    group.add_argument("--before", type=_day, metavar="DATE", help="published that day or earlier")
    group.add_argument("--source", metavar="PATH", help="only this file or folder of the corpus")


def given(options: argparse.Namespace) -> Filters:
    """The filters that were given as flags."""
    from assistant.retrieval import Filters

    return Filters(options.language, options.after, options.before, options.source)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2024-12-31") from error

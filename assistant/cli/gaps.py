"""The command ``gaps``: questions that the articles did not answer well."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from assistant.cli.output import report, report_forgotten, tell

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.search.gaps import Gap


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument("--clear", action="store_true", help="forget the refused and unsure ones")


def gaps(assistant: Assistant, options: argparse.Namespace) -> int:
    """Print the questions by likeness (with ``--json`` as one list), or forget them."""
    if options.clear:
        return report_forgotten(options, assistant.gap_log.clear())
    if not assistant.settings.log_questions:
        tell("Questions are not kept: set ASSISTANT_LOG_QUESTIONS=on to keep them from now on.")
    found = assistant.gaps()
    lines = [line for gap in found for line in _told(gap)]
    return report(options, [gap.to_json() for gap in found], *lines)


def _told(gap: Gap) -> list[str]:
    lacks = ", ".join(f"{lack} {count}" for lack, count in gap.lacks.items())
    first, *others = gap.questions
    return [f"{gap.count}  {first} ({lacks})", *(f"     {question}" for question in others)]

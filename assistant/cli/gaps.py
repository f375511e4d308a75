"""The command ``gaps``: questions that the articles did not answer well."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from assistant.cli.output import dump, say, say_forgotten, tell

if TYPE_CHECKING:
    from assistant.assistant import Assistant


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument("--clear", action="store_true", help="forget the refused and unsure ones")


def gaps(assistant: Assistant, options: argparse.Namespace) -> int:
    """Print the questions by likeness (with ``--json`` as one list), or forget them."""
    if options.clear:
        say_forgotten(assistant.gap_log.clear(), options.json)
        return 0
    if not assistant.settings.log_questions:
        tell("Questions are not kept: set ASSISTANT_LOG_QUESTIONS=on to keep them from now on.")
    found = assistant.gaps()
    if options.json:
        say(dump([gap.to_json() for gap in found]))
        return 0
    for gap in found:
        lacks = ", ".join(f"{lack} {count}" for lack, count in gap.lacks.items())
        say(f"{gap.count}  {gap.questions[0]} ({lacks})")
        for question in gap.questions[1:]:
            say(f"     {question}")
    return 0

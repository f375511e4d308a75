"""The command ``feedback``: readers' feedback on answers."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from assistant.cli.output import report, report_forgotten

if TYPE_CHECKING:
    from assistant.assistant import Assistant


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument("--clear", action="store_true", help="forget them all")


def feedback(assistant: Assistant, options: argparse.Namespace) -> int:
    """Print the opinions, oldest first (with ``--json`` as one list), or delete them."""
    if options.clear:
        return report_forgotten(options, assistant.feedback.clear())
    entries = assistant.feedback.entries()
    up = sum(entry.get("thumb") == "up" for entry in entries)
    return report(options, entries, *map(_told, entries), f"{up} up, {len(entries) - up} down")


def _told(entry: dict[str, Any]) -> str:
    reason = f" ({entry['reason']})" if entry.get("reason") else ""
    return f"{entry.get('time')}  {entry.get('thumb')}  {entry.get('question')}{reason}"

"""Command-line output: text or pure JSON on standard output, messages on standard error."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from assistant.support.logs import one_line
from assistant.support.unseen import printable


def dump(value: Any) -> str:
    """``value`` as one line of JSON. Raises ``ValueError`` for NaN and infinity."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def say(text: str) -> None:
    """Write ``text`` as a line in UTF-8, whatever the terminal's encoding, and flush.

    Escapes control characters, in an article or a name, that would move the cursor or set colours.
    """
    sys.stdout.buffer.write(printable(text).encode("utf-8", "replace") + b"\n")
    sys.stdout.flush()


def report(options: argparse.Namespace, record: Any, *lines: str) -> int:
    """Write ``record`` with ``--json``, else ``lines``; returns the exit status of success."""
    for line in (dump(record),) if options.json else lines:
        say(line)
    return 0


def report_forgotten(options: argparse.Namespace, count: int) -> int:
    """Write how many entries of a log were forgotten."""
    return report(options, {"cleared": count}, f"Forgotten: {count}")


def tell(text: str) -> None:
    """Write ``text`` as one line to standard error, secrets masked."""
    sys.stderr.write(f"{one_line(text)}\n")

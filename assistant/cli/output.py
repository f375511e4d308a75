"""What the command line writes: to standard output lines of text, or JSON and nothing else; to
standard error what it has to say besides.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from assistant.support.logs import one_line, printable


def dump(value: Any) -> str:
    """``value`` as one line of JSON. Raises ``ValueError`` for a number that JSON has no word for
    (NaN, infinity).
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def say(text: str) -> None:
    """Write ``text`` as a line in UTF-8, whatever the terminal says, at once.

    What would move its cursor or colour its text, in an article or a name, is written as an escape.
    """
    sys.stdout.buffer.write(printable(text).encode("utf-8", "replace") + b"\n")
    sys.stdout.flush()


def tell(text: str) -> None:
    """Write ``text`` as one line to standard error, without secrets."""
    sys.stderr.write(f"{one_line(text)}\n")

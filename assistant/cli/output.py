"""What the command line writes to standard output: lines of text, or JSON and nothing else."""

from __future__ import annotations

import json
import sys
from typing import Any


def dump(value: Any) -> str:
    """``value`` as one line of JSON. Raises ``ValueError`` for a number that JSON has no word for
    (NaN, infinity).
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def say(text: str) -> None:
    """Write ``text`` as a line in UTF-8, whatever the terminal says, at once."""
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.flush()

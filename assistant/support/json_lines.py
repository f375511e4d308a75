"""Reads files of JSON lines: an object a line; empty lines are skipped."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from assistant.support.errors import AssistantError


def numbered_lines(file: Path, error: type[AssistantError]) -> Iterator[tuple[int, str, str]]:
    """The number, the place for messages, and the text of each line. Raises ``error`` if the file
    cannot be read.
    """
    try:
        # Not splitlines: JSON may contain other line ends, such as U+2028, unescaped.
        lines = file.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as cause:
        raise error(f"{file} cannot be read: {cause}.") from cause
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, f"{file}, line {number}", line


def parse_object(line: str) -> dict[str, Any]:
    """The object that ``line`` holds. Raises ``ValueError`` with what is wrong with it."""
    try:
        given = json.loads(line, parse_constant=_refuse_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise ValueError(f"this is not JSON: {error.msg} (column {error.colno})") from error
    except RecursionError as error:
        raise ValueError("this is nested too deeply") from error
    if not isinstance(given, dict):
        raise ValueError("this is not a JSON object")
    return given


def _refuse_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON; write null")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse_number(text)

"""Characters that nobody sees, in what others wrote: names, titles, questions.

They forge lines of a log, move a terminal's cursor, turn the rest of a line round, or cannot be
written in UTF-8 at all.
"""

from __future__ import annotations

import re

_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
_DIRECTIONS = r"\u202a-\u202e\u2066-\u2069"
"""What turns text round until its end; the marks U+200E and U+200F are a single character's."""

_TERMINAL = re.compile(f"[{_CONTROLS}{_DIRECTIONS}]")
_UNSEEN = re.compile(
    # Also line breaks, bidirectional marks, lone surrogates.
    rf"[{_CONTROLS}{_DIRECTIONS}\t\n\u061c\u200e\u200f\u2028\u2029\ufeff\ud800-\udfff]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_LINE_END = re.compile(r"[\x0b\x0c\x85\u2028\u2029]")
_UNWRITTEN = re.compile(rf"[{_DIRECTIONS}\ufeff\ud800-\udfff]")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: str) -> str:
    """``text`` with line breaks and invisible characters escaped."""
    return _UNSEEN.sub(_escape, text)


def printable(text: str) -> str:
    """``text`` with the control characters that a terminal obeys, and what turns text round,
    escaped; line breaks and tabs stay.

    The escapes are valid in JSON and mean the same there.
    """
    return _TERMINAL.sub(_escape, text)


def sound(text: str) -> str:
    """``text`` with a line break for what else ends a line, a space for each other control
    character, and without lone surrogates, which JSON can express but UTF-8 cannot, and without
    what turns text round.
    """
    return _UNWRITTEN.sub("", _CONTROL.sub(" ", _LINE_END.sub("\n", text)))


def _escape(found: re.Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}"

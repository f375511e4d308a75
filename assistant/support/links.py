"""Addresses in plain text: what a Markdown reader makes a link of, though nobody wrote one."""

from __future__ import annotations

import re

_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.|\bmailto:)[^\s<>`]+"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w.@/-])(?:[^\W_][\w-]+\.)+[^\W\d_]{2,24}\b(?::\d+)?(?:/[^\s<>`]*)?",
    re.IGNORECASE,
)
_AFTER = ".,;:!?…)]}»”’\"'*_"


def addresses(text: str) -> list[tuple[int, int]]:
    """Where the addresses in ``text`` begin and end, without the punctuation after them.

    They are addresses of any scheme, of the web without one, of mail, and mere names of hosts.
    """
    found = ((one.start(), len(one[0].rstrip(_AFTER))) for one in _ADDRESS.finditer(text))
    return [(start, start + length) for start, length in found if length]

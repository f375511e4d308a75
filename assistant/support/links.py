"""Finds bare addresses in plain text, as Markdown renderers autolink them."""

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
    """The (start, end) of each address in ``text``, without trailing punctuation.

    Finds URLs of any scheme, web addresses without one, email addresses and bare host names.
    """
    found = ((one.start(), len(one[0].rstrip(_AFTER))) for one in _ADDRESS.finditer(text))
    return [(start, start + length) for start, length in found if length]

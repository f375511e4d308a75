"""Splits sentences into parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import chain

from assistant.language.lexicon import lexicons

_MARK = r"[,;:–—()]\s+"
_EDGES = " ,;:.–—()"
_LEAST_PART = 3  # words


def parts(text: str) -> list[str]:
    """The informative parts of a sentence, in order; empty if it has only one.

    Such as "by the end of the year", "and moved to London".
    """
    pieces = _pieces(text)
    if len(pieces) == 1:
        return []
    found = (piece.strip(_EDGES) for piece in pieces)
    return [part for part in found if len(part.split()) >= _LEAST_PART]


@cache
def _part() -> re.Pattern[str]:
    """Matches where a part begins, in any language."""
    known = [one.clauses for one in lexicons().values()]
    return _before(word for one in known for word in chain(one.begin, one.part))


def _before(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"{_MARK}|(?<!\s)\s+(?=(?:{'|'.join(words)})\b)")


def _pieces(text: str) -> list[str]:
    starts = [0, *(match.start() for match in _part().finditer(text))]
    pieces = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    return [piece for piece in pieces if piece.strip(_EDGES)]

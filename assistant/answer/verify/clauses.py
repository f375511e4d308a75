"""Splits sentences into clauses and smaller parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import chain

from assistant.language.lexicon import lexicons

_MARK = r"[,;:–—()]\s+"
_EDGES = " ,;:.–—()"
_LEAST_CLAUSE = 4  # words
_LEAST_PART = 3


def clauses(text: str) -> list[str]:
    """The clauses of a sentence, in order; a very short one is merged with the next."""
    found: list[str] = []
    begun: list[str] = []
    for piece in filter(None, (piece.strip() for piece in _clause().split(text))):
        begun.append(piece)
        if sum(len(one.split()) for one in begun) >= _LEAST_CLAUSE:
            found.append(", ".join(begun))
            begun = []
    if begun and found:
        found[-1] = ", ".join([found[-1], *begun])
    return found or [text]


def parts(text: str) -> list[str]:
    """The informative parts of a sentence, in order; empty if it has only one.

    They are shorter than clauses: "by the end of the year", "and moved to London".
    """
    pieces = _pieces(text)
    if len(pieces) == 1:
        return []
    found = (piece.strip(_EDGES) for piece in pieces)
    return [part for part in found if len(part.split()) >= _LEAST_PART]


def shortened(text: str) -> list[str]:
    """The sentence with each one of its parts removed, and cut off before each."""
    pieces = _pieces(text)
    if len(pieces) == 1:
        return []
    begins = [pieces[:count] for count in range(1, len(pieces))]
    without = [[*pieces[:i], *pieces[i + 1 :]] for i in range(len(pieces))]
    joined = dict.fromkeys("".join(some).strip(_EDGES) + "." for some in (*begins, *without))
    return [one for one in joined if len(one.split()) >= _LEAST_CLAUSE]


@cache
def _clause() -> re.Pattern[str]:
    """Matches where a clause begins, in any language."""
    return _before(word for one in lexicons().values() for word in one.clauses.begin)


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

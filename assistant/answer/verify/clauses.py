"""Splits sentences into parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import chain

from assistant.language.facts.fact import flat
from assistant.language.lexicon import lexicon, lexicons

_MARK = r"[,;:–—()]\s+"
_EDGES = " ,;:.–—()"
_LEAST_PART = 3  # words


def parts(text: str) -> list[str]:
    """The informative parts of a sentence, in order; empty if it has only one.

    Such as "by the end of the year", "and moved to London".
    """
    found = pieces(text)
    return [part for part in found if len(part.split()) >= _LEAST_PART] if len(found) > 1 else []


def pieces(text: str) -> list[str]:
    """All parts of a sentence, however short."""
    return [piece.strip(_EDGES) for piece in _cut(text)]


def cause(text: str, language: str) -> str:
    """The cause that a sentence gives, without the word before it; "" if none."""
    words = lexicon(language).clauses.cause
    found = re.search(rf"\b(?:{words})(?!\w)[’']?", flat(text)) if words else None
    return text[found.end() :].strip(_EDGES) if found else ""


def shortened(text: str) -> list[str]:
    """The sentence without each one of its parts."""
    cut = _cut(text)
    without = (f"{''.join(cut[:i] + cut[i + 1 :]).strip(_EDGES)}." for i in range(len(cut)))
    return [one for one in without if len(one.split()) >= _LEAST_PART] if len(cut) > 1 else []


@cache
def _part() -> re.Pattern[str]:
    """Matches where a part begins, in any language."""
    known = [one.clauses for one in lexicons().values()]
    return _before(word for one in known for word in chain(one.begin, one.part))


def _before(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"{_MARK}|(?<!\s)\s+(?=(?:{'|'.join(words)})\b)")


def _cut(text: str) -> list[str]:
    starts = [0, *(match.start() for match in _part().finditer(text))]
    found = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    return [piece for piece in found if piece.strip(_EDGES)]

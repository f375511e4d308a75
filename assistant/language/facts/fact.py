"""What a fact is: a number, a date or a name that a sentence states and another may hold."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Kind(StrEnum):
    """What a fact is about."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Fact:
    """A number, date or name in a text: ``text`` is the text's ``[start:end]``.

    ``value`` is the same in every language. A number's is decimal ("1000000000", "0.5"). A date's
    is ISO 8601 as far as it is said: "2012", "2012-07", "2012-07-05", without a year "--07-05" and
    "--07"; a weekday "-W-5"; a decade "197X"; a time of day "T14:30". A name's is lower case
    without accents.

    ``unit`` is the same in every language too, "" if there is none: of a number what it counts
    ("%", the currency "EUR", CLDR's "kilometer", "year", "ordinal"); of a date the part of it
    ("early", "spring"); of a name the codes under which CLDR knows it, space between.

    ``certain`` is false for a word whose capital may come from its place (the start of a
    sentence) or its language's spelling (German nouns), so that it may be no name at all.
    """

    kind: Kind
    start: int
    end: int
    text: str
    value: str
    unit: str = ""
    certain: bool = True


class Taken:
    """Which characters of a text belong to something already found there."""

    def __init__(self, text: str) -> None:
        self._marks = bytearray(len(text))

    def add(self, start: int, end: int) -> None:
        """Take ``[start:end]``."""
        self._marks[start:end] = b"\1" * (end - start)

    def touches(self, start: int, end: int) -> bool:
        """Whether any of ``[start:end]`` is taken."""
        return self._marks.find(1, start, end) >= 0


_CACHED_LENGTH = 64  # characters: longer than words


def folded(text: str) -> str:
    """``text`` in lower case and without accents, the same number of words."""
    return _cached_folded(text) if len(text) <= _CACHED_LENGTH else _folded(text)


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_cached_folded = lru_cache(maxsize=32_768)(_folded)


def flat(text: str) -> str:
    """``text`` folded character by character, so that every place in it stays the same."""
    return text.lower() if text.isascii() else "".join(map(_flat_character, text))


@lru_cache(maxsize=4096)
def _flat_character(character: str) -> str:
    bare = folded(character)
    return bare if len(bare) == 1 else character.lower()[:1]

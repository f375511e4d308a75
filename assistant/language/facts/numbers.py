"""Numbers in figures and in words, with what they count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from assistant.language.facts import cldr
from assistant.language.facts.fact import Fact, Kind, Taken
from assistant.language.facts.number_words import Token, is_century, spelt_numbers
from assistant.language.lexicon import any_of, lexicons

_SPACES = "\u00a0\u202f\u2009 "
_FIGURES = rf"\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,’']\d+)*"
# A figure in a name (O2, G20) is no number, so it is one token with the letters before it.
_TOKEN = re.compile(rf"(?<![\w.,])(?:{_FIGURES})|[^\W\d_]+(?:\d\w*)?|\d+|[^\w\s]")
_HALF = Decimal("0.5")
_SIGNS = frozenset("$€£¥")
_LETTER_SCALES = {"k": 10**3, "m": 10**6, "b": 10**9}  # only after a sign: "$5m"
_WORDS_OF_A_UNIT = 4


def numbers(text: str, language: str, taken: Taken) -> list[Fact]:
    """The numbers in ``text`` outside of what is ``taken``, in order.

    The word "one", which is an article more often than a number, and ordinal words below "third"
    are left out.
    """
    tokens = [Token(match) for match in _TOKEN.finditer(text) if not taken.touches(*match.span())]
    found = {
        first: (last, value, unit) for first, last, value, unit in spelt_numbers(tokens, language)
    }
    for i, token in enumerate(tokens):
        if token.in_figures and (value := _figures(token.word, language)) is not None:
            found[i] = (i + 1, value, "")
    facts: list[Fact] = []
    past = 0
    for first in sorted(found):
        if first >= past:
            reader = _Reader(text, tokens, language, first, *found[first])
            facts.append(reader.read())
            past = reader.last
    return facts


def _figures(written: str, language: str) -> Decimal | None:
    """The value of a number in figures; None if it is a list or a version, such as 1.2.3."""
    compact = re.sub(rf"[{_SPACES}’']", "", written)
    parts = re.split("[.,]", compact)
    marks = [character for character in compact if character in ".,"]
    grouped = all(len(part) == 3 for part in parts[1:]) and len(parts[0]) <= 3
    if not marks:
        return Decimal(compact)
    if len(marks) == 1 and (marks[0] == cldr.decimal_point(language) or not grouped):
        return Decimal(".".join(parts))
    if len(set(marks)) == 1:
        return Decimal("".join(parts)) if grouped else None
    if len(set(marks[:-1])) == 1 and marks[-1] != marks[0]:
        return Decimal("".join(parts[:-1]) + "." + parts[-1])
    return None


class _Reader:
    """Reads on from a bare number: its scale, its half, and what it counts."""

    def __init__(
        self,
        text: str,
        tokens: Sequence[Token],
        language: str,
        first: int,
        last: int,
        value: Decimal,
        unit: str,
    ) -> None:
        self._text = text
        self._tokens = tokens
        self._language = language
        self._first = first
        self._value = value
        self._unit = unit
        self._start = tokens[first].start
        self._end = tokens[last - 1].end
        self.last = last  # the first token after what was read

    def read(self) -> Fact:
        """The number with all that belongs to it."""
        self._read_sign()
        self._read_scale()
        self._read_half()
        self._read_ordinal()
        self._read_unit()
        self._read_unit_of_label()
        self._read_half_after_unit()
        value = format(self._value.normalize(), "f")
        text = self._text[self._start : self._end]
        return Fact(Kind.NUMBER, self._start, self._end, text, value, self._unit)

    def _word(self, index: int) -> str:
        return self._tokens[index].folded if 0 <= index < len(self._tokens) else ""

    def _advance(self, tokens: int) -> None:
        self.last += tokens
        self._end = self._tokens[self.last - 1].end

    def _read_sign(self) -> None:
        if self._word(self._first - 1) in _SIGNS:
            self._start = self._tokens[self._first - 1].start
            self._unit = cldr.units(self._language)[self._word(self._first - 1)]

    def _read_scale(self) -> None:
        scales = cldr.scales(self._language)
        for size in (2, 1):
            phrase = " ".join(self._word(self.last + i) for i in range(size))
            scale = scales.get(phrase) or (_LETTER_SCALES.get(phrase) if self._unit else None)
            if scale and self._tokens[self.last].start - self._end <= 1:
                self._value *= scale
                self._advance(size)
                return

    def _read_half(self) -> None:
        before = self._text[max(0, self._start - 12) : self._start]
        if match := _half_before().search(before):
            self._value /= 2
            self._start -= len(match[0])
        elif (match := _half_after().match(self._text, self._end)) is not None:
            self._value += _HALF
            while self.last < len(self._tokens) and self._tokens[self.last].end <= match.end():
                self._advance(1)

    def _read_ordinal(self) -> None:
        follows = self._word(self.last) in _ordinal_ends()
        if follows and self._tokens[self.last].start == self._end:
            self._unit = "ordinal"
            self._advance(1)

    def _read_unit(self) -> None:
        units = cldr.units(self._language)
        begin = self.last + (self._word(self.last) == "-")
        if self._word(begin) in _of():
            begin += 1 + (self._word(begin + 1) in ("’", "'"))
        for size in range(_WORDS_OF_A_UNIT, 0, -1):
            words = [self._word(begin + i) for i in range(size)]
            phrase = " ".join(words)
            if unit := units.get(phrase) or units.get(_singular(phrase)):
                self._unit = unit
                self._advance(begin + size - self.last)
                break
        if self._unit == "decade":
            self._unit, self._value = "year", 10 * self._value
        if not self._unit and is_century(self._tokens, self._first, self._language):
            self._unit = "century"

    def _read_unit_of_label(self) -> None:
        """Of "Weight (kg): 20" and "Price EUR: 299", as the heading of a column names it."""
        if self._unit or self._word(self._first - 1) != ":":
            return
        last = self._first - 2 - (self._word(self._first - 2) in (")", "]"))
        self._unit = cldr.units(self._language).get(self._word(last), "")

    def _read_half_after_unit(self) -> None:
        """Of "cinq ans et demi"."""
        if self._unit and (match := _half_after().match(self._text, self._end)):
            self._value += _HALF
            self._end = match.end()


def _singular(phrase: str) -> str:
    """A longer word without the ending that German adds in the dative: "Jahren", "Tagen"."""
    return phrase.removesuffix("n") if len(phrase) > 4 else phrase


@cache
def _half_before() -> re.Pattern[str]:
    every = any_of(one.numbers.half_before for one in lexicons().values())
    return re.compile(rf"(?:{every})\W$", re.IGNORECASE)


@cache
def _half_after() -> re.Pattern[str]:
    every = any_of(one.numbers.half_after for one in lexicons().values())
    return re.compile(rf"\W*(?:{every})\b", re.IGNORECASE)


@cache
def _of() -> frozenset[str]:
    return frozenset(word for one in lexicons().values() for word in one.numbers.of)


@cache
def _ordinal_ends() -> frozenset[str]:
    return frozenset(end for one in lexicons().values() for end in one.numbers.ordinal_ends)

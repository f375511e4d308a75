"""Numbers in words: "three hundred", "einundzwanzig", "une cinquantaine", "XIXe"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from text_to_num import find_numbers, text2num

from assistant.language.facts import cldr
from assistant.language.facts.fact import folded
from assistant.language.lexicon import lexicon

_LANGUAGES = frozenset({"da", "de", "en", "es", "fr", "it", "nl", "pt"})
"""Those whose number words text2num knows."""

_GERMAN_ONE = frozenset({"einen", "einem", "einer", "eines"})
_ONE = _GERMAN_ONE | frozenset({
    "one", "un", "une", "uno", "una", "ein", "eine", "eins",
    "um", "uma", "een", "ones", "unos", "unas",
})  # fmt: skip
"""Articles, mostly: they state a number only before "million" and the like."""

_POWERS = frozenset({1e2, 1e3, 1e6, 1e9, 1e12})

_ROMAN = re.compile(r"([IVXLC]+)(?:e|ème)?$")
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_GERMAN_HALF = re.compile(r"([a-zäöü]+?)(?:und)?einhalb$", re.IGNORECASE)


class Token:
    """A word or sign and where it is, in the form that text2num reads."""

    __slots__ = ("end", "folded", "in_figures", "start", "word")

    def __init__(self, found: re.Match[str]) -> None:
        self.start, self.end = found.span()
        self.word = found[0]
        self.folded = folded(self.word)
        self.in_figures = self.word[0].isdecimal()

    def text(self) -> str:
        """The word; text2num asks for it."""
        word = self.word.lower()
        return "ein" if word in _GERMAN_ONE else word  # text2num knows no other case

    def nt_separated(self, previous: Token) -> bool:
        """Whether something but a space or a hyphen is between; text2num asks for it."""
        return self.start - previous.end > 1

    def not_a_number_part(self) -> bool:
        """Whether text2num is to pass over it."""
        return self.in_figures


Spelt = tuple[int, int, Decimal, str]
"""The first token of a number and the one after its last, its value and its unit."""


def spelt_numbers(tokens: Sequence[Token], language: str) -> Iterator[Spelt]:
    """The numbers that ``tokens`` say in words."""
    about = lexicon(language).numbers.about
    for i, token in enumerate(tokens):
        if token.folded in about or token.folded.removesuffix("s") in about:
            if value := _about(tokens, i, about):
                yield i, i + 1, value, ""
        elif language == "de" and (value := _half(token.word)):
            yield i, i + 1, value, ""
        elif (roman := _ROMAN.match(token.word)) and is_century(tokens, i, language):
            yield i, i + 1, Decimal(_roman(roman[1])), ""
    if language in _LANGUAGES:
        for found in find_numbers(tokens, language, 0):
            words = [token.folded for token in tokens[found.start : found.end]]
            if found.is_ordinal and found.value < 3:
                continue  # "the second" may be a time, "first" hardly ever tells a rank
            if _states_number(tokens, found.end, words, found.value, language):
                value = Decimal(str(found.value)).quantize(Decimal("0.001"))
                yield found.start, found.end, value, "ordinal" if found.is_ordinal else ""


def _states_number(
    tokens: Sequence[Token], after: int, words: Sequence[str], value: float, language: str
) -> bool:
    """Whether number words state a number: "one" is an article, but for "one euro", and
    "thousands" alone just many.
    """
    if len(words) > 1:
        return True
    if words[0] in _ONE:
        follows = tokens[after].folded if after < len(tokens) else ""
        return follows in cldr.scales(language) or cldr.is_currency(
            cldr.units(language).get(follows, "")
        )
    return value not in _POWERS or not words[0].endswith(lexicon(language).numbers.plural_endings)


def is_century(tokens: Sequence[Token], i: int, language: str) -> bool:
    """Whether token ``i`` stands beside the word "century"."""
    units = cldr.units(language)
    near = (*tokens[max(0, i - 1) : i], *tokens[i + 1 : i + 2])
    return any(units.get(token.folded) == "century" for token in near)


def _about(tokens: Sequence[Token], i: int, known: Mapping[str, int]) -> Decimal | None:
    """Twelve in "a dozen" and in "2 dozens", but "dozens" alone are just many."""
    word = tokens[i].folded
    counted = i > 0 and tokens[i - 1].in_figures
    value = known.get(word) or (known.get(word.removesuffix("s")) if counted else None)
    return Decimal(value) if value else None


def _half(word: str) -> Decimal | None:
    """Three and a half in the German "dreieinhalb"."""
    match = _GERMAN_HALF.match(word)
    if match is None:
        return None
    try:
        return Decimal(text2num(match[1].lower(), "de")) + Decimal("0.5")
    except ValueError:  # not a number
        return None


def _roman(word: str) -> int:
    digits = [_ROMAN_DIGITS[character] for character in word]
    pairs = zip(digits, [*digits[1:], 0], strict=True)
    return sum(-digit if digit < after else digit for digit, after in pairs)

"""Automatic numbers of paragraphs and lists: 1., (b), iv), 2.1., and numbers in attributes."""

from __future__ import annotations

import re
from collections.abc import Callable

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_WHOLE = re.compile(r"-?[0-9]{1,6}")
_MOST_LETTERS = 26 * 30
_LARGEST_ROMAN = 5_000


def whole_number(said: str | None, otherwise: int) -> int:
    """The number that an attribute says; ``otherwise`` if it says none, or a huge one."""
    return int(said) if said and _WHOLE.fullmatch(said.strip()) else otherwise


def lower_roman(number: int) -> str:
    """``number`` in small Roman numerals; in figures where it has none."""
    if not 0 < number < _LARGEST_ROMAN:
        return str(number)
    found = ""
    for value, letters in _ROMAN:
        found += letters * (number // value)
        number %= value
    return found


def lower_letter(number: int) -> str:
    """``number`` as a letter, a to z, then aa, bb and so on; in figures where it has none."""
    if not 0 < number <= _MOST_LETTERS:
        return str(number)
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


STYLES: dict[str, Callable[[int], str]] = {
    "1": str,
    "a": lower_letter,
    "A": lambda number: lower_letter(number).upper(),
    "i": lower_roman,
    "I": lambda number: lower_roman(number).upper(),
}
"""How HTML and OpenDocument name the ways to write a number."""

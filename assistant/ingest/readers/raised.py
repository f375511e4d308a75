"""Raised, lowered and struck-out text as plain text, so that no figure changes: 10⁶ is not 106.

A reader marks what it meets (``raised("6")``), and ``mend`` writes the marks out (``written``) once
it sees what stands before them. The marks are noncharacters of Unicode, which no text holds.
"""

from __future__ import annotations

import re

_OPEN = {"raised": "\ufdd0", "lowered": "\ufdd1", "struck": "\ufdd2"}
CLOSE = "\ufdd3"
MARKS = {
    "sup": _OPEN["raised"], "sub": _OPEN["lowered"],
    "del": _OPEN["struck"], "s": _OPEN["struck"], "strike": _OPEN["struck"],
}  # fmt: skip
"""The mark that opens what a tag of HTML holds; ``CLOSE`` ends it."""
_MARKED = re.compile("([\ufdd0-\ufdd2])([^\ufdd0-\ufdd3]*)\ufdd3")
_ADJACENT = re.compile("\ufdd3([\ufdd0-\ufdd2])")
_ANY = re.compile("[\ufdd0-\ufdd3]")
_DEEPEST = 8  # a raised text within a lowered one, and so on

_RAISED = str.maketrans("0123456789+-−–=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾")
_LOWERED = str.maketrans("0123456789+-−–=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎")
_FIGURES = re.compile(r"[+\-−–=()]*\d[\d+\-−–=(),.;\s*†‡]*|[+\-−–]")
_NOTE = re.compile(r"\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*")
_NOTED = re.compile(r"(?:(?<![\d.,])[12]\d{3}|[^\W\d_]{4})$")
"""What carries the mark of a note rather than an exponent: a year, or a word longer than a unit."""

_SUFFIXES = frozenset(
    {
        "e", "er", "re", "ère", "ème", "eme", "es", "ers", "nd", "nde", "nds", "st", "rd", "th",
        "a", "as", "o", "os", "r", "le", "lle", "lles", "me", "mes", "gr", "vo",
    }
)  # fmt: skip
"""Endings of ordinals and abbreviations, which are written on the line as well: XIXe, Mme, 2nd."""

_SIGNS = {"tm": "™", "sm": "℠"}


def raised(text: str) -> str:
    """``text`` marked as raised above its line."""
    return _marked("raised", text)


def lowered(text: str) -> str:
    """``text`` marked as lowered below its line."""
    return _marked("lowered", text)


def struck(text: str) -> str:
    """``text`` marked as struck out: no longer valid."""
    return _marked("struck", text)


def _marked(how: str, text: str) -> str:
    return f"{_OPEN[how]}{text}{CLOSE}" if text.strip() else text


def written(text: str) -> str:
    """``text`` with its marks written out: 10⁶, CO₂, e^(2x), ~~50 euros~~.

    The mark of a note stands apart from the year or word before it (1905 ³). Endings of ordinals
    stay on the line (1er).
    """
    if not _ANY.search(text):
        return text
    text = _ADJACENT.sub(_joined, text)
    for _ in range(_DEEPEST):
        text, found = _MARKED.subn(_plain, text)
        if not found:
            break
    return _ANY.sub("", text)


def _joined(found: re.Match[str]) -> str:
    """Two marked parts that touch are one, if they are marked alike."""
    opened = max(found.string.rfind(mark, 0, found.start()) for mark in _OPEN.values())
    return "" if found.string[opened : opened + 1] == found[1] else found[0]


def _plain(found: re.Match[str]) -> str:
    mark, text = found[1], found[2]
    before = found.string[max(0, found.start() - 12) : found.start()]
    if mark == _OPEN["struck"]:
        inner = text.strip()
        return text.replace(inner, f"~~{inner}~~", 1)
    if mark == _OPEN["lowered"]:
        return text.translate(_LOWERED) if _FIGURES.fullmatch(text) else text
    return _superscript(text, before)


def _superscript(text: str, before: str) -> str:
    if _FIGURES.fullmatch(text):
        apart = _NOTED.search(before) and _NOTE.fullmatch(text.strip())
        return (" " if apart else "") + text.translate(_RAISED)
    words = text.strip()
    if words == "o" and before[-1:].isdigit():
        return text.replace("o", "°")
    if words.lower() in _SIGNS:
        return _SIGNS[words.lower()]
    if words == "n" and (before[-1:].isdigit() or not before[-2:-1].isalpha()):
        return "ⁿ" if before[-1:].isalnum() else text
    if not before[-1:].isalnum() and before[-1:] != ")":
        return text
    if words in _SUFFIXES or not words[:1].isalnum() or len(words.split()) > 1:
        return text
    return f"^{words}" if len(words) == 1 else f"^({words})"

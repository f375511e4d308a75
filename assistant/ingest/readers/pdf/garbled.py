"""Pages whose letters are not those that a reader sees, as their fonts do not tell them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.ingest.readers.pdf.lines import PdfLine

_UNKNOWN = re.compile("[\ufffd\ue000-\uf8ff]")
_LATIN_WORD = re.compile(r"[a-zA-ZÀ-ÖØ-öø-ÿĀ-ſ]{4,}")
_VOWEL = re.compile(r"[aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüýÿāăąēĕėęěĩīĭįıōŏőũūŭůűų]", re.I)
_FEW_WORDS = 30
_VOWELLESS = 0.3
"""Share of the words of four letters and more that have no vowel: in no language with Latin letters
over 0.05; in texts whose letters were swapped for others a half."""

_UNKNOWN_SHARE = 0.3
_SIGNS = 0.5  # share of letters and figures among what is no space: below, they are signs
_FEW_LETTERS = 200


def is_garbled(lines: Sequence[PdfLine]) -> bool:
    """Whether most of the letters of a page are not known, or make no words."""
    text = " ".join(line.text for line in lines)
    letters = sum(char.isalnum() for char in text)
    unknown = len(_UNKNOWN.findall(text))
    if unknown > _UNKNOWN_SHARE * (letters + unknown):
        return True
    written = len(text) - text.count(" ")
    if written > _FEW_LETTERS and letters < _SIGNS * written:
        return True
    words = [word for word in _LATIN_WORD.findall(text) if not word.isupper()]
    without = sum(not _VOWEL.search(word) for word in words)
    return len(words) > _FEW_WORDS and without > _VOWELLESS * len(words)

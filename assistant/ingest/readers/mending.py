"""Normalises characters: typographic variants become what people type and search for."""

from __future__ import annotations

import re
import unicodedata

from assistant.ingest.readers.raised import written

# Latin ligatures, and the Arabic and Hebrew letters in the shape that they have in a word.
_PRESENTATION = re.compile("[\ufb00-\ufb4f\ufb50-\ufdff\ufe70-\ufefc]+")
_BULLETS = re.compile("[\uf0a7\uf0b7\uf0d8\uf0fc\u25cf\u25aa]")  # of Symbol and Wingdings
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\ud800-\udfff\ufdd0-\ufdef"
    "\ufff9-\ufffb\ufffe\uffff\U000f0000-\U0010ffff]"
)


def visible(text: str) -> str:
    """``text`` without control characters and others that nobody sees, which no XML takes."""
    return _INVISIBLE.sub("", text)


def mend(text: str) -> str:
    """``text`` with what is marked as raised, lowered or struck out written so, ligatures parted,
    accents on their letters, bullets as "•", line ends those of Unix, and without soft hyphens,
    control characters and other characters that nobody sees.
    """
    text = written(text).replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _BULLETS.sub("•", _INVISIBLE.sub("", text)).replace("\xa0", " ")
    text = _PRESENTATION.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return unicodedata.normalize("NFC", text)


_HYPHENATED = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}-$")
_CLITICS = frozenset(
    {
        "il", "elle", "on", "ils", "elles", "ce", "ci", "là", "je", "tu", "nous", "vous", "moi",
        "toi", "lui", "leur", "le", "la", "les", "en", "y", "même", "mêmes", "être",
    }
)  # fmt: skip
_PREFIXES = frozenset(
    {
        "self", "well", "non", "ex", "half", "co", "mid", "cross", "all", "anti", "demi", "mi",
        "vice",
    }
)  # fmt: skip
_WORD = re.compile(r"[\w’']+")
_TAIL = re.compile(r"(?<![\w’'-])[\w’'-]+$")


def joined(before: str, after: str, known: frozenset[str] = frozenset()) -> str:
    """Two lines of one paragraph as one; a word that was divided at the line's end is whole again.

    ``known`` are the words of the text, in lower case, those with hyphens included: where the text
    writes a word elsewhere, it is written here as it is there. Otherwise a hyphen stays before a
    capital or a digit, and in the compounds that are always written with one.
    """
    if not before or not after:
        return before + after
    if not before.endswith("-") or before.endswith(" -"):
        return before + after if _without_spaces(before, after) else f"{before} {after}"
    tail = _TAIL.search(before)
    head = _WORD.match(after)
    if tail is None or head is None or not _HYPHENATED.search(before) or not after[0].islower():
        return before + after
    first, second = tail[0][:-1].lower(), head[0].lower()
    if f"{first}{second}" in known:
        return before[:-1] + after
    hyphened = f"{first}-{second}" in known or second in _CLITICS or first in _PREFIXES
    return before + after if hyphened else before[:-1] + after


def _without_spaces(before: str, after: str) -> bool:
    """Whether both lines are of a script that puts no spaces between words."""
    return all(
        "\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" or char in "。、，！？；："
        for char in (before[-1], after[0])
    )

"""Labels by which a text is referred to: "Room 12", "§ 9", "3.2.1", "HX-400", "Beacon 3"."""

from __future__ import annotations

import re

_CODE = r"""(?<![\w.,])v?\d+(?:\.\d+)+(?![\w,]|\.\d|\s?[%€$£])|\b[^\W\d_]+[-_/]?\d[\w/-]*"""
_WORD = r"(?:(?<!§)§+|#|(?<![^\W\d_])[^\W\d_]{3,}\.?)"
_NUMBERED = rf"{_WORD}\s?\d{{1,4}}[a-z]?(?![\w%€$£]|[.,:/]\d|\s[%€$£])"
_LABEL = re.compile(rf"(?P<code>{_CODE})|(?P<numbered>{_NUMBERED})", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"\W*(?:\d+(?:\.\d+)*\.?\s+)?")


def labels(text: str) -> frozenset[str]:
    """The labels in ``text``, in lower case without spaces: codes, versions, numbered things.

    A word before a number makes one ("in 2021" does, too).
    """
    return frozenset(_written(match) for match in _LABEL.finditer(text))


def codes(text: str) -> frozenset[str]:
    """The labels in ``text`` that are codes or versions."""
    return frozenset(_written(match) for match in _LABEL.finditer(text) if match["code"])


def is_named_by(heading: str, wanted: frozenset[str]) -> bool:
    """Whether ``heading`` is of a section that one of the labels ``wanted`` names.

    A code or version may stand anywhere in it; "Room 12" must begin it, after its own number, as
    "The chairs of Room 12" is about chairs.
    """
    begins = _NUMBER.match(heading)
    first = begins.end() if begins else 0
    return any(
        _written(match) in wanted and (match["code"] is not None or match.start() <= first)
        for match in _LABEL.finditer(heading)
    )


def _written(match: re.Match[str]) -> str:
    return _SPACE.sub("", match[0].lower())

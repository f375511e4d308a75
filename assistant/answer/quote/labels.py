"""Labels by which a text is referred to: "Room 12", "§ 9", "3.2.1", "HX-400", "Beacon 3"."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LABEL = re.compile(
    r"(?<![\w.,])v?\d+(?:\.\d+)+(?![\w,]|\.\d|\s?[%€$£])"
    r"|\b[^\W\d_]+[-_/]?\d[\w/-]*"
    r"|(?:§+|#|[^\W\d_]{3,}\.?)\s?\d{1,4}[a-z]?(?![\w%€$£]|[.,:/]\d|\s[%€$£])",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


def labels(text: str) -> frozenset[str]:
    """The labels in ``text``, in lower case without spaces.

    A word before a number makes one ("in 2021" does, too).
    """
    return frozenset(label for label, _ in _found(text))


def begins_with_label(heading: str, wanted: frozenset[str]) -> bool:
    """Whether ``heading`` is of a section that one of the labels ``wanted`` names."""
    first = next(_found(heading), None)
    return first is not None and first[1] <= 1 and first[0] in wanted


def _found(text: str) -> Iterator[tuple[str, int]]:
    """Each label, and where it begins."""
    for match in _LABEL.finditer(text):
        yield _SPACE.sub("", match[0].lower()), match.start()

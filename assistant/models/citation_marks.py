"""Neutralizes citation marks such as "[1]" that are not the assistant's.

Articles, titles and questions may contain them: an encyclopedia's notes, or a forgery. In plain
text they would look like the answer's own, so they are written in round brackets.
"""

from __future__ import annotations

import re

_BRACKETED = re.compile(r"[\[［【〔]([^\[\]［］【】〔〕\n]{0,40})[\]］】〕]")
_YEAR = re.compile(r"\d{4}")
_ROUND = str.maketrans("[]［］【】〔〕", "()()()()")


def rounded(bracketed: str) -> str:
    """``bracketed`` with round brackets instead of square ones."""
    return bracketed.translate(_ROUND)


def unmarked(text: str) -> str:
    """``text`` with bracketed numbers in round brackets: "[1]", "【2†source】", "[^3]".

    Bracketed words and years, as editors insert into quotations, are left alone.
    """
    return _BRACKETED.sub(lambda found: _unless_words(found[0], found[1]), text)


def without_brackets(text: str) -> str:
    """``text`` with round brackets for all square ones that close soon, whatever their content."""
    return _BRACKETED.sub(lambda found: rounded(found[0]), text)


def _unless_words(bracketed: str, inside: str) -> str:
    number = inside.partition("†")[0]
    cites = any(map(str.isdigit, number)) and not any(map(str.isalpha, number))
    return rounded(bracketed) if cites and not _YEAR.search(number) else bracketed

"""Citation marks such as "[1]", where they are not ours.

An article, a title or a question may hold them: notes of an encyclopedia, or a forgery. In plain
text nothing would tell them from those of an answer, so that they are written in round brackets.
"""

from __future__ import annotations

import re

_BRACKETED = re.compile(r"[\[［【〔]([^\[\]［］【】〔〕\n]{0,40})[\]］】〕]")
_YEAR = re.compile(r"\d{4}")
_ROUND = str.maketrans("[]［］【】〔〕", "()()()()")


def rounded(bracketed: str) -> str:
    """``bracketed`` with round brackets for square ones."""
    return bracketed.translate(_ROUND)


def unmarked(text: str) -> str:
    """``text`` with numbers in square brackets in round ones: "[1]", "【2†source】", "[^3]".

    Words and years in square brackets, as editors put them into quotations, are left as they are.
    """
    return _BRACKETED.sub(lambda found: _unless_words(found[0], found[1]), text)


def without_brackets(text: str) -> str:
    """``text`` with round brackets for all square ones that close soon, whatever they hold."""
    return _BRACKETED.sub(lambda found: rounded(found[0]), text)


def _unless_words(bracketed: str, inside: str) -> str:
    number = inside.partition("†")[0]
    cites = any(map(str.isdigit, number)) and not any(map(str.isalpha, number))
    return rounded(bracketed) if cites and not _YEAR.search(number) else bracketed

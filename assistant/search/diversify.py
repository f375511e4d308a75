"""Reorders ranked passages so that near-duplicates come last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from assistant.models.records import StoredPassage

OF_ONE_ARTICLE = 3
"""Passages of one article before those of other articles get their turn."""

SAME_WORDS = 0.8
"""Share of common words from which on two passages count as duplicates. Two reports that differ in
a number are none: each is of another day or amount."""


def varied(passages: Sequence[StoredPassage]) -> list[int]:
    """The indexes of ``passages``, sorted best first, in a new order.

    Near-duplicates of a better passage, and the fourth and later ones of an article, are moved
    behind the rest; otherwise the order is kept.
    """
    terms = [set(passage.terms) for passage in passages]
    first: list[int] = []
    later: list[int] = []
    of_article: Counter[str] = Counter()
    for row, passage in enumerate(passages):
        repeats = any(_same_words(terms[row], others) for others in terms[:row])
        if repeats or of_article[passage.article] == OF_ONE_ARTICLE:
            later.append(row)
        else:
            first.append(row)
            of_article[passage.article] += 1
    return first + later


def _same_words(mine: set[str], others: set[str]) -> bool:
    common = len(mine & others)
    if common < SAME_WORDS * (len(mine) + len(others) - common):
        return False
    return not any(map(str.isdigit, mine ^ others))

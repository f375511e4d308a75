"""Reorders ranked passages so that near-duplicates come last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from assistant.models.records import StoredPassage

OF_ONE_ARTICLE = 3
"""Passages of one article before those of other articles get their turn."""

SAME_MEANING = 0.98
SAME_WORDS = 0.8
"""Cosine of two passages' raw vectors, and share of common words, from which on they count as
duplicates. Two reports that differ in a number are none: each is of another day or amount."""


def varied(passages: Sequence[StoredPassage]) -> list[int]:
    """The indexes of ``passages``, sorted best first, in a new order.

    Near-duplicates of a better passage, and the fourth and later ones of an article, are moved
    behind the rest; otherwise the order is kept.
    """
    first: list[int] = []
    later: list[int] = []
    of_article: Counter[str] = Counter()
    vectors = np.array([passage.vector for passage in passages])
    alike = vectors @ vectors.T > SAME_MEANING if passages else vectors
    for row, passage in enumerate(passages):
        near = (passages[int(other)] for other in np.flatnonzero(alike[row, :row]))
        repeats = any(_same_words(passage, other) for other in near)
        if repeats or of_article[passage.article] == OF_ONE_ARTICLE:
            later.append(row)
        else:
            first.append(row)
            of_article[passage.article] += 1
    return first + later


def _same_words(one: StoredPassage, other: StoredPassage) -> bool:
    mine, others = set(one.terms), set(other.terms)
    if any(map(str.isdigit, mine ^ others)):
        return False
    return len(mine & others) >= SAME_WORDS * len(mine | others)

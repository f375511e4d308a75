"""Ranked passages in an order that repeats nothing: what says the same again comes last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from assistant.models.records import StoredPassage

OF_ONE_ARTICLE = 3
"""Passages of one article that may come before those of others."""

SAME_MEANING = 0.98
SAME_WORDS = 0.8
"""Cosine of two passages' vectors as the model gave them, and share of common words, from which
the two are one text. The vectors alone would take two reports that differ in a number for one."""


def varied(passages: Sequence[StoredPassage]) -> list[int]:
    """The indexes of ``passages``, which come best first, in a new order.

    Those that nearly repeat a better one, and the fourth and later ones of an article, come behind
    the rest; otherwise the order stays.
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
    return len(mine & others) >= SAME_WORDS * len(mine | others)

"""Which words of a claim and of its sources say the same, by the vectors of the words in context.

In context "Terre" is near "Earth", and "head" near "général". What the sources say of one name and
the claim of another shows that the names have changed places, in any two languages, without a rule
of grammar: "Microsoft put a billion into OpenAI", "OpenAI put a billion into Microsoft".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

from assistant.embedding import Embedder
from assistant.language.facts import Fact
from assistant.models.records import Vectors, unit

ALIGNED = 0.5
"""Least cosine of two words that say the same."""

RENDERED = 0.75
"""The same for a name and its translation. Of 60 names that their sources lack, the nearest word of
one reaches 0.6 ("Berlin", "Londres"); "Noël" and "Christmas" have 0.87, "Terre" and "Earth" 0.79.
"""

BESIDE = 2
"""Words on either side of a name that tell what is said of it."""

EXCHANGED = 0.6
"""How much more alike what is said of two names is once they are exchanged, in words: of sentences
with two names exchanged half have more, of true ones, translated or reworded, 1 in 80."""

_KEPT = 256
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Alignment:
    """The words of a claim, as spans, and ``likeness``, shape (words of the claim, words of its
    sources): cosines.
    """

    words: tuple[tuple[int, int], ...]
    likeness: Vectors

    def renders(self, start: int, end: int) -> bool:
        """Whether each word of the claim from ``start`` to ``end`` has a translation."""
        rows = sorted(self._rows(start, end))
        return bool(rows) and bool((self.likeness[rows].max(axis=1) >= RENDERED).all())

    def exchanges(self, names: Sequence[Fact]) -> bool:
        """Whether the sources say of one of the claim's ``names`` what it says of another."""
        rows = [self._rows(name.start, name.end) for name in names]
        both = [(row, same) for row in rows if (same := self._same(row))]
        told = [same for _, same in both]
        here = _around([row for row, _ in both], self.likeness.shape[0])
        there = _around(told, self.likeness.shape[1])
        return any(
            not told[a] & told[b]
            # What stands between two names is said of both: "Microsoft's cloud, Azure".
            and not here[a] & here[b]
            and self._gain(here[a], here[b], there[a] - there[b], there[b] - there[a]) > EXCHANGED
            for a, b in combinations(range(len(both)), 2)
        )

    def _rows(self, start: int, end: int) -> set[int]:
        """The words of the claim between two offsets."""
        return {i for i, (a, b) in enumerate(self.words) if a < end and start < b}

    def _same(self, here: set[int]) -> set[int]:
        """The words of the sources that say the same as ``here``: each the nearest, and to none
        nearer.
        """
        nearest = {i: int(self.likeness[i].argmax()) for i in here}
        return {
            j
            for i, j in nearest.items()
            if self.likeness[i, j] >= ALIGNED and int(self.likeness[:, j].argmax()) in here
        }

    def _gain(self, of_a: set[int], of_b: set[int], told_a: set[int], told_b: set[int]) -> float:
        """How much nearer what is said of two names is once the names are exchanged; 0 if nothing
        is said of one of them alone.
        """
        if not (of_a and of_b and told_a and told_b):
            return 0.0
        exchanged = self._nearness(of_a, told_b) + self._nearness(of_b, told_a)
        return exchanged - self._nearness(of_a, told_a) - self._nearness(of_b, told_b)

    def _nearness(self, here: set[int], there: set[int]) -> float:
        nearest = self.likeness[np.ix_(sorted(here), sorted(there))].max(axis=1)
        return float(nearest.clip(min=0).sum())


class Aligner:
    """Aligns texts by the vectors that ``embedder`` gives words in context."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors = lru_cache(_KEPT)(self._in_context)

    @staticmethod
    def words(text: str) -> Iterator[re.Match[str]]:
        """The words of ``text``, as they are aligned."""
        return _WORD.finditer(text)

    def align(self, claim: str, text: str) -> Alignment | None:
        """The words of ``claim`` beside those of ``text``; None if the model has no vectors."""
        ours, theirs = self._vectors(claim), self._vectors(text)
        if ours is None or theirs is None or not len(ours) or not len(theirs):
            return None
        spans = tuple(found.span() for found in self.words(claim))
        return Alignment(spans, ours @ theirs.T)

    def _in_context(self, text: str) -> Vectors | None:
        vectors = self._embedder.in_context(_WORD.findall(text))
        if vectors is None or not len(vectors):
            return vectors
        # What all words of a text share is its language and its subject, not their sense.
        return unit(vectors - vectors.mean(axis=0))


def _around(names: Sequence[set[int]], size: int) -> list[set[int]]:
    """The words beside each of ``names``, among ``size``, that are part of none of them."""
    taken = {i for name in names for i in name}
    spans = [range(max(0, min(name) - BESIDE), min(size, max(name) + BESIDE + 1)) for name in names]
    return [set(span) - taken for span in spans]

"""Which sources to hold a claim against, and in what order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from assistant.answer.verify.evidence import Source, same_passage
from assistant.models.records import Vectors

OTHERS = 5
"""Uncited sentences to try, the nearest first, and pairs of them with those cited."""

NEAR = 0.5
"""Least cosine of an uncited sentence and the claim, both centred."""

MISCITED = 2
"""A model that cites wrongly mostly cites a neighbour: a sentence at most so many places away is
tried before the cited one if it is nearer."""


@dataclass(frozen=True, slots=True)
class Step:
    """Sources to try one after the other: of those ``cited`` or others, and if ``together``, even
    where one of them alone says the opposite.
    """

    supports: Sequence[tuple[int, ...]]
    cited: bool = False
    together: bool = False


def steps(first: Sequence[int], alone: Vectors, sources: Sequence[Source]) -> Iterator[Step]:
    """What to try for a claim that cites ``first``; ``alone`` are the cosines of all sources."""
    by_nearness = [int(i) for i in np.argsort(-alone, kind="stable") if i not in first]
    meant = [j for j in by_nearness if any(_is_meant(j, i, alone, sources) for i in first)]
    yield Step([(i,) for i in (*first, *meant)], cited=True)
    several = [*combinations(first, 2), *([tuple(first)] if len(first) > 2 else [])]
    yield Step(several, cited=True, together=True)
    yield Step([*_with_neighbours(first[:1], sources)])
    yield Step([(i,) for i in by_nearness[:OTHERS] if alone[i] >= NEAR])


def _with_neighbours(cited: Sequence[int], sources: Sequence[Source]) -> Iterator[tuple[int, int]]:
    """Each of ``cited`` with the sentence after it and that before: models merge neighbours."""
    for i in cited:
        yield from ((i, i + step) for step in (1, -1) if same_passage(sources, i, i + step))


def _is_meant(j: int, i: int, alone: Vectors, sources: Sequence[Source]) -> bool:
    """Whether ``j`` is a neighbour of ``i`` and nearer to the claim."""
    return abs(j - i) <= MISCITED and same_passage(sources, i, j) and bool(alone[j] > alone[i])

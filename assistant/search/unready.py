"""Chooses, among the passages that still lack vectors, those worth completing for a question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice, zip_longest

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.models.filters import Filters
from assistant.search.found import Question
from assistant.store.library import Library
from assistant.store.vector_cache import PackedVectors

MOST = 24
"""Passages completed for a question: a second's work on two processors."""

_LOOKED_AT = 150
"""Passages whose texts are looked at to choose them, in all languages: a tenth of that work."""

_NEAR = 0.5
"""Weight of a sketch's nearness beside what its text says of the question."""


class Unready:
    """The passages in ``library`` that lack vectors."""

    def __init__(self, library: Library, embedder: Embedder, centring: Centring) -> None:
        self._passages = library.passages
        self._incomplete = library.incomplete
        self._embedder = embedder
        self._centring = centring

    def narrow(
        self, question: Question, candidates: set[int], matching: Sequence[int], filters: Filters
    ) -> set[int]:
        """``candidates``, but of passages that lack vectors only the ``MOST`` most promising.

        By turns the best by words, of which ``matching`` are the best first; by meaning, if they
        lack those of their sentences only; or else by their sketches, in each language.
        """
        sketched = self._incomplete.sketched(filters)
        waiting = {id_ for ids, _ in sketched.values() for id_ in ids.tolist()}
        lacking = self._incomplete.among(candidates)
        by_words = [id_ for id_ in matching if id_ in waiting or id_ in lacking]
        by_meaning = self._nearest(question, sorted(lacking - waiting))
        by_tokens = self._matching(question, self._sketched(question, sketched))
        best = dict.fromkeys(by_turns(by_words, by_meaning, *by_tokens))
        return candidates - lacking | {*islice(best, MOST)}

    def _nearest(self, question: Question, ids: Sequence[int]) -> list[int]:
        """The passages with these ids, the nearest by meaning first."""
        found: list[tuple[float, int]] = []
        for language, some in self._passages.vectors_of(ids).items():
            near = self._centring.passages(some.vectors, language) @ question.vector
            found += zip((-near).tolist(), some.ids.tolist(), strict=True)
        return [id_ for _, id_ in sorted(found)]

    def _sketched(
        self, question: Question, sketched: Mapping[str, tuple[NDArray[np.int64], PackedVectors]]
    ) -> list[dict[int, float]]:
        """Of each language, the passages whose sketches are nearest to the question's, and how near
        they are.
        """
        asked = self._embedder.sketch([question.text])
        if asked is None:
            return []
        vector = self._centring.sketches(asked[0], question.language)
        found = []
        for language, (ids, sketches) in sketched.items():
            near = self._centring.sketch_nearness(vector, sketches, language)
            best = np.argsort(-near, kind="stable")[: _LOOKED_AT // len(sketched)]
            found.append(dict(zip(ids[best].tolist(), near[best].tolist(), strict=True)))
        return found

    def _matching(self, question: Question, found: Sequence[dict[int, float]]) -> list[list[int]]:
        """The same, those that say most of the question first."""
        texts = self._incomplete.texts_of([id_ for near in found for id_ in near])
        said = self._embedder.match(question.text, [text.whole for text in texts.values()])
        matched = dict(zip(texts, said.tolist(), strict=True))

        def worse(near: dict[int, float], id_: int) -> tuple[float, int]:
            return -matched.get(id_, 0.0) - _NEAR * near[id_], id_

        return [sorted(near, key=partial(worse, near)) for near in found]


def by_turns(*lists: Sequence[int]) -> Iterator[int]:
    """The first of each list, then the second of each, and so on."""
    for turn in zip_longest(*lists):
        yield from (id_ for id_ in turn if id_ is not None)

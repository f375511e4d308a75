"""The passages of a library with all their vectors: those still to be made are made on the spot.

So an answer from passages that were just read is as good as it will be when all is embedded.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Lock

import numpy as np

from assistant.embedding import Embedder
from assistant.models.clearance import ALL, Clearance
from assistant.models.records import PassageTexts, PassageVectors, StoredPassage, Vectors
from assistant.store.library import Library
from assistant.store.vectors import as_kept, sentences_as_kept

_REMEMBERED = 1_000
"""Passages whose vectors are remembered until the library has them: some 10 MB."""

_Made = tuple[Vectors, Vectors]
"""The vector of a passage, and those of its sentences."""


class CompletedPassages:
    """The passages in ``library`` with the vectors that they lack. Thread-safe."""

    def __init__(self, library: Library, embedder: Embedder) -> None:
        self._passages = library.passages
        self._incomplete = library.incomplete
        self._embedder = embedder
        self._made: OrderedDict[bytes, _Made] = OrderedDict()
        self._lock = Lock()

    def get(self, ids: Sequence[int], clearance: Clearance = ALL) -> list[StoredPassage]:
        """As ``PassageStore.get``, in full."""
        found = self._passages.get(ids, clearance)
        made = self._complete([one.id for one in found if not len(one.sentence_vectors)])[1]
        return [
            replace(one, vector=made[one.id][0], sentence_vectors=made[one.id][1])
            if one.id in made
            else one
            for one in found
        ]

    def vectors_of(self, ids: Sequence[int]) -> dict[str, PassageVectors]:
        """As ``PassageStore.vectors_of``, in full."""
        found = self._passages.vectors_of(ids)
        full = {id_ for some in found.values() for id_ in some.ids[some.counts > 0].tolist()}
        texts, made = self._complete([id_ for id_ in ids if id_ not in full])
        if not made:
            return found
        parts = defaultdict(list)
        for language, some in found.items():
            parts[language].append(_in_full(some))
        for id_, (vector, of_sentences) in made.items():
            count = np.array([len(of_sentences)])
            one = PassageVectors(np.array([id_]), vector[None], count, of_sentences)
            parts[texts[id_].language].append(one)
        return {language: _joined(some) for language, some in parts.items()}

    def _complete(self, ids: Sequence[int]) -> tuple[dict[int, PassageTexts], dict[int, _Made]]:
        """The texts and all vectors of passages that lack some; ids that are gone are skipped."""
        if not ids:
            return {}, {}
        self._incomplete.asked.update(ids)
        texts = self._incomplete.texts_of(ids)
        with self._lock:
            made = {t.digest: m for t in texts.values() if (m := self._made.get(t.digest))}
        made |= self._make({t.digest: t for t in texts.values() if t.digest not in made})
        with self._lock:
            self._made |= made
            while len(self._made) > _REMEMBERED:
                self._made.popitem(last=False)
        return texts, {id_: made[text.digest] for id_, text in texts.items()}

    def _make(self, texts: Mapping[bytes, PassageTexts]) -> dict[bytes, _Made]:
        wanted = [text.whole for text in texts.values() if text.vector is None]
        wanted += [sentence for text in texts.values() for sentence in text.sentences]
        vectors = iter(self._embedder.embed_passages(wanted))
        # Rounded as in the library, so that answers do not change when it has them.
        wholes = [as_kept(next(vectors)) if t.vector is None else t.vector for t in texts.values()]
        made = {}
        for whole, (digest, text) in zip(wholes, texts.items(), strict=True):
            of_sentences = np.array([next(vectors) for _ in text.sentences], np.float32)
            made[digest] = whole, sentences_as_kept(of_sentences.reshape(-1, len(whole)), whole)
        return made


def _in_full(some: PassageVectors) -> PassageVectors:
    """Those that have the vectors of their sentences."""
    full = some.counts > 0
    return replace(some, ids=some.ids[full], vectors=some.vectors[full], counts=some.counts[full])


def _joined(parts: Sequence[PassageVectors]) -> PassageVectors:
    return PassageVectors(
        np.concatenate([one.ids for one in parts]),
        np.concatenate([one.vectors for one in parts]),
        np.concatenate([one.counts for one in parts]),
        np.concatenate([one.sentence_vectors for one in parts]),
    )

"""The vectors of claims and sources, as they are compared."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from assistant.answer.verify.evidence import Source, same_passage
from assistant.answer.verify.features import Claim
from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.models.records import Vectors

_KEPT = 256

CONTEXT = 0.4
"""Weight of its passage's vector added to a source sentence's."""


class Meaning:
    """Vectors of texts, by ``embedder``, centred by ``centring``."""

    def __init__(self, embedder: Embedder, centring: Centring) -> None:
        self._embedder = embedder
        self._centring = centring
        # The parts of a claim are compared with one source after the other.
        self._embed = lru_cache(_KEPT)(self._embedded)

    def claim(self, text: str, language: str, question: str = "") -> Claim:
        """``text`` with its vector."""
        return Claim(text, language, self.embed([text], language)[0], question)

    def ways(self, sources: Sequence[Source]) -> Vectors:
        """Centred vectors of each source: alone, in its passage, with its predecessor, with its
        successor.

        Shape (4, sources, dimension).
        """
        own, context = self._vectors(sources)
        ways = [own, _unit(own + CONTEXT * context)]
        for step in (-1, 1):
            near = [(i, i + step) for i in range(len(own))]
            beside = [j if same_passage(sources, i, j) else i for i, j in near]
            ways.append(_unit(own + own[beside]))
        stacked = np.stack(ways)
        languages = np.array([source.language for source in sources])
        for language in sorted(set(languages)):
            rows = languages == language
            stacked[:, rows] = self._centring.passages(stacked[:, rows], language)
        return stacked

    def embed(self, texts: Sequence[str], language: str) -> Vectors:
        """Centred vectors of ``texts``, shape (texts, dimension)."""
        return self._embed(tuple(texts), language)

    def _embedded(self, texts: tuple[str, ...], language: str) -> Vectors:
        return self._centring.passages(self._embedder.embed_passages(texts), language)

    def _vectors(self, sources: Sequence[Source]) -> tuple[Vectors, Vectors]:
        """The raw vectors of the sentences and of their passages."""
        missing = [source.text for source in sources if source.vector is None]
        embedded = iter(self._embedder.embed_passages(missing))
        own = np.array([next(embedded) if s.vector is None else s.vector for s in sources])
        passages = np.array([source.passage for source in sources])
        context = [
            own[passages == s.passage].mean(axis=0) if s.context is None else s.context
            for s in sources
        ]
        return own.astype(np.float32), np.array(context, np.float32)


def _unit(vectors: Vectors) -> Vectors:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), np.float32)

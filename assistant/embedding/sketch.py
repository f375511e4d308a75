"""Compares texts by the network's table of tokens, without running the network.

Cheap vectors are its rows averaged. Rare tokens weigh more (Arora et al. 2017, "A simple but
tough-to-beat baseline for sentence embeddings"); how frequent a token is, the tokenizer's
vocabulary tells. Centred by language like any others, such vectors find the gold passage of 67 to
92 percent of questions among the nearest 24, less where question and passage differ in language.
Compared token by token (Khattab and Zaharia 2020, "ColBERT"), the nearest 150 are in a far better
order: 85 to 98 percent are then among the first 24.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.bundled_model import BundledModel
from assistant.models.records import unit

_RARE = 1e-4
"""Frequency of a token that counts half. Ten times more or less finds a percent less."""


class Sketcher:
    """Sketches texts with the table of ``model``. Thread-safe."""

    def __init__(self, model: BundledModel) -> None:
        self._model = model
        frequencies = np.exp(np.array(model.vocabulary.scores, np.float32))
        self._weights = _RARE / (_RARE + frequencies)

    def sketch(self, tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """A unit vector for each text, given its tokens; shape (texts, dimension)."""
        dimension = self._model.shape.hidden
        sketches = np.zeros((len(tokens), dimension), np.float32)
        for row, of_text in enumerate(tokens):
            distinct, counts = np.unique(np.array(of_text, np.int64), return_counts=True)
            vectors = self._model.rows("emb.word", dimension, distinct).dense()
            sketches[row] = (counts * self._weights[distinct]) @ vectors
        return unit(sketches)

    def match(self, asked: Sequence[int], tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """How much of a question each text says, given the tokens of both; shape (texts,), 0..1.

        Of each token of the question, the cosine of the text's likest token.
        """
        if not asked or not tokens:
            return np.zeros(len(tokens), np.float32)
        filled = [of_text or [self._model.vocabulary.begin] for of_text in tokens]
        sizes = np.array([len(of_text) for of_text in filled])
        wanted = np.unique(np.array(asked, np.int64))
        distinct, place = np.unique(np.concatenate(filled), return_inverse=True)
        likeness = self._vectors(wanted) @ self._vectors(distinct).T
        best = np.maximum.reduceat(likeness[:, place], np.cumsum(sizes) - sizes, axis=1)
        weights = self._weights[wanted]
        return np.asarray(weights @ np.clip(best, 0, 1) / weights.sum(), np.float32)

    def _vectors(self, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        return unit(self._model.rows("emb.word", self._model.shape.hidden, tokens).dense())

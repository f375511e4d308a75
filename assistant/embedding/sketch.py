"""Cheap vectors of texts: the network's table of tokens, averaged, without running the network.

Rare tokens weigh more (Arora et al. 2017, "A simple but tough-to-beat baseline for sentence
embeddings"); how frequent a token is, the tokenizer's vocabulary tells. Centred by language like
any others, such vectors find the gold passage of 69 to 94 percent of questions among the nearest
24, less where question and passage differ in language.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.bundled_model import BundledModel

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
        length = np.linalg.norm(sketches, axis=1, keepdims=True)
        return np.asarray(sketches / np.maximum(length, 1e-9), np.float32)

"""Caches the vectors of recent questions: many are embedded more than once.

A doubted question is compared again with its words left out, a follow-up with the question before
it, and suggestions are the same for every reader.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder, EmbedderProxy

REMEMBERED = 2_000
"""Cached texts: some 4 MB."""


class RecentQueries(EmbedderProxy):
    """``embedder`` with an LRU cache for questions. Thread-safe."""

    def __init__(self, embedder: Embedder, most: int = REMEMBERED) -> None:
        super().__init__(embedder)
        self._most = most
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Gives what the embedder gives."""
        known = self._known([text])
        if text not in known:
            known[text] = super().embed_query(text)
            self._keep(known)
        return known[text].copy()

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Gives what the embedder gives."""
        known = self._known(texts)
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            # Copy: a view of one row would keep the whole array in memory.
            vectors = map(np.copy, super().embed_queries(new))
            known |= zip(new, vectors, strict=True)
            self._keep(known)
        wanted = [known[text] for text in texts]
        return np.array(wanted, np.float32).reshape(len(texts), self.dimension)

    def _known(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
            for text in known:
                self._vectors.move_to_end(text)
            return known

    def _keep(self, vectors: dict[str, NDArray[np.float32]]) -> None:
        with self._lock:
            self._vectors |= vectors
            while len(self._vectors) > self._most:
                self._vectors.popitem(last=False)

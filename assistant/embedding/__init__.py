"""Embedding: the interface of all embedding models, and the choice of one.

The bundled model needs neither torch nor a network. Any other sentence-transformers model is one
setting away; torch is imported only when it is chosen.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.support.settings import BUNDLED_MODEL

REMEMBERED = 2_000
"""Questions whose vectors are kept: some 4 MB."""


class Embedder(Protocol):
    """Embeds texts as unit vectors whose dot product is high for similar meanings.

    Thread-safe. Texts longer than ``max_tokens`` tokens, prompt and special tokens included, are
    truncated. ``identity`` changes whenever vectors would: vectors of two identities must not be
    compared.
    """

    @property
    def identity(self) -> str:
        """Identifies the model, its weights, its prompts and the engine that runs it."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def max_tokens(self) -> int:
        """Most tokens of a text, prompt and special tokens included."""

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts to search in, shape (texts, dimension); (0, dimension) if no texts."""

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a query, shape (dimension,)."""

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of queries, shape (texts, dimension); (0, dimension) if no texts."""

    def sketch(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        """Cheap unit vectors of texts, made without running the network, shape (texts, dimension).

        Comparable with each other only. None if the model has none.
        """

    def in_context(self, words: Sequence[str]) -> NDArray[np.float32] | None:
        """Vectors of the words of one text, each as the words around it make it, shape (words,
        dimension); zeros for words beyond ``max_tokens``.

        Comparable with each other only. None if the model has none.
        """

    def match(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """How much of ``question`` each text says, by their tokens alone, shape (texts,), 0..1;
        zeros if the model makes no sketches.
        """

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each untruncated text, without prompt and special tokens."""


class EmbedderProxy:
    """Delegates to ``embedder``; base class for decorators."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    @property
    def identity(self) -> str:
        """Delegates to the embedder."""
        return self._embedder.identity

    @property
    def dimension(self) -> int:
        """Delegates to the embedder."""
        return self._embedder.dimension

    @property
    def max_tokens(self) -> int:
        """Delegates to the embedder."""
        return self._embedder.max_tokens

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Delegates to the embedder."""
        return self._embedder.embed_passages(texts)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Delegates to the embedder."""
        return self._embedder.embed_query(text)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Delegates to the embedder."""
        return self._embedder.embed_queries(texts)

    def sketch(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        """Delegates to the embedder."""
        return self._embedder.sketch(texts)

    def in_context(self, words: Sequence[str]) -> NDArray[np.float32] | None:
        """Delegates to the embedder."""
        return self._embedder.in_context(words)

    def match(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Delegates to the embedder."""
        return self._embedder.match(question, texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Delegates to the embedder."""
        return self._embedder.count_tokens(texts)


class RecentQueries(EmbedderProxy):
    """``embedder`` with an LRU cache for questions. Thread-safe.

    Many are embedded more than once: a doubted question is compared again with its words left out,
    a follow-up with the question before it, and suggestions are the same for every reader.
    """

    def __init__(self, embedder: Embedder, most: int = REMEMBERED) -> None:
        super().__init__(embedder)
        self._most = most
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The cached vector, or the embedder's."""
        known = self._known([text])
        if text not in known:
            known[text] = super().embed_query(text)
            self._keep(known)
        return known[text].copy()

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Cached vectors, and the embedder's for the others."""
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


def load_embedder(
    model: str,
    cache: Path,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Embedder:
    """The embedding model named by the setting ``embedding_model``.

    ``model`` is ``settings.BUNDLED_MODEL``, or a name or folder for sentence-transformers. The
    bundled model keeps a prepared file in ``cache / "models"`` (83 MB, made on first use in some
    seconds, announced to ``progress`` in a sentence). ``threads`` limits the processors used; None
    means all. Raises ``ModelError``, which says what to do.
    """
    if model == BUNDLED_MODEL:
        from assistant.embedding.onnx_model import load_bundled

        return load_bundled(cache, threads, progress)
    from assistant.embedding.sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(model, threads)

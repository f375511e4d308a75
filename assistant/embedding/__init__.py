"""Texts become vectors: the interface of every embedding model, and how one is chosen.

The bundled model needs neither torch nor a network. Any other sentence-transformers model is one
setting away; torch is imported only when it is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.support.settings import BUNDLED_MODEL


class Embedder(Protocol):
    """Turns texts into vectors of length 1 whose product is high for texts of like meaning.

    Several threads may call one embedder. A text of more than ``max_tokens`` tokens, prompt and
    marks included, is embedded by its first ones. ``identity`` changes whenever vectors would:
    vectors of two identities must not be compared.
    """

    @property
    def identity(self) -> str:
        """Names the model, its weights, its prompts and the engine that computes it."""

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that count, the prompt and the marks of begin and end included."""

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts to be found, shape (texts, dimension); of no texts, (0, dimension)."""

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question or of what is searched for, shape (dimension,)."""

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Those of several questions, shape (texts, dimension); of none, (0, dimension)."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each whole text, without the prompt and the marks of begin and end."""


class EmbedderProxy:
    """Stands for ``embedder`` and does as it does; subclasses change what they must."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    @property
    def identity(self) -> str:
        """Says what the embedder says."""
        return self._embedder.identity

    @property
    def dimension(self) -> int:
        """Says what the embedder says."""
        return self._embedder.dimension

    @property
    def max_tokens(self) -> int:
        """Says what the embedder says."""
        return self._embedder.max_tokens

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Gives what the embedder gives."""
        return self._embedder.embed_passages(texts)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Gives what the embedder gives."""
        return self._embedder.embed_query(text)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Gives what the embedder gives."""
        return self._embedder.embed_queries(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Counts as the embedder counts."""
        return self._embedder.count_tokens(texts)


def load_embedder(
    model: str,
    cache: Path,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Embedder:
    """The embedding model named by the setting ``embedding_model``.

    ``model`` is ``settings.BUNDLED_MODEL``, or a name or folder for sentence-transformers. The
    bundled model keeps a prepared file in ``cache / "models"`` (83 MB, made on first use in some
    seconds, of which ``progress`` is told in a sentence). ``threads`` bounds the processors that
    are used; None means all. Raises ``ModelError``, which says what to do.
    """
    if model == BUNDLED_MODEL:
        from assistant.embedding.onnx_model import load_bundled

        return load_bundled(cache, threads, progress)
    from assistant.embedding.sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(model, threads)

"""Uses any sentence-transformers model as an embedder."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from assistant.support.errors import ModelError
from assistant.support.settings import BUNDLED_MODEL

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)


class SentenceTransformerEmbedder:
    """Embeds texts with torch; see ``assistant.embedding.Embedder``.

    ``model`` is a folder, or a name on the model hub, which is queried only if the model is not on
    this machine. Uses the query and document prompts of the model's own configuration. ``threads``
    limits torch in the whole process; None leaves it alone. Raises ``ModelError`` if the model
    cannot be loaded.
    """

    def __init__(self, model: str, threads: int | None = None) -> None:
        self._model = _load(model)
        if threads:
            import torch

            torch.set_num_threads(threads)
        # The tokenizers keep truncation as state, which two threads must not change.
        self._lock = Lock()
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            dimension = self._model.encode(["-"], show_progress_bar=False).shape[1]
        self.dimension = dimension
        self.max_tokens = self._model.max_seq_length or self._model.tokenizer.model_max_length
        self.identity = f"{model}:{_fingerprint(self._model)}"
        if not any(self._model.prompts.values()):
            log.info("The embedding model %s has no prompts in its configuration.", model)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of length 1, shape (texts, dimension)."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        with self._lock:
            vectors = self._model.encode_document(
                list(texts), normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """One vector of length 1, shape (dimension,)."""
        vector: NDArray[np.float32] = self.embed_queries([text])[0]
        return vector

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of length 1, shape (texts, dimension)."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        with self._lock:
            vectors = self._model.encode_query(
                list(texts), normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, np.float32)

    def in_context(self, words: Sequence[str]) -> None:
        """None: it gives vectors of whole texts only."""

    def sketch(self, texts: Sequence[str]) -> None:
        """None: how a model keeps its tokens is its own affair."""

    def match(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Zeros."""
        return np.zeros(len(texts), np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the prompt and the marks of its begin and end."""
        if not texts:
            return []
        tokenizer = self._model.tokenizer
        with self._lock:
            if isinstance(tokenizer, Tokenizer):  # of a static model, which has no transformer
                return [len(one) for one in tokenizer.encode_batch([*texts], False, False)]
            encoded = tokenizer(
                list(texts), add_special_tokens=False, truncation=False, verbose=False
            )
        return [len(ids) for ids in encoded["input_ids"]]


def _load(model: str) -> SentenceTransformer:
    try:
        from huggingface_hub import constants
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise ModelError(
            f"The embedding model {model!r} needs sentence-transformers, which cannot be "
            f"imported: {error}. Install it with pip, or set ASSISTANT_EMBEDDING_MODEL to "
            f"{BUNDLED_MODEL}."
        ) from error
    constants.HF_HUB_DISABLE_TELEMETRY = True
    try:
        return SentenceTransformer(model, local_files_only=True)
    except Exception as error:  # the hub, torch and transformers each raise their own classes
        if Path(model).exists():
            raise _not_loaded(model, error) from error
        log.info("The embedding model %s is not on this machine; asking the model hub.", model)
    try:
        return SentenceTransformer(model)
    except Exception as error:  # as above
        raise _not_loaded(model, error) from error


def _not_loaded(model: str, error: Exception) -> ModelError:
    return ModelError(
        f"The embedding model {model!r} cannot be loaded: {str(error).rstrip('. ')}. "
        f"Set ASSISTANT_EMBEDDING_MODEL to the folder of a sentence-transformers model, to a "
        f"name of the model hub when it can be reached, or to {BUNDLED_MODEL}."
    )


def _fingerprint(model: SentenceTransformer) -> str:
    """Sixteen hexadecimal digits that change with the weights, the modules or the prompts."""
    import torch

    modules: list[tuple[str, dict[str, object]]] = [
        (type(module).__name__, getattr(module, "get_config_dict", dict)()) for module in model
    ]
    facts = [modules, model.prompts, model.default_prompt_name, model.max_seq_length]
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode())
    for name, weights in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(weights.cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()[:16]

"""Runs the bundled embedding model in onnxruntime, quantized, one text per run.

One text per run is the fastest on a CPU, and makes vectors independent of batching: the same text
gives the same bits in every batch, thread and process of one machine.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from assistant.embedding.bundled_model import (
    CONTEXT,
    MODEL_NAME,
    PASSAGE_PROMPT,
    QUERY_PROMPT,
    VECTOR,
    WEIGHTS_SHA256,
    BundledModel,
    find_weights,
    read_weights,
)
from assistant.embedding.sketch import Sketcher
from assistant.embedding.unigram import UnigramTokenizer
from assistant.support.errors import ModelError
from assistant.support.processors import processors

RECIPE = 1
"""Increment with every change to the graph or the tokenizer that changes vectors."""

_LOCK_SECONDS = 300
_ONLY_ERRORS = 3

log = logging.getLogger(__name__)


class OnnxEmbedder:
    """Embeds texts with the bundled model; see ``assistant.embedding.Embedder``."""

    def __init__(self, model: BundledModel, path: Path, threads: int | None = None) -> None:
        self._tokenizer = UnigramTokenizer(model.vocabulary)
        self._sketcher = Sketcher(model)
        self._begin, self._end = model.vocabulary.begin, model.vocabulary.end
        self._session = _open_session(path)
        self._threads = threads or processors()
        self.dimension = model.shape.hidden
        self.max_tokens = model.shape.positions
        self.identity = f"{MODEL_NAME}:{_digest(QUERY_PROMPT, PASSAGE_PROMPT)}"

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (texts, dimension), computed on the given number of threads."""
        return self._embed_all([PASSAGE_PROMPT + text for text in texts])

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """A unit vector, shape (dimension,), computed on the calling thread."""
        return self._embed(QUERY_PROMPT + text)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (texts, dimension), computed on the given number of threads."""
        return self._embed_all([QUERY_PROMPT + text for text in texts])

    def sketch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors made of the table of tokens, shape (texts, dimension)."""
        return self._sketcher.sketch([self._tokenizer.encode(text) for text in texts])

    def in_context(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the words of one text from a layer in the middle, which tells senses apart."""
        begin = [self._begin, *self._tokenizer.encode(PASSAGE_PROMPT)]
        pieces = [self._tokenizer.encode(word) for word in words]
        ids = [*begin, *(i for word in pieces for i in word)][: self.max_tokens - 1]
        (states,) = self._session.run([CONTEXT], {"ids": np.array([[*ids, self._end]], np.int64)})
        ends = len(begin) + np.cumsum([len(word) for word in pieces])
        found = np.zeros((len(words), self.dimension), np.float32)
        for row, (end, word) in enumerate(zip(ends, pieces, strict=True)):
            if word and end <= len(ids):
                found[row] = states[0, end - len(word) : end].mean(axis=0)
        return found

    def match(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """How much of ``question`` each text says, by the table of tokens, shape (texts,), 0..1."""
        tokens = [self._tokenizer.encode(text) for text in texts]
        return self._sketcher.match(self._tokenizer.encode(question), tokens)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the prompt and the marks of its begin and end."""
        return [len(self._tokenizer.encode(text)) for text in texts]

    def _embed_all(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        if len(texts) < 2:  # the hand-over to another thread would take longer
            for row, text in enumerate(texts):
                vectors[row] = self._embed(text)
            return vectors
        # A pool that is not shut down keeps the process alive if Ctrl-C comes as a thread starts.
        with ThreadPoolExecutor(self._threads, "embed") as pool:
            for row, vector in enumerate(pool.map(self._embed, texts)):
                vectors[row] = vector
        return vectors

    def _embed(self, text: str) -> NDArray[np.float32]:
        ids = self._tokenizer.encode(text)[: self.max_tokens - 2]
        tokens = np.array([[self._begin, *ids, self._end]], np.int64)
        (vectors,) = self._session.run([VECTOR], {"ids": tokens})
        vector: NDArray[np.float32] = vectors[0]
        return vector


def load_bundled(
    cache: Path, threads: int | None = None, progress: Callable[[str], None] | None = None
) -> OnnxEmbedder:
    """Load the bundled model; the first use on a machine prepares a file in ``cache``.

    ``threads`` is how many embed passages in parallel; None means one per processor. ``progress``
    is told, in a sentence, when the file is being prepared; None means the log. Raises
    ``ModelError``.
    """
    model = read_weights(find_weights())
    path = cache / "models" / f"{_digest(CONTEXT)}.onnx"
    try:
        _prepare(model, path, progress)
    except OSError as error:
        raise ModelError(
            f"The embedding model cannot be kept in {path.parent}: {error}. Free some space "
            f"there (100 MB), make the folder writable, or set ASSISTANT_CACHE to another one."
        ) from error
    return OnnxEmbedder(model, path, threads)


def _prepare(model: BundledModel, path: Path, progress: Callable[[str], None] | None) -> None:
    """Write the ONNX file at ``path`` unless it is there and intact; one process at a time."""
    if _is_whole(path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path.with_suffix(".lock"), timeout=_LOCK_SECONDS):
            if _is_whole(path):
                return
            if path.exists():
                log.warning("The prepared embedding model %s is damaged; making it again.", path)
            (progress or log.info)("Preparing the embedding model: some seconds, once only.")
            _write(model, path)
    except Timeout as error:
        raise ModelError(
            f"Another process has been preparing the embedding model for {_LOCK_SECONDS} "
            f"seconds: it holds {error.lock_file}. End it, then try again."
        ) from error


def _write(model: BundledModel, path: Path) -> None:
    # Imported late: onnx is needed only here, and takes 25 MB.
    from assistant.embedding.onnx_graph import build_graph

    content = build_graph(model).SerializeToString(deterministic=True)
    _replace(path, content)
    # Write the checksum last: a file without one is incomplete.
    _replace(_checksum_file(path), hashlib.sha256(content).hexdigest().encode())


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _is_whole(path: Path) -> bool:
    checksum = _checksum_file(path)
    if not (path.is_file() and checksum.is_file()):
        return False
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return digest.encode() == checksum.read_bytes()


def _checksum_file(path: Path) -> Path:
    return path.with_suffix(".sha256")


def _digest(*more: str) -> str:
    """Sixteen hexadecimal digits that change with the weights, the recipe, and ``more``."""
    return hashlib.sha256(json.dumps([WEIGHTS_SHA256, RECIPE, *more]).encode()).hexdigest()[:16]


def _open_session(path: Path) -> Any:
    # Imported late: loading onnxruntime takes 0.1 s, which commands that embed nothing should not
    # pay.
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    # One thread per text: adding in another order would change the last bits.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _ONLY_ERRORS
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises ten unrelated classes
        raise ModelError(
            f"onnxruntime {onnxruntime.__version__} cannot open {path}: {error}. Install "
            f"onnxruntime 1.20 or later."
        ) from error

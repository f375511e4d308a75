"""How vectors are kept: a byte a number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assistant.models.records import Vectors

_LARGEST = 127


def pack(vectors: Vectors) -> bytes:
    """Quantize unit vectors, shape (dimension,) or (n, dimension), row after row.

    The largest number of each becomes 127. Reading restores length 1, so no scale is kept. Cosine
    to the original: 0.9999.
    """
    largest = np.abs(vectors).max(axis=-1, keepdims=True, initial=1e-9)
    packed: NDArray[np.int8] = np.rint(vectors * (_LARGEST / largest)).astype(np.int8)
    return packed.tobytes()


def unpack(blob: bytes, dimension: int) -> Vectors:
    """The vectors in ``blob``, of length 1, shape (n, dimension)."""
    packed = np.frombuffer(blob, np.int8).reshape(-1, max(dimension, 1)).astype(np.float32)
    length = np.linalg.norm(packed, axis=1, keepdims=True)
    return np.asarray(packed / np.maximum(length, 1e-9), np.float32)


def as_kept(vectors: Vectors) -> Vectors:
    """``vectors`` after a round trip through the store."""
    return unpack(pack(vectors), vectors.shape[-1]).reshape(vectors.shape)


def repacked(halves: bytes, dimension: int) -> bytes:
    """``halves``, vectors in half precision as they were kept before, packed."""
    return pack(np.frombuffer(halves, np.float16).astype(np.float32).reshape(-1, dimension))

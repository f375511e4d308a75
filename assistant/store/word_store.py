"""The library's vocabulary: an id and a vector for every word of its articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from assistant.models.records import Vectors
from assistant.store.database import IDS, LISTED, Database, listed
from assistant.store.vector_cache import VectorCache
from assistant.store.vectors import BITS, pack_word, unpack_word_vectors

NO_WORD = 0
"""The id that stands for no word; its vector is zero."""

_REMEMBERED = 150_000
"""Word vectors cached in memory at most: 58 MB, a byte a number."""


class WordStore:
    """The words in ``database``, in any language. They stay when their articles go.

    Ids are never reused. Thread-safe.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._vectors = VectorCache(partial(_packed, database), _REMEMBERED, unpack_word_vectors)

    def put(self, words: Iterable[str]) -> dict[str, int]:
        """The ids of ``words``; new ones get an id, and no vector yet.

        Runs in ``with library.change():``.
        """
        wanted = set(words)
        known = self.ids(wanted)
        new = sorted(wanted - known.keys())
        if new:
            self._database.insert("words", "word", [(word,) for word in new])
        return known | self.ids(new)

    def without_vector(self, batch: int) -> Iterator[list[str]]:
        """The words that still need a vector, in batches."""
        last = NO_WORD
        while rows := self._database.execute(
            "SELECT id, word FROM words WHERE vector IS NULL AND id > ? ORDER BY id LIMIT ?",
            (last, batch),
        ):
            yield [word for _, word in rows]
            last = rows[-1][0]

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
            [(b"" if v is None else pack_word(v), word) for word, v in vectors.items()],
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
        found = self._vectors.get(ids).unpacked()
        return found if found.shape[1] == dimension else np.zeros((len(ids), dimension), np.float32)

    def clear(self) -> None:
        """Remove all words."""
        self._database.execute("DELETE FROM words")
        self._vectors.clear()

    def _dimension(self) -> int:
        """Numbers in a vector; 1 if no word has one."""
        rows = self._database.execute(
            "SELECT length(vector) FROM words WHERE length(vector) > 0 LIMIT 1"
        )
        return int(rows[0][0]) * 8 // BITS if rows else 1


# No method: a store that held itself through its cache would keep a replaced library's file open.
def _packed(database: Database, ids: list[int]) -> list[tuple[int, bytes]]:
    return database.execute(
        f"SELECT id, vector FROM words WHERE vector IS NOT NULL AND id IN {IDS}", (listed(ids),)
    )

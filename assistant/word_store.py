"""The library's words: the vector of every word of its articles, as the model sees it alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from assistant.database import Database
from assistant.records import Vectors

_MANY = 500
"""Values in one SQL statement; SQLite's limit is far above it in every version."""


class WordStore:
    """The words in ``database``, whatever their language. One that is learnt stays."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, vectors: Mapping[str, Vectors]) -> None:
        """Keep a vector for each word. Runs in ``with library.change():``."""
        self._database.connection.executemany(
            "INSERT OR REPLACE INTO words VALUES (?, ?)",
            [(word, vector.astype(np.float16).tobytes()) for word, vector in vectors.items()],
        )

    def get(self, words: Iterable[str]) -> dict[str, Vectors]:
        """The vectors, in half precision, of those of ``words`` that are known."""
        found: dict[str, Vectors] = {}
        wanted = sorted(set(words))
        for some in (wanted[i : i + _MANY] for i in range(0, len(wanted), _MANY)):
            rows = self._database.execute(
                f"SELECT word, vector FROM words WHERE word IN ({', '.join('?' * len(some))})", some
            )
            found.update((word, np.frombuffer(vector, np.float16)) for word, vector in rows)
        return found

    def clear(self) -> None:
        """Forget all words."""
        self._database.execute("DELETE FROM words")

"""An embedder that keeps every vector it made in a file, so that only what is new is embedded."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder, EmbedderProxy

_AT_ONCE = 32


class KeptEmbedder(EmbedderProxy):
    """``embedder``, with the vectors of all texts so far in the SQLite file ``file``."""

    def __init__(self, embedder: Embedder, file: Path) -> None:
        super().__init__(embedder)
        self._database = sqlite3.connect(file, check_same_thread=False, timeout=600)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("CREATE TABLE IF NOT EXISTS vectors (id BLOB PRIMARY KEY, v BLOB)")
        self._lock = threading.Lock()

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As the embedder that it stands for."""
        return self._kept("passage", texts, self._embedder.embed_passages)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As the embedder that it stands for."""
        return self._kept("query", texts, self._embedder.embed_queries)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """As the embedder that it stands for."""
        return np.array(self.embed_queries([text])[0])

    def _kept(
        self, kind: str, texts: Sequence[str], embed: Callable[[Sequence[str]], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        keys = [self._key(kind, text) for text in texts]
        found = {key: vector for key in dict.fromkeys(keys) if (vector := self._get(key))}
        missing = {k: t for k, t in zip(keys, texts, strict=True) if k not in found}
        waiting = list(missing.items())
        for start in range(0, len(waiting), _AT_ONCE):
            some = dict(waiting[start : start + _AT_ONCE])
            made = [vector.tobytes() for vector in embed(list(some.values()))]
            found.update(zip(some, made, strict=True))
            with self._lock, self._database:
                self._database.executemany(
                    "INSERT OR REPLACE INTO vectors VALUES (?, ?)", zip(some, made, strict=True)
                )
        joined = b"".join(found[key] for key in keys)
        return np.frombuffer(joined, np.float32).reshape(len(texts), self.dimension)

    def _key(self, kind: str, text: str) -> bytes:
        return hashlib.sha256(f"{self.identity}\0{kind}\0{text}".encode()).digest()[:16]

    def _get(self, key: bytes) -> bytes | None:
        with self._lock:
            row = self._database.execute("SELECT v FROM vectors WHERE id = ?", (key,)).fetchone()
        return row[0] if row else None

"""Earlier versions of articles: what an old citation quoted, to say what has changed since.

They belong to a file: they go with it, and with ``compact``.
"""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime

from assistant.models.clearance import Clearance
from assistant.models.history import History, Version
from assistant.store.database import Database, bound, visible

MOST = 5
"""Versions kept of a file; the oldest goes first."""

LONGEST = 500_000
"""Characters of a text that is kept: longer ones, some 200 pages, would double a library."""


class VersionStore:
    """The versions in ``database``. Methods that change it run in ``with library.change():``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, article_id: str, source: str) -> None:
        """Keep the text of an article that the file ``source`` held until today."""
        rows = self._database.execute("SELECT text FROM articles WHERE id = ?", (article_id,))
        texts = [text for (text,) in rows if len(text) <= LONGEST]
        for text in texts:
            packed = zlib.compress(text.encode())
            day = datetime.now(UTC).date().isoformat()
            self._database.execute(
                "INSERT INTO versions (article, source, replaced, text) VALUES (?, ?, ?, ?)",
                (article_id, source, day, packed),
            )
        self._database.execute(
            "DELETE FROM versions WHERE source = ?1 AND id NOT IN "
            "(SELECT id FROM versions WHERE source = ?1 ORDER BY id DESC LIMIT ?2)",
            (source, MOST),
        )

    def drop(self, source: str) -> None:
        """Forget the versions of a file."""
        self._database.execute("DELETE FROM versions WHERE source = ?", (source,))

    def since(self, article_id: str, clearance: Clearance) -> History | None:
        """What became of the article; None if that is not known, or may not be shown."""
        found = self._database.execute(
            "SELECT versions.id, versions.source, files.article FROM versions "
            "JOIN files ON files.source = versions.source "
            f"WHERE versions.article = ?2 AND files.article IS NOT NULL AND {visible('?1')} "
            "ORDER BY versions.id DESC LIMIT 1",
            (bound(clearance), article_id),
        )
        for first, source, now in found:
            rows = self._database.execute(
                "SELECT text, replaced FROM versions WHERE source = ? AND id >= ? ORDER BY id",
                (source, first),
            )
            versions = [
                Version(zlib.decompress(packed).decode(), date.fromisoformat(day))
                for packed, day in rows
            ]
            return History(tuple(versions), now)
        return None

"""The keyword index of passages: which hold a term, best by BM25."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.models.clearance import ALL, Clearance
from assistant.store.database import COUNTED, RANKED, Database, any_of, bound, listed
from assistant.store.passage_filters import OF_FILES


class KeywordStore:
    """The terms of the passages in ``database``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, passage: int, terms: Sequence[str]) -> None:
        """Add the terms of a passage."""
        statement = "INSERT INTO keywords (rowid, terms) VALUES (?, ?)"
        self._database.execute(statement, (passage, " ".join(terms)))

    def drop(self, passages: Iterable[int]) -> None:
        """Remove the terms of these passages."""
        for passage in passages:
            self._database.execute("DELETE FROM keywords WHERE rowid = ?", (passage,))

    def clear(self) -> None:
        """Remove all."""
        self._database.execute("DELETE FROM keywords")

    def matching(
        self, terms: Iterable[str], language: str | None, limit: int, clearance: Clearance = ALL
    ) -> list[int]:
        """Ids of the passages in ``language``, or in any, that hold any of ``terms`` and may be
        shown, best by BM25 first.
        """
        query = any_of(terms)
        if not query:
            return []
        rows = self._database.execute(
            f"SELECT k.rowid FROM {RANKED} AS k JOIN passages p ON p.id = k.rowid "
            "JOIN articles a ON a.id = p.article "
            # Break ties by article, not by id: ids depend on what was read first.
            f"WHERE (?1 IS NULL OR EXISTS ({OF_FILES} AND article = a.id)) "
            "AND (?3 IS NULL OR language = ?3) ORDER BY score, article, start LIMIT ?4",
            (bound(clearance), query, language, limit),
        )
        return [row[0] for row in rows]

    def document_frequencies(self, terms: Iterable[str], most: int) -> dict[str, int]:
        """The number of passages with each of ``terms``, above ``most`` any such number; terms that
        do not occur are left out.
        """
        counted = f"SELECT term, doc FROM {COUNTED} AS counted WHERE doc > 0"
        return dict(self._database.execute(counted, (listed(sorted(set(terms))), most + 1)))

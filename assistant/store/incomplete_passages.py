"""The passages that still lack vectors, of themselves or of their sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.models.filters import Filters
from assistant.models.records import PassageTexts
from assistant.store.database import IDS, Database, listed
from assistant.store.passage_filters import ids_of, remembering
from assistant.store.passage_rows import texts_in
from assistant.store.vector_cache import MOST_PASSAGES, PackedVectors, VectorCache, packed_in


class IncompletePassages:
    """Those in ``database``. They can be found by their words, and by sketches if the model makes
    any.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids = remembering(database, partial(ids_of, database, True))
        self._sketches = VectorCache(partial(packed_in, database, "sketch"), MOST_PASSAGES)
        self.asked: set[int] = set()
        """Ids that questions came upon before their vectors were made: the next to get them."""

    def any(self) -> bool:
        """Whether there are any."""
        exist = "SELECT EXISTS (SELECT 1 FROM passages WHERE sentence_vectors IS NULL)"
        return bool(self._sql(exist)[0][0])

    def among(self, ids: Iterable[int]) -> set[int]:
        """Those of ``ids`` that are incomplete."""
        rows = self._sql(
            f"SELECT id FROM passages WHERE id IN {IDS} AND sentence_vectors IS NULL",
            listed(ids),
        )
        return {id_ for (id_,) in rows}

    def without_vector(self) -> list[int]:
        """Ids of the passages that need a vector, those of the newest articles first."""
        return self._waiting("vector")

    def without_sentences(self) -> list[int]:
        """Ids of the passages whose sentences need vectors, in the same order."""
        return self._waiting("sentence_vectors")

    def sketched(self, filters: Filters) -> dict[str, tuple[NDArray[np.int64], PackedVectors]]:
        """By language, of the passages without a vector that ``filters`` allow, ids and sketches,
        which are zero if the model makes none.
        """
        ids = self._ids(filters)
        return {found: (some, self._sketches.get(some)) for found, some in ids.items()}

    def texts_of(self, ids: Sequence[int]) -> dict[int, PassageTexts]:
        """What the vectors of the passages with these ids are made of; missing ids are skipped."""
        rows = self._sql(
            "SELECT p.id, digest, language, start, p.text, bounds, columns, vector "
            f"FROM passages p JOIN articles a ON a.id = article WHERE p.id IN {IDS}",
            listed(ids),
        )
        return {row[0]: texts_in(*row[1:]) for row in rows}

    def embedded(self, digests: Sequence[bytes]) -> dict[bytes, tuple[bytes, bytes | None]]:
        """Packed passage and sentence vectors of text that is already embedded, by digest; None for
        sentences that are not.
        """
        statement = (
            "SELECT vector, sentence_vectors FROM passages WHERE digest = ? "
            "AND vector IS NOT NULL ORDER BY sentence_vectors IS NULL LIMIT 1"
        )
        found = {digest: self._sql(statement, digest) for digest in digests}
        return {digest: rows[0] for digest, rows in found.items() if rows}

    def put_vectors(self, vectors: Mapping[int, bytes]) -> None:
        """Store packed vectors of passages in place of sketches; ids that are gone are skipped.

        Use ``Library.put_vectors``, which tells the index.
        """
        for id_, vector in vectors.items():
            self._sql("UPDATE passages SET vector = ?, sketch = NULL WHERE id = ?", vector, id_)

    def put_sentence_vectors(self, vectors: Mapping[int, bytes]) -> None:
        """Store the packed vectors of the sentences of passages; ids that are gone are skipped."""
        for id_, of_sentences in vectors.items():
            self._sql("UPDATE passages SET sentence_vectors = ? WHERE id = ?", of_sentences, id_)

    def forget(self) -> None:
        """Free what is remembered of them, when none is left."""
        self.asked.clear()
        self._sketches.clear()

    def _waiting(self, column: str) -> list[int]:
        rows = self._sql(
            "SELECT p.id FROM passages p JOIN articles a ON a.id = article "
            f"WHERE {column} IS NULL ORDER BY published IS NULL, published DESC, p.id"
        )
        return [id_ for (id_,) in rows]

    def _sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self._database.execute(statement, values)

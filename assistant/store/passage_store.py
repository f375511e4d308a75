"""The library's passages with their vectors and keywords: adding, finding, dropping."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.models.clearance import ALL, Clearance
from assistant.models.filters import Filters
from assistant.models.records import (
    Completeness,
    EmbeddedPassage,
    PassageVectors,
    PassageWords,
    StoredPassage,
    Vectors,
)
from assistant.store.database import (
    IDS,
    Database,
    bound,
    listed,
    visible,
)
from assistant.store.keyword_store import KeywordStore
from assistant.store.passage_filters import OF_FILES, count, ids_of, remembering
from assistant.store.passage_rows import (
    pack_words,
    stored,
    together,
    unpack_words,
)
from assistant.store.vector_cache import MOST_PASSAGES, PackedVectors, VectorCache, packed_in
from assistant.store.vectors import pack, unpack
from assistant.store.word_store import WordStore


class PassageStore:
    """The passages in ``database``; ids are never reused.

    A passage can be found by its words as soon as it is put; its vectors may follow.
    """

    def __init__(self, database: Database, words: WordStore, keywords: KeywordStore) -> None:
        self._database = database
        self._words = words
        self._keywords = keywords
        self._vectors = VectorCache(partial(packed_in, database, "vector"), MOST_PASSAGES)
        self._ids = remembering(database, partial(ids_of, database, False))
        self._count = remembering(database, partial(count, database))

    def put(self, article_id: str, passages: Sequence[EmbeddedPassage]) -> list[int]:
        """Add passages to an article; return their ids, which are never reused."""
        words = self._words.put(word for p in passages for group in p.words for word in group)
        ids = []
        for passage in passages:
            (row,) = self._sql(
                'INSERT INTO passages (article, start, "end", text, digest, bounds, words, '
                "columns, sketch, vector, sentence_vectors) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                article_id,
                passage.start,
                passage.end,
                passage.text,
                passage.digest,
                np.column_stack([passage.bounds, passage.headings]).astype(np.int32).tobytes(),
                pack_words(passage.words, words),
                json.dumps(passage.columns, ensure_ascii=False) if any(passage.columns) else None,
                None if passage.sketch is None else pack(passage.sketch),
                passage.vector,
                passage.sentence_vectors,
            )
            ids.append(int(row[0]))
            self._keywords.put(ids[-1], passage.terms)
        return ids

    def drop(self, article_id: str) -> dict[int, str]:
        """Remove an article's passages; return their ids and the language of each."""
        rows = self._sql(
            "SELECT p.id, language FROM passages p JOIN articles a ON a.id = article "
            "WHERE article = ?",
            article_id,
        )
        self._keywords.drop(id_ for id_, _ in rows)
        self._sql("DELETE FROM passages WHERE article = ?", article_id)
        return dict(rows)

    def count(self, clearance: Clearance = ALL) -> int:
        """The number of passages that may be shown."""
        return self._count(Filters(clearance=clearance))

    def completeness(self, clearance: Clearance = ALL) -> Completeness:
        """How far the passages that may be shown have come."""
        within = f"(?1 IS NULL OR article IN ({OF_FILES}))"
        by_words, partly = (
            int(
                self._sql(
                    f"SELECT count(*) FROM passages WHERE {missing} IS NULL AND {within}",
                    bound(clearance),
                )[0][0]
            )
            for missing in ("vector", "sentence_vectors")
        )
        return Completeness(by_words, partly - by_words, self.count(clearance) - partly)

    def sizes(self) -> dict[str, int]:
        """The number of passages with a vector in each language."""
        return dict(
            self._sql(
                "SELECT language, count(*) FROM passages p JOIN articles a ON a.id = article "
                "WHERE vector IS NOT NULL GROUP BY language"
            )
        )

    def languages(self) -> dict[int, str]:
        """The language of every passage with a vector, by id."""
        return dict(
            self._sql(
                "SELECT p.id, language FROM passages p JOIN articles a ON a.id = article "
                "WHERE vector IS NOT NULL"
            )
        )

    def get(self, ids: Sequence[int], clearance: Clearance = ALL) -> list[StoredPassage]:
        """The passages with these ids, in this order, with the sources that may be shown.

        Skips those that are gone, or that have no source that may be shown.
        """
        rows = self._sql(
            "SELECT p.id, p.article, title, (SELECT json_group_array(source) FROM files "
            f"WHERE article = a.id AND {visible('?1')}), "
            "language, published, "
            'start, "end", p.text, vector, bounds, sentence_vectors, terms, columns '
            "FROM passages p JOIN articles a ON a.id = p.article "
            f"JOIN keywords k ON k.rowid = p.id WHERE p.id IN {IDS}",
            bound(clearance),
            listed(ids),
        )
        found = {row[0]: stored(row) for row in rows if row[3] != "[]"}
        return [found[id_] for id_ in ids if id_ in found]

    def beside(self, ids: Sequence[int], reach: int) -> list[list[int]]:
        """These passages and up to ``reach`` neighbours on either side in their articles.

        Returns ids in text order, one list per run without a gap.
        """
        asked = IDS.replace("?", "?1")
        rows = self._sql(
            "SELECT id, article, place FROM (SELECT id, article, "
            "row_number() OVER text AS place, "
            f"max(CASE WHEN id IN {asked} THEN 1 ELSE 0 END) "
            "OVER (text ROWS BETWEEN ?2 PRECEDING AND ?2 FOLLOWING) AS near "
            f"FROM passages WHERE article IN (SELECT article FROM passages WHERE id IN {asked}) "
            "WINDOW text AS (PARTITION BY article ORDER BY start)) AS placed WHERE near = 1 "
            "ORDER BY article, place",
            listed(ids),
            reach,
        )
        stretches: list[list[int]] = []
        before: tuple[str, int] | None = None
        for id_, article, place in rows:
            if (article, place - 1) != before:
                stretches.append([])
            stretches[-1].append(id_)
            before = article, place
        return stretches

    def of_article(self, article_id: str, most: int) -> list[int]:
        """Ids of the first ``most`` passages of an article, in order."""
        rows = self._sql(
            "SELECT id FROM passages WHERE article = ? ORDER BY start LIMIT ?", article_id, most
        )
        return [row[0] for row in rows]

    def vectors_of(self, ids: Sequence[int]) -> dict[str, PassageVectors]:
        """The vectors of the passages with these ids, by language; skips those that are gone or
        have no vector yet.
        """
        by_language: dict[str, list[tuple[int, bytes, bytes | None]]] = defaultdict(list)
        rows = self._sql(
            "SELECT p.id, vector, sentence_vectors, language FROM passages p "
            f"JOIN articles a ON a.id = p.article WHERE p.id IN {IDS} "
            "AND vector IS NOT NULL ORDER BY p.id",
            listed(ids),
        )
        for *row, language in rows:
            by_language[language].append(tuple(row))
        return {language: together(rows) for language, rows in by_language.items()}

    def words_of(self, ids: Sequence[int]) -> dict[int, PassageWords]:
        """The words of the passages with these ids; missing ids are skipped."""
        rows = self._sql(f"SELECT id, article, words FROM passages WHERE id IN {IDS}", listed(ids))
        words = unpack_words([(article, packed) for _, article, packed in rows])
        return dict(zip((row[0] for row in rows), words, strict=True))

    def vectors(self, batch: int = 2_000) -> Iterator[list[tuple[int, str, Vectors]]]:
        """The id, language and vector of every passage that has one, in batches."""
        last = 0
        while True:
            rows = self._sql(
                "SELECT p.id, language, vector FROM passages p JOIN articles a ON a.id = article "
                "WHERE p.id > ? AND vector IS NOT NULL ORDER BY p.id LIMIT ?",
                last,
                batch,
            )
            if not rows:
                return
            yield [(id_, language, unpack(blob, len(blob))[0]) for id_, language, blob in rows]
            last = rows[-1][0]

    def within(self, filters: Filters) -> dict[str, tuple[NDArray[np.int64], PackedVectors]]:
        """Ids and vectors, by language, of the passages that ``filters`` allow; skips those without
        a vector.

        An article is of a file or folder if it may be shown from there.
        """
        ids = self._ids(filters)
        return {found: (some, self._vectors.get(some)) for found, some in ids.items()}

    def clear(self) -> None:
        """Remove all passages."""
        self._sql("DELETE FROM passages")
        self._vectors.clear()

    def _sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self._database.execute(statement, values)

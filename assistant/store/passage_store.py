"""The library's passages with their vectors and keywords: adding, finding, dropping."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.models.clearance import ALL, Clearance
from assistant.models.records import (
    EmbeddedPassage,
    PassageVectors,
    PassageWords,
    StoredPassage,
    Vectors,
)
from assistant.store.database import (
    IDS,
    LISTED,
    RANKED,
    Database,
    any_of,
    bound,
    listed,
    visible,
)
from assistant.store.word_store import NO_WORD, WordStore

_OF_FILES = f"SELECT article FROM files WHERE article IS NOT NULL AND {visible('?1')}"
"""SQL: ids of the articles with at least one source that may be shown."""


class PassageStore:
    """The passages in ``database``; ids are never reused."""

    def __init__(self, database: Database, words: WordStore) -> None:
        self._database = database
        self._words = words

    def put(self, article_id: str, passages: Sequence[EmbeddedPassage]) -> list[int]:
        """Add passages to an article; return their ids, which are never reused."""
        words = self._words.put(word for p in passages for group in p.words for word in group)
        ids = []
        for passage in passages:
            (row,) = self._sql(
                'INSERT INTO passages (article, start, "end", text, digest, vector, bounds, '
                "sentence_vectors, words, columns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "RETURNING id",
                article_id,
                passage.start,
                passage.end,
                passage.text,
                passage.digest,
                _pack(passage.vector),
                np.column_stack([passage.bounds, passage.headings]).astype(np.int32).tobytes(),
                _pack(passage.sentence_vectors),
                _pack_words(passage.words, words).tobytes(),
                json.dumps(passage.columns, ensure_ascii=False) if any(passage.columns) else None,
            )
            ids.append(int(row[0]))
            terms = " ".join(passage.terms)
            self._sql("INSERT INTO keywords (rowid, terms) VALUES (?, ?)", ids[-1], terms)
        return ids

    def drop(self, article_id: str) -> dict[int, str]:
        """Remove an article's passages; return their ids and the language of each."""
        rows = self._sql(
            "SELECT p.id, language FROM passages p JOIN articles a ON a.id = article "
            "WHERE article = ?",
            article_id,
        )
        for passage_id, _ in rows:
            self._sql("DELETE FROM keywords WHERE rowid = ?", passage_id)
        self._sql("DELETE FROM passages WHERE article = ?", article_id)
        return dict(rows)

    def count(self, clearance: Clearance = ALL) -> int:
        """The number of passages that may be shown."""
        if clearance == ALL:
            return int(self._sql("SELECT count(*) FROM passages")[0][0])
        counted = f"SELECT count(*) FROM passages WHERE article IN ({_OF_FILES})"
        return int(self._sql(counted, bound(clearance))[0][0])

    def sizes(self) -> dict[str, int]:
        """The number of passages in each language."""
        return dict(
            self._sql(
                "SELECT language, count(*) FROM passages p JOIN articles a ON a.id = article "
                "GROUP BY language"
            )
        )

    def languages(self) -> dict[int, str]:
        """The language of every passage, by id."""
        return dict(
            self._sql("SELECT p.id, language FROM passages p JOIN articles a ON a.id = article")
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
        found = {row[0]: _stored(row) for row in rows if row[3] != "[]"}
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
        """The vectors of the passages with these ids, by language; missing ids are skipped."""
        by_language: dict[str, list[tuple[int, bytes, bytes]]] = defaultdict(list)
        rows = self._sql(
            "SELECT p.id, vector, sentence_vectors, language FROM passages p "
            f"JOIN articles a ON a.id = p.article WHERE p.id IN {IDS} ORDER BY p.id",
            listed(ids),
        )
        for *row, language in rows:
            by_language[language].append(tuple(row))
        return {language: _together(rows) for language, rows in by_language.items()}

    def words_of(self, ids: Sequence[int]) -> dict[int, PassageWords]:
        """The words of the passages with these ids; missing ids are skipped."""
        found = {}
        for id_, words, size in self._sql(
            f"SELECT id, words, length(bounds) FROM passages WHERE id IN {IDS}", listed(ids)
        ):
            # Three int32 a sentence: its start, its end, and whether it is a heading.
            packed, texts = np.frombuffer(words, np.int32), size // 12 + 1
            counts, word_ids = packed[:texts], packed[texts:]
            found[id_] = PassageWords(word_ids, counts)
        return found

    def embedded(self, digests: Sequence[bytes]) -> dict[bytes, tuple[Vectors, Vectors]]:
        """Passage and sentence vectors of text that is already embedded, by digest."""
        found = {}
        for digest in digests:
            for vectors in self._sql(
                "SELECT vector, sentence_vectors FROM passages WHERE digest = ? LIMIT 1", digest
            ):
                found[digest] = _unpack_both(*vectors)
        return found

    def vectors(self, batch: int = 2_000) -> Iterator[list[tuple[int, str, Vectors]]]:
        """Every passage's id, language and vector, in batches."""
        last = 0
        while True:
            rows = self._sql(
                "SELECT p.id, language, vector FROM passages p JOIN articles a ON a.id = article "
                "WHERE p.id > ? ORDER BY p.id LIMIT ?",
                last,
                batch,
            )
            if not rows:
                return
            yield [(id_, language, _unpack(blob)) for id_, language, blob in rows]
            last = rows[-1][0]

    def within(
        self,
        language: str | None,
        after: date | None,
        before: date | None,
        source: str | None,
        clearance: Clearance = ALL,
    ) -> dict[str, tuple[NDArray[np.int64], Vectors]]:
        """Ids and vectors, by language, of passages whose article matches all given filters.

        ``after`` and ``before`` are the first and last day of publication; articles without a date
        match neither. ``source`` is a file or folder of the corpus; an article matches if it may be
        shown from there.
        """
        folder = source.rstrip("/") if source else None
        rows = self._sql(
            "SELECT p.id, language, vector FROM passages p JOIN articles a ON a.id = article "
            "WHERE (?2 IS NULL OR language = ?2) AND (?3 IS NULL OR published >= ?3) "
            "AND (?4 IS NULL OR published <= ?4) AND ((?1 IS NULL AND ?5 IS NULL) OR article IN "
            f"({_OF_FILES} AND (?5 IS NULL OR source = ?5 OR substr(source, 1, ?6) = ?5 || '/')))",
            bound(clearance),
            language,
            after.isoformat() if after else None,
            before.isoformat() if before else None,
            folder,
            len(folder) + 1 if folder else None,
        )
        by_language: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
        for id_, found, vector in rows:
            by_language[found].append((id_, vector))
        return {found: _stacked(some) for found, some in by_language.items()}

    def clear(self) -> None:
        """Remove all passages."""
        self._sql("DELETE FROM keywords")
        self._sql("DELETE FROM passages")

    def matching(
        self, terms: Iterable[str], language: str, limit: int, clearance: Clearance = ALL
    ) -> list[int]:
        """Ids of the passages in ``language`` that hold any of ``terms`` and may be shown, best by
        BM25 first.
        """
        query = any_of(terms)
        if not query:
            return []
        rows = self._sql(
            f"SELECT k.rowid FROM {RANKED} AS k JOIN passages p ON p.id = k.rowid "
            "JOIN articles a ON a.id = p.article "
            # Break ties by article, not by id: ids depend on what was read first.
            f"WHERE (?1 IS NULL OR article IN ({_OF_FILES})) "
            "AND language = ?3 ORDER BY score, article, start LIMIT ?4",
            bound(clearance),
            query,
            language,
            limit,
        )
        return [row[0] for row in rows]

    def document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """The number of passages with each of ``terms``; terms that do not occur are left out."""
        wanted = listed(sorted(set(terms)))
        return dict(self._sql(f"SELECT term, doc FROM vocabulary WHERE term IN {LISTED}", wanted))

    def _sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self._database.execute(statement, values)


def _stored(row: tuple[Any, ...]) -> StoredPassage:
    sources = tuple(sorted(json.loads(row[3])))
    published, start, end, text, vector, bounds, sentence_vectors, terms, columns = row[5:]
    whole, parts = _unpack_both(vector, sentence_vectors)
    places = np.frombuffer(bounds, np.int32).reshape(-1, 3)
    return StoredPassage(
        id=row[0],
        article=row[1],
        title=row[2],
        source=sources[0],
        language=row[4],
        published=date.fromisoformat(published) if published else None,
        start=start,
        end=end,
        text=text,
        vector=whole,
        bounds=places[:, :2],
        headings=places[:, 2].astype(bool),
        sentence_vectors=parts,
        terms=tuple(terms.split()),
        sources=sources,
        columns=tuple(map(tuple, json.loads(columns))) if columns else (),
    )


def _stacked(rows: list[tuple[int, bytes]]) -> tuple[NDArray[np.int64], Vectors]:
    ids, vectors = zip(*rows, strict=True)
    return np.array(ids), _unpack(b"".join(vectors)).reshape(len(ids), -1)


def _together(rows: list[tuple[int, bytes, bytes]]) -> PassageVectors:
    ids, vectors, sentences = zip(*rows, strict=True)
    size = len(vectors[0])
    return PassageVectors(
        np.array(ids),
        _unpack(b"".join(vectors)).reshape(len(ids), -1),
        np.array([len(of_one) // size for of_one in sentences]),
        _unpack(b"".join(sentences)).reshape(-1, size // 2),
    )


def _pack_words(words: Iterable[Sequence[str]], ids: Mapping[str, int]) -> NDArray[np.int32]:
    """The sizes of the groups of words, followed by the ids of all."""
    groups = [[ids[word] for word in group] or [NO_WORD] for group in words]
    return np.array([*map(len, groups), *chain.from_iterable(groups)], np.int32)


def _pack(vectors: Vectors) -> bytes:
    """Half precision takes half the disk and does not change the ranking (cosine 0.9999)."""
    return vectors.astype(np.float16).tobytes()


def _unpack(blob: bytes) -> Vectors:
    return np.frombuffer(blob, np.float16).astype(np.float32)


def _unpack_both(vector: bytes, sentence_vectors: bytes) -> tuple[Vectors, Vectors]:
    whole = _unpack(vector)
    return whole, _unpack(sentence_vectors).reshape(-1, len(whole))

"""The library: everything that was read, in an SQLite file or a PostgreSQL schema.

It holds articles, the files they came from, their passages with vectors and keywords, the files
that failed, and a manifest of what the library was made with. It is the source of truth; the Chroma
index is derived from it and can be rebuilt at any time. Each change is one transaction, so a
kill leaves the library as it was before or after it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import astuple
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from assistant.models.article import Article, Block
from assistant.models.clearance import ALL, Clearance
from assistant.models.records import ArticleSummary, EmbeddedPassage, FileRecord
from assistant.models.status import Skipped
from assistant.store.database import LISTED, Database, bound, listed, patiently, visible
from assistant.store.incomplete_passages import IncompletePassages
from assistant.store.keyword_store import KeywordStore
from assistant.store.passage_rows import BYTES_A_SENTENCE
from assistant.store.passage_store import PassageStore
from assistant.store.sqlite import FILE, SQLiteDatabase
from assistant.store.version_store import VersionStore
from assistant.store.word_store import WordStore
from assistant.support.errors import LibraryAwayError, LibraryError

T = TypeVar("T")

MOST_TOLD = 1_000
"""Most skipped files that are listed: a folder may hold any number of pictures."""

_FILE = "source, digest, size, modified, article, error, note"


class Library:
    """The library in the file of ``folder``, or, with ``url``, in the schema of that PostgreSQL
    database that has the folder's name. Methods that change it run in ``with library.change():``.

    Raises ``LibraryError`` if it cannot be opened, or has another format.
    """

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.database = _open(folder, url)
        self.words = WordStore(self.database)
        self.keywords = KeywordStore(self.database)
        self.passages = PassageStore(self.database, self.words, self.keywords)
        self.incomplete = IncompletePassages(self.database)
        self.versions = VersionStore(self.database)

    def change(self) -> AbstractContextManager[None]:
        """A transaction: everything inside happens, or nothing does."""
        return self.database.change()

    def snapshot(self) -> AbstractContextManager[None]:
        """A consistent snapshot for the reads of this thread, whatever is written meanwhile."""
        return self.database.snapshot()

    def consistently(self, read: Callable[[], T]) -> T:
        """What ``read`` finds in one snapshot; read again if the database was away meanwhile."""

        def attempt() -> T:
            with self.snapshot():
                return read()

        return patiently(attempt, lambda error: isinstance(error, LibraryAwayError))

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a read-only statement, for checks of the whole library."""
        return self._sql(statement, *values)

    def faults(self) -> Iterator[str]:
        """Errors that the database's own checks find."""
        return self.database.faults()

    def close(self) -> None:
        """Close the file; the library can no longer be used."""
        self.database.close()

    # What the library was made with.

    def get(self, key: str) -> str | None:
        """The manifest's value for ``key``, or None."""
        row = self._one("SELECT value FROM manifest WHERE key = ?", key)
        return row[0] if row else None

    def put(self, key: str, value: str) -> None:
        """Set the manifest's value for ``key``."""
        self._sql(
            "INSERT INTO manifest VALUES (?, ?) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            key,
            value,
        )

    @property
    def revision(self) -> int:
        """Increases with every change of passages and files; the index records which it holds."""
        return int(self.get("revision") or 0)

    # Files and articles.

    def files(self) -> dict[str, FileRecord]:
        """Every file that was read, by source."""
        rows = self._sql(f"SELECT {_FILE} FROM files")
        return {row[0]: FileRecord(*row) for row in rows}

    def file(self, source: str) -> FileRecord | None:
        """The file of that source, if it was read."""
        row = self._one(f"SELECT {_FILE} FROM files WHERE source = ?", source)
        return FileRecord(*row) if row else None

    def put_file(self, record: FileRecord) -> str | None:
        """Add or replace the record of a file; return the article that it held before, of which a
        version is kept if it is another.
        """
        before = self._article_in(record.source)
        if before is not None and before != record.article:
            self.versions.keep(before, record.source)
        self._sql("DELETE FROM files WHERE source = ?", record.source)
        self._sql("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", *astuple(record))
        self._raise_revision()  # who may see an article depends on its files
        return before

    def drop_file(self, source: str) -> str | None:
        """Remove a file's record; return its article, which stays until ``drop_orphans``."""
        before = self._article_in(source)
        self.versions.drop(source)
        self._sql("DELETE FROM files WHERE source = ?", source)
        self._raise_revision()
        return before

    def article(self, article_id: str, clearance: Clearance = ALL) -> Article:
        """The article with this id. Raises ``LibraryError`` if there is none or it may not be
        shown, or the library is damaged.
        """
        row = self._one(
            "SELECT title, text, language, min(source), published, author, url, blocks, pages "
            f"FROM articles a JOIN files ON article = a.id WHERE id = ?2 AND {visible('?1')} "
            "GROUP BY a.id",
            bound(clearance),
            article_id,
        )
        if row is None:
            raise LibraryError(
                f"No article has the id {article_id!r}. It may have changed or been removed."
            )
        title, text, language, source, published, author, url, blocks, pages = row
        try:
            return Article(
                title, text, language, source, _date(published), author, url,
                tuple(Block(*block) for block in json.loads(blocks)),
                tuple(json.loads(pages)),
            )  # fmt: skip
        except (ValueError, TypeError) as error:
            raise LibraryError(
                f"The library is damaged: its article {article_id} cannot be read: {error}. Move "
                "the data folder away and sync again: it is made anew from the articles."
            ) from error

    def text(self, article_id: str, start: int, end: int) -> str:
        """``text[start:end]`` of an article; "" if it is gone."""
        length = end - start
        row = self._one(
            "SELECT substr(text, ?, ?) FROM articles WHERE id = ?", start + 1, length, article_id
        )
        return str(row[0]) if row else ""

    def articles(self, clearance: Clearance = ALL) -> list[ArticleSummary]:
        """All articles that may be shown, by source."""
        rows = self._sql(
            "SELECT a.id, title, language, published, json_group_array(source), "
            "(SELECT count(*) FROM passages WHERE article = a.id) "
            f"FROM articles a JOIN files ON files.article = a.id WHERE {visible('?1')} "
            "GROUP BY a.id",
            bound(clearance),
        )
        summaries = [
            ArticleSummary(id_, title, language, _date(day), tuple(sorted(json.loads(sources))), n)
            for id_, title, language, day, sources, n in rows
        ]
        return sorted(summaries, key=lambda summary: summary.sources)

    def overview(self, clearance: Clearance = ALL) -> tuple[int, tuple[str, ...], date | None]:
        """Number, sorted languages and newest day of the articles that may be shown."""
        rows = self._sql(
            "SELECT language, count(*), max(published) FROM articles WHERE ?1 IS NULL OR id IN "
            f"(SELECT article FROM files WHERE {visible('?1')}) GROUP BY language",
            bound(clearance),
        )
        newest = max((day for _, _, day in rows if day), default=None)
        return sum(n for _, n, _ in rows), tuple(sorted(row[0] for row in rows)), _date(newest)

    def shown(self, sources: Iterable[str], clearance: Clearance) -> set[str]:
        """The ``sources`` that hold an article and may be shown."""
        rows = self._sql(
            f"SELECT source FROM files WHERE article IS NOT NULL AND {visible('?1')} "
            f"AND source IN {LISTED}",
            bound(clearance),
            listed(sources),
        )
        return {source for (source,) in rows}

    def articles_by_language(self) -> dict[str, int]:
        """The number of articles in each language."""
        return dict(self._sql("SELECT language, count(*) FROM articles GROUP BY language"))

    def failures(self) -> list[tuple[str, str]]:
        """The files that could not be read and web sources that could not be fetched, each with the
        reason, by source.
        """
        rows = self._sql("SELECT source, error FROM files WHERE error IS NOT NULL ORDER BY source")
        fetched = json.loads(self.get("fetch failures") or "[]")
        return sorted((source, error) for source, error in [*rows, *fetched])

    def put_fetch_failures(self, failures: Iterable[tuple[str, str]]) -> None:
        """Replace the web sources that could not be fetched: source and reason."""
        self.put("fetch failures", json.dumps(list(failures)))

    def partial(self) -> tuple[Skipped, ...]:
        """Files of which something was left out, by source, each with what; the first
        ``MOST_TOLD`` of them.
        """
        rows = self._sql(
            "SELECT source, note FROM files WHERE note IS NOT NULL ORDER BY source LIMIT ?",
            MOST_TOLD,
        )
        return tuple(Skipped(*row) for row in rows)

    def skipped(self) -> tuple[Skipped, ...]:
        """Files of the corpus that are not read, by source; the first ``MOST_TOLD`` of them."""
        return tuple(Skipped(*one) for one in json.loads(self.get("skipped") or "[]"))

    def put_skipped(self, skipped: Sequence[Skipped]) -> None:
        """Replace the list of files of the corpus that are not read."""
        self.put("skipped", json.dumps([astuple(one) for one in skipped[:MOST_TOLD]]))

    def counts(self) -> dict[str, int]:
        """The numbers of ``articles``, ``passages`` and ``sentences``."""
        row = self._one(
            "SELECT (SELECT count(*) FROM articles), count(*), coalesce(sum(length(bounds)), 0) "
            "FROM passages"
        )
        articles, passages, size = row or (0, 0, 0)
        sentences = size // BYTES_A_SENTENCE
        return {"articles": articles, "passages": passages, "sentences": sentences}

    def put_article(self, article: Article, passages: Sequence[EmbeddedPassage]) -> list[int]:
        """Add or replace an article; return its passages' ids, in order.

        Drop its previous passages first.
        """
        self._sql(
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET title = excluded.title, "
            "language = excluded.language, published = excluded.published, "
            "author = excluded.author, url = excluded.url, blocks = excluded.blocks, "
            "pages = excluded.pages",
            article.id,
            article.title,
            article.language,
            article.published.isoformat() if article.published else None,
            article.author,
            article.url,
            article.text,
            json.dumps([astuple(block) for block in article.blocks]),
            json.dumps(article.pages),
        )
        self._raise_revision()
        return self.passages.put(article.id, passages)

    def put_vectors(self, vectors: Mapping[int, bytes]) -> None:
        """Store the packed vectors of passages that had none; ids that are gone are skipped."""
        self.incomplete.put_vectors(vectors)
        self._raise_revision()

    def drop_passages(self, article_id: str) -> dict[int, str]:
        """Remove an article's passages; return their ids and the language of each."""
        dropped = self.passages.drop(article_id)
        if dropped:
            self._raise_revision()
        return dropped

    def drop_orphans(self, articles: Iterable[str | None]) -> dict[int, str]:
        """Remove the ``articles`` that no file holds; return their passages' ids and languages."""
        dropped: dict[int, str] = {}
        for article_id in articles:
            if article_id and not self._one("SELECT 1 FROM files WHERE article = ?", article_id):
                dropped |= self.drop_passages(article_id)
                self._sql("DELETE FROM articles WHERE id = ?", article_id)
        return dropped

    def clear(self) -> None:
        """Delete all content, so that the next sync reads and embeds everything again."""
        self.keywords.clear()
        self.passages.clear()
        self.incomplete.forget()
        self.words.clear()
        for table in ("files", "articles", "versions"):
            self._sql(f"DELETE FROM {table}")
        self._raise_revision()

    def _article_in(self, source: str) -> str | None:
        row = self._one("SELECT article FROM files WHERE source = ?", source)
        return row[0] if row else None

    def _raise_revision(self) -> None:
        self.put("revision", str(self.revision + 1))

    def _one(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        return next(iter(self._sql(statement, *values)), None)

    def _sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self.database.execute(statement, values)


def _open(folder: Path, url: str | None) -> Database:
    if url is None:
        return SQLiteDatabase(folder / FILE)
    from assistant.store.postgres import PostgresDatabase

    return PostgresDatabase(url, folder.name)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

"""The library's SQLite file: its tables, one connection a thread, and transactions."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.errors import LibraryError

logger = logging.getLogger(__name__)

SCHEMA_VERSION = 3

_SCHEMA = """
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE articles (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, language TEXT NOT NULL, published TEXT, author TEXT,
    url TEXT, text TEXT NOT NULL, blocks TEXT NOT NULL, pages TEXT NOT NULL DEFAULT '[]');
CREATE TABLE files (
    source TEXT PRIMARY KEY, digest TEXT NOT NULL, size INTEGER NOT NULL,
    modified INTEGER NOT NULL, article TEXT REFERENCES articles(id), error TEXT);
CREATE INDEX files_article ON files(article);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, article TEXT NOT NULL REFERENCES articles(id),
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL, digest BLOB NOT NULL,
    vector BLOB NOT NULL, bounds BLOB NOT NULL, sentence_vectors BLOB NOT NULL,
    words BLOB NOT NULL);
CREATE INDEX passages_article ON passages(article);
CREATE INDEX passages_digest ON passages(digest);
CREATE TABLE words (
    id INTEGER PRIMARY KEY AUTOINCREMENT, word TEXT NOT NULL UNIQUE, vector BLOB);
CREATE INDEX words_without_vector ON words(id) WHERE vector IS NULL;
CREATE VIRTUAL TABLE keywords USING fts5(terms, tokenize = 'unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(keywords, 'row');
"""


class Database:
    """The SQLite file at ``path``, made if missing; safe to use from several threads.

    Raises ``LibraryError`` when it cannot be opened or is of another format.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self.change():
                self._create_or_check()
        except (sqlite3.OperationalError, OSError) as error:
            self.close()
            raise LibraryError(
                f"The library {path} cannot be opened: {error}. Check that the folder can be "
                "written and is not on a full disk, or choose another with --data."
            ) from error
        except sqlite3.DatabaseError as error:
            self.close()
            raise LibraryError(
                f"The library {path} is damaged: {error}. Move it away and sync again: it is made "
                "anew from the articles."
            ) from error

    @property
    def connection(self) -> sqlite3.Connection:
        """The calling thread's own, so that readers go on while one thread writes."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self.path, timeout=30, isolation_level=None, check_same_thread=False
            )
            with self._lock:
                self._connections.append(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._local.connection = connection
        return connection

    def execute(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows that ``statement`` gives. Raises ``LibraryError`` if the file is damaged."""
        try:
            return self.connection.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise LibraryError(
                f"The library {self.path} cannot be read or written: {error}. If the disk is not "
                "full, the file is damaged: move the data folder away and sync again."
            ) from error

    @contextmanager
    def change(self) -> Iterator[None]:
        """One transaction: everything inside happens, or nothing does.

        Raises ``LibraryError`` if it cannot be written (a full disk, another writer).
        """
        db = self.connection
        try:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:  # on a full disk SQLite has already rolled back
                    db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise LibraryError(
                f"The library {self.path} cannot be written: {error}. Nothing of this step was "
                "kept, what was there before is unharmed. See that the disk is not full, then "
                "sync again."
            ) from error

    def _create_or_check(self) -> None:
        version = self.connection.execute("PRAGMA user_version").fetchone()[0]
        if version < SCHEMA_VERSION:
            if version:
                logger.warning("%s is of an older version: it is made anew.", self.path)
                self._drop_all()
            for statement in _SCHEMA.strip().rstrip(";").split(";\n"):
                self.connection.execute(statement)
            self.connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif version > SCHEMA_VERSION:
            raise LibraryError(
                f"The library {self.path} has format {version}; this version reads format "
                f"{SCHEMA_VERSION}. Use the version that made it, or another --data folder."
            )

    def _drop_all(self) -> None:
        """Remove every table: all that they hold can be made from the articles again."""
        self.connection.execute("PRAGMA defer_foreign_keys = ON")
        for which in ("sql LIKE 'CREATE VIRTUAL%'", "type = 'table' AND name NOT LIKE 'sqlite_%'"):
            # The virtual ones first: with them go the tables that they are made of.
            names = f"SELECT name FROM sqlite_master WHERE {which}"
            for (name,) in self.connection.execute(names).fetchall():
                self.connection.execute(f'DROP TABLE "{name}"')

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()

"""A library in an SQLite file: connections, transactions, snapshots."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from assistant.store.schema import SCHEMA_VERSION, make_current
from assistant.support.atomic_files import keep_private
from assistant.support.errors import LibraryError

FILE = "library.sqlite3"
"""The library's file in its folder."""

PAGE_BYTES = 16_384
"""Size of a library's pages. A passage takes some 2,500 bytes: of usual pages, which hold one, a
third stays empty.
"""

_KEPT = 4
"""Idle connections kept open. Each holds some MB of pages and prepared statements."""


class SQLiteDatabase:
    """The SQLite file at ``path``, created if missing. Thread-safe.

    A thread borrows a connection from a pool for as long as a statement, a change or a snapshot
    takes, so the number of connections follows the number of concurrent operations, not of threads.
    Raises ``LibraryError`` if the file cannot be opened or has another format.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        # Close with the last reader rather than at garbage collection: a connection is part of a
        # reference cycle, and while it is open the file of a replaced library cannot be removed.
        weakref.finalize(self, _close, self._connections)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            keep_private(path)
            with self.connection() as connection:
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                if version != SCHEMA_VERSION:  # else no reader would wait for a writer
                    with self.change():
                        make_current(connection, path)
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

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """The connection of the calling thread's change or snapshot, or else an idle one, for the
        duration of the context. Readers continue while one thread writes.
        """
        mine: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if mine is not None:
            yield mine
            return
        with self._lock:
            mine = self._idle.pop() if self._idle else None
        self._local.connection = mine = mine or self._open()
        try:
            yield mine
        finally:
            self._local.connection = None
            with self._lock:
                if mine in self._connections:  # else all were closed meanwhile
                    if len(self._idle) < _KEPT:
                        self._idle.append(mine)
                    else:
                        self._connections.remove(mine)
                        mine.close()

    def _open(self) -> sqlite3.Connection:
        # Never create the file here: a library that was removed must not come back empty.
        address = f"{self.path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(
            address, timeout=30, isolation_level=None, check_same_thread=False, uri=True
        )
        try:
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # of a new file
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
        except sqlite3.Error:
            connection.close()
            raise
        with self._lock:
            self._connections.append(connection)
        return connection

    def execute(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run ``statement`` and return its rows. Raises ``LibraryError`` if the file is damaged."""
        try:
            with self.connection() as connection:
                return connection.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise LibraryError(
                f"The library {self.path} cannot be read or written: {error}. If the disk is not "
                "full, the file is damaged: move the data folder away and sync again."
            ) from error

    def execute_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run ``statement`` once for the values of each of ``rows``, inside a change."""
        with self.connection() as connection:
            connection.executemany(statement, rows)

    def insert(self, table: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
        """Insert ``rows`` into ``columns``, by comma, of ``table``, inside a change."""
        places = ", ".join("?" * len(rows[0]))
        self.execute_many(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)

    @contextmanager
    def change(self) -> Iterator[None]:
        """A transaction: everything inside happens, or nothing does.

        Raises ``LibraryError`` if it cannot be written (a full disk, another writer).
        """
        try:
            with self.connection() as db:
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
                f"The library {self.path} cannot be written: {error}. This step was rolled back; "
                "existing data is intact. See that the disk is not full, then "
                "sync again."
            ) from error

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """A consistent snapshot for the reads of this thread, whatever is written meanwhile."""
        with self.connection() as db:
            if db.in_transaction:
                yield
                return
            db.execute("BEGIN")
            try:
                yield
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    def reserve_ids(self) -> None:
        """Nothing: SQLite does that by itself."""

    def faults(self) -> Iterator[str]:
        """Errors that SQLite's own checks find, and dangling foreign keys."""
        for (line,) in self.execute("PRAGMA integrity_check(10)"):
            if line != "ok":
                yield str(line)
        for table, row, parent, _ in self.execute("PRAGMA foreign_key_check"):
            yield f"row {row} of {table} belongs to nothing in {parent}"

    def close(self) -> None:
        """Close all connections, those in use included."""
        with self._lock:
            _close(self._connections)
            self._idle.clear()
        self._local = threading.local()


def _close(connections: list[sqlite3.Connection]) -> None:
    for connection in connections:
        connection.close()
    connections.clear()


def is_open(path: Path) -> bool:
    """Whether any process reads or writes the library at ``path``."""
    if not path.exists():
        return False
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as db:
        try:
            # SQLite leaves WAL mode only if there is no other connection.
            return bool(db.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete")
        except sqlite3.OperationalError:
            return True
        except sqlite3.DatabaseError:
            return False  # damaged: nobody can read it


def holds_articles(path: Path) -> bool:
    """Whether the library at ``path`` holds any article. Does not modify the file.

    True also if it cannot be read: opening it reports why.
    """
    if not path.exists() or not path.stat().st_size:
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            return bool(db.execute("SELECT EXISTS (SELECT 1 FROM articles)").fetchone()[0])
    except sqlite3.Error:
        return True

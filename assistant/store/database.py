"""The library's SQLite file: its connections, transactions and snapshots."""

from __future__ import annotations

import json
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


LISTED = "(SELECT value FROM json_each(?))"
"""In a statement, the values that ``listed`` makes one of: as many as there are, and the statement
stays the same, so that SQLite prepares it once."""

_KEPT = 4
"""Connections that wait for their next use. Each holds some MB of pages and prepared statements."""


class Database:
    """The SQLite file at ``path``, made if missing; safe to use from several threads.

    A thread has a connection for as long as a statement, a change or a snapshot takes; then another
    thread may have it. So there are as many as work at a time, however many threads a server has.

    Raises ``LibraryError`` when it cannot be opened or is of another format.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        # Closed with its last reader, not when the collector comes by: a connection refers to
        # itself, and while it is open the file of a library that was replaced cannot be removed.
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
        """The one of the change or snapshot that the calling thread is in, else one that nobody
        uses, for as long as the context lasts. Readers go on while one thread writes.
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
        # Never made here: a library that was removed must not come back empty.
        address = f"{self.path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(
            address, timeout=30, isolation_level=None, check_same_thread=False, uri=True
        )
        try:
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
        """The rows that ``statement`` gives. Raises ``LibraryError`` if the file is damaged."""
        try:
            with self.connection() as connection:
                return connection.execute(statement, values).fetchall()
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
                f"The library {self.path} cannot be written: {error}. Nothing of this step was "
                "kept, what was there before is unharmed. See that the disk is not full, then "
                "sync again."
            ) from error

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """The library as it is now, whatever is written meanwhile, for reads of this thread."""
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

    def close(self) -> None:
        """Close all connections, those in use included."""
        with self._lock:
            _close(self._connections)
            self._idle.clear()
        self._local = threading.local()


def listed(values: Iterable[int | str]) -> str:
    """``values`` as the one value that ``LISTED`` takes."""
    return json.dumps(list(values), ensure_ascii=False)


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
            # SQLite leaves WAL mode only when no other connection is there.
            return bool(db.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete")
        except sqlite3.OperationalError:
            return True
        except sqlite3.DatabaseError:
            return False  # damaged: nobody can read it


def holds_articles(path: Path) -> bool:
    """Whether there is any article in the library at ``path``, which is left as it is.

    True also of one that cannot be read: why, is told when it is opened.
    """
    if not path.exists() or not path.stat().st_size:
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            return bool(db.execute("SELECT EXISTS (SELECT 1 FROM articles)").fetchone()[0])
    except sqlite3.Error:
        return True

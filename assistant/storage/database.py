"""The library's SQLite file: one connection a thread, transactions and snapshots."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from assistant.errors import LibraryError
from assistant.storage.schema import SCHEMA_VERSION, make_current

FILE = "library.sqlite3"
"""The library's file in its folder."""


class _Held:
    """A thread's connection: it ends with the thread, as nothing else refers to it."""

    __slots__ = ("__weakref__", "connection")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection


class Database:
    """The SQLite file at ``path``, made if missing; safe to use from several threads.

    Raises ``LibraryError`` when it cannot be opened or is of another format.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        # Closed with its last reader, not when the collector comes by: a connection refers to
        # itself, and while it is open the file of a library that was replaced cannot be removed.
        weakref.finalize(self, _close, self._connections)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.touch()
            if self._version() != SCHEMA_VERSION:  # else no reader would wait for a writer
                with self.change():
                    make_current(self.connection, path)
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
        held: _Held | None = getattr(self._local, "held", None)
        if held is None:
            # Never made here: a library that was removed must not come back empty.
            address = f"{self.path.absolute().as_uri()}?mode=rw"
            connection = sqlite3.connect(
                address, timeout=30, isolation_level=None, check_same_thread=False, uri=True
            )
            with self._lock:
                self._connections.append(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._local.held = held = _Held(connection)
            # A server's threads come and go, each with files and memory of its connection.
            weakref.finalize(held, _retire, self._connections, connection)
        return held.connection

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

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """The library as it is now, whatever is written meanwhile, for reads of this thread."""
        db = self.connection
        if db.in_transaction:
            yield
            return
        db.execute("BEGIN")
        try:
            yield
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")

    def _version(self) -> int:
        return int(self.connection.execute("PRAGMA user_version").fetchone()[0])

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            _close(self._connections)
        self._local = threading.local()


def _retire(connections: list[sqlite3.Connection], connection: sqlite3.Connection) -> None:
    with suppress(ValueError):  # closed with all others
        connections.remove(connection)
    connection.close()


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

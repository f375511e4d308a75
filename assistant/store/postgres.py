"""A library in a schema of a PostgreSQL database: connections, transactions, snapshots."""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NoReturn, cast

import psycopg
from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool

from assistant.store.database import COUNTED, RANKED
from assistant.store.postgres_connection import (
    OPTIONS,
    PATIENCE_S,
    Lock,
    connect,
    is_away,
    patiently,
    place_of,
)
from assistant.store.postgres_schema import make_current
from assistant.support.errors import LibraryAwayError, LibraryError

_KEPT, _MOST = 1, 16
"""Connections of a process kept open, and open at once at most."""


class PostgresDatabase:
    """The PostgreSQL ``schema`` of the database at ``url``, created if missing. Thread-safe.

    A thread borrows a connection from a pool for as long as a statement, a change or a snapshot
    takes. Raises ``LibraryError`` if the server cannot be reached, or the schema is of a newer
    format.
    """

    def __init__(self, url: str, schema: str) -> None:
        self.name = f"{schema} of {place_of(url)}"
        self._schema = schema
        self._local = threading.local()

        def enter(connection: psycopg.Connection) -> None:
            connection.execute(SQL("SET search_path TO {}").format(Identifier(schema)))
            Lock.OPEN.share(connection, schema)

        try:
            with connect(url) as connection, connection.transaction():
                Lock.SCHEMA.wait(connection, schema)  # another process may be making it, too
                make_current(connection, schema, self.name)
        except psycopg.Error as error:
            self._fail("opened", error)
        self._pool = ConnectionPool(
            url, kwargs=OPTIONS, min_size=_KEPT, max_size=_MOST, timeout=PATIENCE_S,
            configure=enter, open=True,
        )  # fmt: skip
        # With the last reader, as a replaced library is not closed but released.
        weakref.finalize(self, self._pool.close)

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection]:
        """The connection of the calling thread's change or snapshot, or else an idle one."""
        mine: psycopg.Connection | None = getattr(self._local, "connection", None)
        if mine is not None:
            yield mine
            return
        with self._pool.connection() as mine:
            self._local.connection = mine
            try:
                yield mine
            finally:
                self._local.connection = None

    def execute(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run ``statement`` and return its rows. Raises ``LibraryError`` if that fails."""
        missing = frozenset(place for place, value in enumerate(values) if value is None)
        translated, order = postgres_sql(statement, missing)
        given = [values[place] for place in order]

        def attempt() -> list[tuple[Any, ...]]:
            with self.connection() as connection:
                cursor = connection.execute(cast("Any", translated), given, binary=True)
                return cursor.fetchall() if cursor.description else []

        with self._failures("read or written"):
            within = getattr(self._local, "connection", None) is not None
            return attempt() if within else patiently(attempt)

    def execute_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run ``statement`` once for the values of each of ``rows``, inside a change."""
        translated, _ = postgres_sql(statement, frozenset())
        with self._failures("written"), self.connection() as connection:
            connection.cursor().executemany(cast("Any", translated), rows)

    def insert(self, table: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
        """Insert ``rows`` into ``columns``, by comma, of ``table``, inside a change: in one
        statement, for which triggers count once.
        """
        copying = cast("Any", f"COPY {table} ({columns}) FROM STDIN")
        with (
            self._failures("written"), self.connection() as connection,
            connection.cursor().copy(copying) as copied,
        ):  # fmt: skip
            for row in rows:
                copied.write_row(row)

    @contextmanager
    def change(self) -> Iterator[None]:
        """A transaction: everything inside happens, or nothing does. One at a time, in all
        processes. Raises ``LibraryError`` if it cannot be written.
        """
        with (
            self._failures("written"), self.connection() as connection, connection.transaction()
        ):  # fmt: skip
            # Whoever comes second reads what the first wrote, as the statements begin after this.
            Lock.CHANGE.wait(connection, self._schema)
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """A consistent snapshot for the reads of this thread, whatever is written meanwhile."""
        with self._failures("read"), self.connection() as connection:
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                yield
                return
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield
            finally:
                if not connection.closed:
                    connection.execute("ROLLBACK")

    def reserve_ids(self) -> None:
        """Give new rows none of the ids that were inserted with theirs."""
        for table in ("passages", "words", "versions"):
            self.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
                f"greatest(1, (SELECT max(id) FROM {table})))"
            )

    def faults(self) -> Iterator[str]:
        """None: PostgreSQL keeps its constraints, and checks its pages as it reads them."""
        return iter(())

    def close(self) -> None:
        """Close all connections, those in use included."""
        self._pool.close()

    @contextmanager
    def _failures(self, doing: str) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            self._fail(doing, error)

    def _fail(self, doing: str, error: psycopg.Error) -> NoReturn:
        raise (LibraryAwayError if is_away(error) else LibraryError)(
            f"The library {self.name} cannot be {doing}: {str(error).strip()}. See that PostgreSQL "
            "runs, can be reached and has room; what was stored before is intact."
        ) from error


_PLACEHOLDER = re.compile(r"\?(\d*)")
_COUNTED = "(SELECT * FROM vocabulary WHERE term IN (SELECT value FROM json_each(?1)))"
_PACKED = re.compile(r"json_each\((\$\d+)\)")


@lru_cache(maxsize=1_000)
def postgres_sql(statement: str, missing: frozenset[int]) -> tuple[str, tuple[int, ...]]:
    """``statement``, written for SQLite, in PostgreSQL's words, and the places of the values that
    it takes, in order. Those at the places ``missing`` are NULL, and stand in it as such: of a NULL
    PostgreSQL could not tell the type.
    """
    order: list[int] = []
    places = [-1]

    def number(found: re.Match[str]) -> str:
        # One without a number comes after the largest so far.
        places.append(place := int(found[1]) - 1 if found[1] else max(places) + 1)
        if place in missing:
            return "NULL"
        if place not in order:
            order.append(place)
        return f"${order.index(place) + 1}"

    statement = statement.replace(RANKED, "bm25(?2)").replace(COUNTED, _COUNTED)
    translated = _PLACEHOLDER.sub(number, statement)
    translated = _PACKED.sub(r"jsonb_array_elements_text(\1::jsonb)", translated)
    return translated.replace("json_each(NULL)", "jsonb_array_elements_text(NULL)"), tuple(order)

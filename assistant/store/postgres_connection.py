"""Connections to PostgreSQL, waiting for a server that is away, and locks by its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import IntEnum
from typing import Any, TypeVar, cast

import psycopg
from psycopg.types.string import StrDumper

T = TypeVar("T")

PATIENCE_S = 30
"""Seconds to wait for a connection: as long as a server may take to start again."""

_RETRY_S = 0.2

OPTIONS: dict[str, Any] = {
    "autocommit": True,
    "cursor_factory": psycopg.RawCursor,  # $1, $2, as PostgreSQL itself numbers values
    "connect_timeout": "10",
    # A machine that is cut off is noticed within half a minute, by the server too, which then gives
    # the writer's lock to another.
    "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3",
    # Statements are too short to be worth compiling.
    "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 "
    "-c jit=off",
}  # fmt: skip


class Lock(IntEnum):
    """What the advisory locks of a database are for; each has further names."""

    SCHEMA = 1
    """Creating or migrating tables."""
    OPEN = 2
    """A library is read, which others may do too, or removed."""
    CHANGE = 3
    """A change of a library."""
    WRITER = 4
    """Being the one process that syncs."""
    DOCUMENT = 5
    """Replacing a document."""
    INDEX = 6
    """Changing an index."""

    def wait(self, connection: psycopg.Connection, name: str) -> None:
        """Take it until the end of the transaction."""
        self._call("pg_advisory_xact_lock", connection, name)

    def share(self, connection: psycopg.Connection, name: str) -> None:
        """Take it with others until the end of the connection."""
        self._call("pg_advisory_lock_shared", connection, name)

    def take(self, connection: psycopg.Connection, name: str) -> bool:
        """Take it until the end of the connection; False if another connection has it."""
        return bool(self._call("pg_try_advisory_lock", connection, name))

    def _call(self, function: str, connection: psycopg.Connection, name: str) -> object:
        statement = f"SELECT {function}($1::INTEGER, hashtext($2))"
        row = connection.execute(cast("Any", statement), (int(self), name)).fetchone()
        return row and row[0]


class AdvisoryLock:
    """The ``ProcessLock`` of a ``name`` in the database at ``url``. It ends with the connection
    that holds it.
    """

    def __init__(self, url: str, lock: Lock, name: str) -> None:
        self._url = url
        self._lock = lock
        self._name = name
        self._connection: psycopg.Connection | None = None

    @property
    def held(self) -> bool:
        """Whether this process has it."""
        return self._connection is not None and not self._connection.closed

    def take(self) -> bool:
        """Take it; False if another process has it. Raises ``OSError``."""
        try:
            connection = connect(self._url)
            if self._lock.take(connection, self._name):
                self._connection = connection
                return True
            connection.close()
        except psycopg.Error as error:
            raise OSError(str(error).strip()) from error
        return False

    def release(self) -> None:
        """Give it up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def connect(url: str) -> psycopg.Connection:
    """A connection of its own, each of whose statements is a transaction."""
    return psycopg.connect(url, **OPTIONS)


def patiently(attempt: Callable[[], T]) -> T:
    """The result of ``attempt``, which is made again while the server is away, for as long as it
    may take to start again.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return attempt()
        except psycopg.OperationalError as error:
            if not is_away(error) or time.monotonic() > deadline:
                raise
        time.sleep(_RETRY_S)


def is_away(error: psycopg.Error) -> bool:
    """Whether the connection was lost, or there is none to be had."""
    lost = error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))
    return lost and isinstance(error, psycopg.OperationalError)


def place_of(url: str) -> str:
    """The database at ``url`` as messages name it: without user and password."""
    try:
        given = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        return "PostgreSQL"
    return f"{given.get('host', 'localhost')}/{given.get('dbname', '')}"


# Strings have the type text, not an unknown one: PostgreSQL could not tell that of a parameter that
# is first compared with NULL.
psycopg.adapters.register_dumper(str, StrDumper)

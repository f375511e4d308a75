"""The libraries of a PostgreSQL database, a schema each, and its writer's lock."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from assistant.store.generations import PREFIX, Generations
from assistant.store.library import Library
from assistant.store.postgres import Lock, connect, place_of
from assistant.store.postgres_shared import TableDocument, shared_at
from assistant.support.errors import LibraryBusyError, LibraryError

logger = logging.getLogger(__name__)

_FIRST = "library"
"""The schema of the first library."""

_RETRY_S = 1.0


class PostgresGenerations(Generations):
    """The libraries of the database at ``url``. The folder of one in ``data`` has the name of its
    schema, and holds nothing but the index made from it.
    """

    def __init__(self, data: Path, url: str) -> None:
        super().__init__(data)
        self._url = url
        self._pointer = TableDocument(url, "CURRENT")

    @property
    def name(self) -> str:
        """The database."""
        return place_of(self._url)

    def exist(self) -> bool:
        """Whether there is a library to be used."""
        return self.current() in self._all()

    def current(self) -> Path:
        """The folder of the library in use, as far as this process knows of changes by others."""
        return self.data / (self._pointer.read() or _FIRST.encode()).decode()

    def library(self, folder: Path) -> Library:
        """The library in the schema of ``folder``."""
        return Library(folder, self._url)

    def use(self, folder: Path) -> None:
        """Switch to the complete library in the schema of ``folder``."""
        self._pointer.change(lambda _: folder.name)

    def others(self) -> list[Path]:
        """The folders of libraries that are not in use."""
        current = self.current()
        return [path for path in self._all() if path != current]

    def holds_articles(self) -> bool:
        """Whether the library in use holds any article."""
        if not self.exist():
            return False
        articles = Identifier(self.current().name, "articles")
        with connect(self._url) as connection:
            row = connection.execute(
                SQL("SELECT EXISTS (SELECT 1 FROM {})").format(articles)
            ).fetchone()
        return bool(row and row[0])

    def size(self) -> int:
        """Bytes of the database."""
        ((size,),) = shared_at(self._url).run("SELECT pg_database_size(current_database())")
        return int(size)

    def _all(self) -> list[Path]:
        rows = shared_at(self._url).run(
            "SELECT nspname FROM pg_namespace WHERE nspname = $1 OR starts_with(nspname, $2) "
            "ORDER BY nspname",
            _FIRST,
            PREFIX,
        )
        return [self.data / name for (name,) in rows]

    def _remove(self, folder: Path) -> None:
        """Drop the schema of ``folder``, unless any process has it open."""
        with connect(self._url) as connection:
            if Lock.OPEN.take(connection, folder.name):
                logger.debug("Removing the library %s, which is not in use", folder.name)
                dropped = SQL("DROP SCHEMA {} CASCADE").format(Identifier(folder.name))
                connection.execute(dropped)
                shutil.rmtree(folder, ignore_errors=True)


class IndexOwner:
    """The right to change the index of the library in ``schema``, as a lock of the database."""

    def __init__(self, url: str, schema: str) -> None:
        self._url = url
        self._schema = schema
        self._connection: psycopg.Connection | None = None

    @property
    def held(self) -> bool:
        """Whether this process has it."""
        return self._connection is not None and not self._connection.closed

    def take(self) -> bool:
        """Take it; False if another process has it. Raises ``OSError``."""
        if self.held:
            return True
        try:
            connection = connect(self._url)
            if not Lock.INDEX.take(connection, self._schema):
                connection.close()
                return False
        except psycopg.Error as error:
            raise OSError(str(error).strip()) from error
        self._connection = connection
        return True

    def release(self) -> None:
        """Give it up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class PostgresWriter:
    """The writer's lock of the database at ``url``. It ends with the connection that holds it, so
    that no process can leave it behind.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def held(
        self, *, wait: bool = False, stopped: Callable[[], bool] = lambda: False
    ) -> Iterator[None]:
        """Hold the lock against other processes, on this machine and others.

        Raises ``LibraryBusyError`` if another one holds it: at once, or, with ``wait``, once
        ``stopped`` returns true; ``LibraryError`` if the database cannot be reached.
        """
        place, told = place_of(self._url), False
        try:
            connection = connect(self._url)
        except psycopg.Error as error:
            raise LibraryError(
                f"The database {place} cannot be written: {str(error).strip()}. See that "
                "PostgreSQL runs and can be reached."
            ) from error
        with connection:
            while not Lock.WRITER.take(connection, "assistant"):
                if not wait or stopped():
                    raise LibraryBusyError(
                        f"Another process is writing to the database {place}. Wait until it is "
                        "done, or choose another database."
                    )
                if not told:
                    logger.warning("Waiting for another process that is writing to %s.", place)
                    told = True
                time.sleep(_RETRY_S)
            yield

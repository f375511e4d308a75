"""The libraries of a PostgreSQL database, a schema each."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from psycopg.sql import SQL, Identifier

from assistant.store.generations import PREFIX, Generations
from assistant.store.library import Library
from assistant.store.postgres_connection import Lock, connect, place_of
from assistant.store.postgres_shared import TableDocument, shared_at

logger = logging.getLogger(__name__)

_FIRST = "library"
"""The schema of the first library."""


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

"""What the processes of an assistant share in PostgreSQL beside the library: documents and logs."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import psycopg

from assistant.store.postgres_connection import Lock, connect, patiently, place_of
from assistant.support.errors import LibraryError

logger = logging.getLogger(__name__)

_TABLES = """
CREATE SCHEMA IF NOT EXISTS assistant;
CREATE TABLE IF NOT EXISTS assistant.documents (
    name TEXT PRIMARY KEY, content TEXT NOT NULL, version BIGINT NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS assistant.entries (
    place BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, log TEXT NOT NULL, entry TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entries_log ON assistant.entries (log, place);
CREATE UNLOGGED TABLE IF NOT EXISTS assistant.spent (
    asker TEXT PRIMARY KEY, tokens DOUBLE PRECISION NOT NULL, at TIMESTAMPTZ NOT NULL);
"""

_EVERY_S = 1.0
"""Seconds between looks at what other processes have changed, should a notification be lost."""

_CHANNEL = "assistant_documents"


class Shared:
    """The documents in the database at ``url``. Thread-safe. Whoever changes one notifies the
    others, which also look each second.

    While the database is away, the last known ones stay. Raises ``LibraryError`` if it is away to
    begin with.
    """

    def __init__(self, url: str) -> None:
        self.name = place_of(url)
        self.url = url
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, str]] = {}
        self._connection: psycopg.Connection | None = None
        try:
            with connect(url) as connection, connection.transaction():
                Lock.SCHEMA.wait(connection, "assistant")
                connection.execute(_TABLES)
            self.look()
        except psycopg.Error as error:
            raise LibraryError(
                f"The database {self.name} cannot be used: {str(error).strip()}. See that "
                "PostgreSQL runs and that ASSISTANT_DATABASE_URL names it and a user of it."
            ) from error
        threading.Thread(target=_follow, args=(weakref.ref(self), url), daemon=True).start()

    def document(self, name: str) -> tuple[int, str] | None:
        """The version and the content of a document."""
        return self._known.get(name)

    def change(self, name: str, edit: Callable[[bytes | None], str]) -> None:
        """Replace a document with what ``edit`` makes of it. Raises ``psycopg.Error``."""
        with connect(self.url) as connection, connection.transaction():
            Lock.DOCUMENT.wait(connection, name)
            found = connection.execute(
                "SELECT content FROM assistant.documents WHERE name = $1", (name,)
            ).fetchone()
            connection.execute(
                "INSERT INTO assistant.documents VALUES ($1, $2) ON CONFLICT (name) DO UPDATE "
                "SET content = excluded.content, version = documents.version + 1",
                (name, edit(found[0].encode() if found else None)),
            )
            connection.execute(f"NOTIFY {_CHANNEL}")
        self.look()

    def run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a statement that may be run twice. Raises ``psycopg.Error``."""
        return patiently(lambda: self.once(statement, *values))

    def once(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The same, without waiting for a database that is away."""
        with self._lock:
            if self._connection is None or self._connection.closed:
                self._connection = connect(self.url)
            cursor = self._connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def look(self) -> None:
        """Take over what others have changed. Raises ``psycopg.Error``."""
        rows = self.once("SELECT name, version, content FROM assistant.documents")
        self._known = {name: (version, content) for name, version, content in rows}


def _follow(shared: weakref.ref[Shared], url: str) -> None:
    """Keep up until there is no ``shared`` any more."""
    listening: psycopg.Connection | None = None
    away = False
    while True:
        try:
            if listening is None or listening.closed:
                listening = connect(url)
                listening.execute(f"LISTEN {_CHANNEL}")
            else:
                for _ in listening.notifies(timeout=_EVERY_S, stop_after=1):
                    pass
            if (mine := shared()) is None:
                listening.close()
                return
            mine.look()
            away = False
        except psycopg.Error as error:
            if (mine := shared()) is None:
                return
            if not away:
                logger.warning("The database %s is away: %s", mine.name, str(error).strip())
            away = True
            time.sleep(_EVERY_S)
        finally:
            mine = None


@lru_cache(maxsize=4)
def shared_at(url: str) -> Shared:
    """The one ``Shared`` of this process for ``url``."""
    return Shared(url)


class TableDocument:
    """The document ``name`` of the database at ``url``."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._key = name
        self.name = f"{name} in the database {place_of(url)}"

    def state(self) -> object:
        """Its version."""
        found = shared_at(self._url).document(self._key)
        return found and found[0]

    def read(self) -> bytes | None:
        """Its content, as far as this process knows of changes by others."""
        found = shared_at(self._url).document(self._key)
        return found[1].encode() if found else None

    def change(self, edit: Callable[[bytes | None], str]) -> None:
        """Replace it, while no other process does."""
        try:
            shared_at(self._url).change(self._key, edit)
        except psycopg.Error as error:
            raise OSError(str(error).strip()) from error


class SpentTable:
    """What askers have spent of ``burst`` tokens, of which ``per_minute`` come back, counted over
    all processes: a bucket each.

    It holds digests, not names and addresses.
    """

    def __init__(self, url: str, name: str, per_minute: float, burst: float) -> None:
        self._url = url
        self._name = name
        self._per_minute = per_minute
        self._burst = burst

    def settle(self, spent: Mapping[str, int]) -> dict[str, float]:
        """Add what askers have ``spent`` here; return what each has left. Raises ``OSError``."""
        known = {self._digest(asker): asker for asker in spent}
        try:
            rows = shared_at(self._url).once(
                "INSERT INTO assistant.spent "
                "SELECT key, greatest(0, value::DOUBLE PRECISION), now() "
                "FROM jsonb_each_text($1::JSONB) ON CONFLICT (asker) DO UPDATE SET "
                "tokens = greatest(0, ($1::JSONB ->> spent.asker)::DOUBLE PRECISION + "
                "greatest(0, spent.tokens - extract(epoch FROM now() - spent.at) * $2 / 60)), "
                "at = now() RETURNING asker, tokens",
                json.dumps({digest: spent[asker] for digest, asker in known.items()}),
                self._per_minute,
            )
            shared_at(self._url).once(
                "DELETE FROM assistant.spent WHERE at < now() - INTERVAL '5 minutes'"
            )
        except psycopg.Error as error:
            raise OSError(str(error).strip()) from error
        return {known[digest]: self._burst - float(tokens) for digest, tokens in rows}

    def _digest(self, asker: str) -> str:
        return hashlib.sha256(f"{self._name} {asker}".encode()).hexdigest()[:32]


class EntryTable:
    """The objects of the log ``name`` in the database at ``url``. Each has an ``id``.

    ``command`` prints and clears them. Raises ``LibraryError`` if the database cannot be used.
    """

    def __init__(self, url: str, name: str, command: str) -> None:
        self._url = url
        self._log = name
        self._command = command

    def append(self, entry: Mapping[str, Any], most_bytes: int) -> None:
        """Add an object, unless the log has more than ``most_bytes``: an error then."""
        added = self._run(
            "INSERT INTO assistant.entries (log, entry) SELECT $1, $2 WHERE (SELECT "
            "coalesce(sum(length(entry)), 0) FROM assistant.entries WHERE log = $1) <= $3 "
            "RETURNING place",
            self._log, json.dumps(entry), most_bytes,
        )  # fmt: skip
        if not added:
            raise LibraryError(
                f"The log {self._log} has grown to {most_bytes:,} bytes: nothing is added. Keep "
                f"what `assistant {self._command} --json` prints, then clear it with --clear."
            )

    def entries(self) -> list[dict[str, Any]]:
        """The objects, oldest first; the last one of an id counts."""
        latest: dict[str, dict[str, Any]] = {}
        for (line,) in self._run(
            "SELECT entry FROM assistant.entries WHERE log = $1 ORDER BY place", self._log
        ):
            entry = json.loads(line)
            latest.pop(entry["id"], None)
            latest[entry["id"]] = entry
        return list(latest.values())

    def clear(self) -> int:
        """Delete all objects; return how many there were."""
        count = len(self.entries())
        self._run("DELETE FROM assistant.entries WHERE log = $1", self._log)
        return count

    def _run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        shared = shared_at(self._url)
        try:
            return shared.run(statement, *values)
        except psycopg.Error as error:
            raise LibraryError(
                f"The log {self._log} in the database {shared.name} cannot be used: "
                f"{str(error).strip()}. See that PostgreSQL runs and has room."
            ) from error

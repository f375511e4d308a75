"""Where the settings keep the library and what lies beside it: a data folder, or PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from assistant.access.accounts_file import FILE as ACCOUNTS
from assistant.access.accounts_file import AccountsFile
from assistant.store.generations import INDEX, Generations
from assistant.store.json_lines import EntryFile, EntryLog
from assistant.store.process_lock import FileProcessLock, ProcessLock, Writer
from assistant.support.documents import Document, FileDocument
from assistant.support.errors import SettingsError
from assistant.support.settings import Settings


class Spent(Protocol):
    """What askers have spent of a rate, counted over all processes."""

    def settle(self, spent: Mapping[str, int]) -> dict[str, float]:
        """Add what askers have ``spent`` here; return what each has left. Raises ``OSError``."""


def generations_of(settings: Settings) -> Generations:
    """The libraries. Raises ``LibraryError`` if they cannot be reached."""
    if (url := _database(settings)) is None:
        return Generations(settings.data)
    from assistant.store.postgres_generations import PostgresGenerations

    return PostgresGenerations(settings.data, url)


def writer_of(settings: Settings) -> Writer:
    """The writer's lock."""
    if (url := _database(settings)) is None:
        return Writer(
            FileProcessLock(settings.data / "sync.lock"), f"the data folder {settings.data}",
            "Allow writing there, or choose another with --data.",
        )  # fmt: skip
    from assistant.store.postgres_connection import AdvisoryLock, Lock, place_of

    return Writer(
        AdvisoryLock(url, Lock.WRITER, "assistant"), f"the database {place_of(url)}",
        "See that PostgreSQL runs and can be reached.",
    )  # fmt: skip


def index_owner_of(settings: Settings, folder: Path) -> ProcessLock | None:
    """The right to change an index on a server; None for a process that only answers."""
    if settings.role == "answer":
        return None
    if (url := _database(settings)) is None:
        return FileProcessLock(folder / INDEX / "owner.lock")
    from assistant.store.postgres_connection import AdvisoryLock, Lock

    return AdvisoryLock(url, Lock.INDEX, folder.name)


def accounts_of(settings: Settings) -> AccountsFile:
    """The users and keys; a file that is named for them wins."""
    return AccountsFile(settings.users or document_of(settings, ACCOUNTS))


def document_of(settings: Settings, name: str) -> Document:
    """The document ``name``."""
    if (url := _database(settings)) is None:
        return FileDocument(settings.data / name)
    from assistant.store.postgres_shared import TableDocument

    return TableDocument(url, name)


def spent_of(
    settings: Settings, name: str, per_minute: float, burst: float | None = None
) -> Spent | None:
    """The count of the rate ``name`` over all processes; None if there is one process."""
    if per_minute == 0 or (url := _database(settings)) is None:
        return None
    from assistant.store.postgres_shared import SpentTable

    return SpentTable(url, name, per_minute, per_minute if burst is None else burst)


def log_of(settings: Settings, file: str, command: str) -> EntryLog:
    """The log in ``file``, which ``command`` prints and clears."""
    if (url := _database(settings)) is None:
        return EntryFile(settings.data / file, command)
    from assistant.store.postgres_shared import EntryTable

    return EntryTable(url, file, command)


def _database(settings: Settings) -> str | None:
    """The address of the database, if one is set. Raises ``SettingsError`` without its client,
    which is imported only then.
    """
    if settings.database_url and find_spec("psycopg_pool") is None:
        raise SettingsError(
            "ASSISTANT_DATABASE_URL is set, but PostgreSQL's client is not installed. Install the "
            "package with the extra [postgres]."
        )
    return settings.database_url

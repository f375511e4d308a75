"""Where the settings keep the library and what lies beside it: a data folder, or PostgreSQL."""

from __future__ import annotations

from importlib.util import find_spec

from assistant.access.accounts_file import FILE as ACCOUNTS
from assistant.access.accounts_file import AccountsFile
from assistant.store.generations import Generations
from assistant.store.json_lines import EntryFile, EntryLog
from assistant.store.writer import Writer, WriterLock
from assistant.support.documents import Document, FileDocument
from assistant.support.errors import SettingsError
from assistant.support.settings import Settings


def generations_of(settings: Settings) -> Generations:
    """The libraries. Raises ``LibraryError`` if they cannot be reached."""
    if (url := _database(settings)) is None:
        return Generations(settings.data)
    from assistant.store.postgres_generations import PostgresGenerations

    return PostgresGenerations(settings.data, url)


def writer_of(settings: Settings) -> WriterLock:
    """The writer's lock."""
    if (url := _database(settings)) is None:
        return Writer(settings.data)
    from assistant.store.postgres_generations import PostgresWriter

    return PostgresWriter(url)


def accounts_of(settings: Settings) -> AccountsFile:
    """The users and keys; a file that is named for them wins."""
    return AccountsFile(settings.users or document_of(settings, ACCOUNTS))


def document_of(settings: Settings, name: str) -> Document:
    """The document ``name``."""
    if (url := _database(settings)) is None:
        return FileDocument(settings.data / name)
    from assistant.store.postgres_shared import TableDocument

    return TableDocument(url, name)


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

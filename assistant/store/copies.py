"""Copies a library in use, as a consistent snapshot, with or without traces of removed text."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from assistant.store.database import Database
from assistant.store.passage_rows import unpack_words
from assistant.store.sqlite import FILE, PAGE_BYTES, SQLiteDatabase
from assistant.store.word_store import NO_WORD
from assistant.support.errors import LibraryError


def copy_library(database: Database, to: Path) -> None:
    """Copy the current content of ``database``, without free pages, to the new file ``to``.

    Raises ``LibraryError``, leaving no file, if it cannot be written, or is no file itself.
    """
    if not isinstance(database, SQLiteDatabase):
        raise LibraryError(
            f"The library {database.name} is no file to be copied or compacted here. pg_dump backs "
            "it up, and PostgreSQL itself frees what was removed."
        )
    try:
        need, free = database.path.stat().st_size, shutil.disk_usage(to.parent).free
        if free < need:
            raise OSError(f"{need / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free")
        with database.connection() as db:
            db.execute("VACUUM INTO ?", (str(to),))
    except (sqlite3.Error, OSError) as error:
        to.unlink(missing_ok=True)
        raise LibraryError(
            f"The library {database.path} cannot be copied to {to}: {error}. Nothing was changed. "
            "If the disk is full, make room; assistant doctor tells if the library is damaged."
        ) from error


def compact_copy(database: Database, folder: Path) -> None:
    """Make in the new ``folder`` a copy of ``database`` without traces of removed content.

    Removed text survives in an SQLite file until it is overwritten: in free pages, in the full-text
    index, as words that only removed articles had, and in the versions of changed articles. Raises
    ``LibraryError``, leaving nothing.
    """
    try:
        folder.mkdir(parents=True)
        copy_library(database, folder / FILE)
        with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as db:
            db.execute("BEGIN")
            _drop_unused_words(db)
            db.execute("DELETE FROM versions")
            db.execute("INSERT INTO keywords (keywords) VALUES ('rebuild')")
            db.execute("COMMIT")
            db.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # of one made before it was so many
            db.execute("VACUUM")  # frees what was just deleted from the copy
    except (sqlite3.Error, OSError, LibraryError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, LibraryError):
            raise
        raise LibraryError(
            f"The library {database.name} cannot be compacted: {error}. It is unchanged."
        ) from error


def _drop_unused_words(db: sqlite3.Connection) -> None:
    used = {NO_WORD}
    for row in db.execute("SELECT article, words FROM passages"):
        used.update(unpack_words([row])[0].ids.tolist())
    known = {row[0] for row in db.execute("SELECT id FROM words")}
    db.executemany("DELETE FROM words WHERE id = ?", [(id_,) for id_ in known - used])

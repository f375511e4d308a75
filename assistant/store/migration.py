"""Copies what a data folder holds into PostgreSQL, or back, while it serves."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from assistant.access.accounts_file import FILE as ACCOUNTS
from assistant.store.feedback import FILE as FEEDBACK
from assistant.store.feedback import MOST_BYTES
from assistant.store.gap_log import FILE as GAPS
from assistant.store.library import Library
from assistant.store.storage import document_of, generations_of, log_of, writer_of
from assistant.support.errors import LibraryError
from assistant.support.settings import Settings

logger = logging.getLogger(__name__)

TABLES = {
    "articles": "id, title, language, published, author, url, text, blocks, pages",
    "files": "source, digest, size, modified, article, error, note",
    "passages": 'id, article, start, "end", text, digest, bounds, words, columns, sketch, vector, '
    "sentence_vectors",
    "words": "id, word, vector",
    "versions": "id, article, source, replaced, text",
    "keywords": "rowid, terms",
}
"""The tables in the order in which one refers to others, with their columns, the key first."""

_SIGNED_OUT = "signed_out.json"
_BATCH = 500
_COPYING = "copying"
"""The key of the manifest with the revision that an unfinished copy is of."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was copied and found to be the same: rows of each table and a digest of all."""

    rows: dict[str, int]
    digest: str
    documents: int
    entries: int

    def to_json(self) -> dict[str, Any]:
        """The report as ``migrate --json`` prints it."""
        return asdict(self)


def migrate(source: Settings, target: Settings, *, force: bool = False) -> Migrated:
    """Copy library, users, sign-outs and feedback of ``source`` to the place of ``target``, whose
    library takes the place of what was there. Nobody syncs meanwhile; questions are answered.

    A copy that was interrupted is continued, unless ``source`` has changed since. Raises
    ``LibraryError`` if ``target`` holds articles and ``force`` is false, or the copies differ.
    """
    there = generations_of(target)
    if there.holds_articles() and not force:
        raise LibraryError(
            f"There are articles in {there.name} already, which would be replaced. Nothing was "
            "changed. Add --force to replace them, or name another place."
        )
    with writer_of(source).held(wait=True), writer_of(target).held(wait=True):
        _, library = generations_of(source).open()
        folder = there.beside("migrated")
        copied = there.library(folder)
        try:
            copy_library_rows(library, copied)
            rows = {table: _count(copied, table) for table in TABLES}
            digest = _same_digest(library, copied)
        finally:
            library.close()
            copied.close()
        documents = sum(_copy_document(source, target, name) for name in (ACCOUNTS, _SIGNED_OUT))
        entries = sum(_copy_log(source, target, *log)
                      for log in ((FEEDBACK, "feedback"), (GAPS, "gaps")))  # fmt: skip
        there.use(folder)
        there.remove_others()
    return Migrated(rows, digest, documents, entries)


def copy_library_rows(source: Library, target: Library) -> None:
    """Make ``target`` hold what ``source`` does; what it holds of the same revision stays."""
    if target.get(_COPYING) != str(source.revision):
        with target.change():
            target.clear()
            target.put(_COPYING, str(source.revision))
    for table, columns in TABLES.items():
        key = columns.split(",")[0]
        last = target.query(f"SELECT max({key}) FROM {table}")[0][0]
        for rows in _batches(source, table, last):
            with target.change():
                target.database.insert(table, columns, rows)
        logger.info("Copied the %s.", table)
    with target.change():
        target.database.reserve_ids()
        for name, value in source.query("SELECT key, value FROM manifest"):
            target.put(name, value)
        target.query("DELETE FROM manifest WHERE key = ?", _COPYING)


def digest_of(library: Library) -> str:
    """The same for libraries with the same rows."""
    digest = hashlib.sha256()
    for table in TABLES:
        for rows in _batches(library, table, None):
            digest.update(repr(rows).encode())
    digest.update(repr(library.query("SELECT key, value FROM manifest ORDER BY key")).encode())
    return digest.hexdigest()


def _batches(library: Library, table: str, last: object) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a table by their key, those after ``last``."""
    columns = TABLES[table]
    key = columns.split(",")[0]
    while True:
        after = "" if last is None else f"WHERE {key} > ?"
        rows = library.query(
            f"SELECT {columns} FROM {table} {after} ORDER BY {key} LIMIT {_BATCH}",
            *([] if last is None else [last]),
        )
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _same_digest(source: Library, target: Library) -> str:
    digest = digest_of(target)
    if digest != digest_of(source):
        raise LibraryError(
            f"The copy in {target.database.name} differs from {source.database.name}, and is not "
            "used. Run assistant doctor over the original, then try again."
        )
    return digest


def _count(library: Library, table: str) -> int:
    return int(library.query(f"SELECT count(*) FROM {table}")[0][0])


def _copy_document(source: Settings, target: Settings, name: str) -> int:
    try:
        content = document_of(source, name).read()
        if content is None:
            return 0
        text = content.decode()
        document_of(target, name).change(lambda _: text)
    except OSError as error:
        raise LibraryError(f"{name} cannot be copied: {error}.") from error
    return 1


def _copy_log(source: Settings, target: Settings, name: str, command: str) -> int:
    """Add the entries that the target lacks."""
    to = log_of(target, name, command)
    known = {entry["id"] for entry in to.entries()}
    new = [one for one in log_of(source, name, command).entries() if one["id"] not in known]
    for entry in new:
        to.append(entry, MOST_BYTES)
    return len(new)

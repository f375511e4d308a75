"""The library's SQL schema and its migrations."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from assistant.store.passage_rows import narrowed_words
from assistant.store.vectors import narrowed_sentences, narrowed_word, repacked
from assistant.support.errors import LibraryError

logger = logging.getLogger(__name__)

SCHEMA_VERSION = 9
"""Increment with every change of the schema, and add the migration to ``_UPGRADES``."""


def _statements(script: str) -> list[str]:
    return script.strip().rstrip(";").split(";\n")


_PASSAGES = """
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, article TEXT NOT NULL REFERENCES articles(id),
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL, digest BLOB NOT NULL,
    bounds BLOB NOT NULL, words BLOB NOT NULL, columns TEXT,
    sketch BLOB, vector BLOB, sentence_vectors BLOB);
CREATE INDEX passages_article ON passages(article);
CREATE INDEX passages_digest ON passages(digest);
CREATE INDEX passages_without_vector ON passages(id) WHERE vector IS NULL;
CREATE INDEX passages_without_sentences ON passages(id) WHERE sentence_vectors IS NULL;
"""
"""Vectors are null until they are made; ``sketch`` stands in for ``vector`` until then."""

_SCHEMA = f"""
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE articles (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, language TEXT NOT NULL, published TEXT, author TEXT,
    url TEXT, text TEXT NOT NULL, blocks TEXT NOT NULL, pages TEXT NOT NULL DEFAULT '[]');
CREATE TABLE files (
    source TEXT PRIMARY KEY, digest TEXT NOT NULL, size INTEGER NOT NULL,
    modified INTEGER NOT NULL, article TEXT REFERENCES articles(id), error TEXT,
    note TEXT);
CREATE INDEX files_article ON files(article);
{_PASSAGES.strip()}
CREATE TABLE words (
    id INTEGER PRIMARY KEY AUTOINCREMENT, word TEXT NOT NULL UNIQUE, vector BLOB);
CREATE INDEX words_without_vector ON words(id) WHERE vector IS NULL;
CREATE TABLE versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, article TEXT NOT NULL, source TEXT NOT NULL,
    replaced TEXT NOT NULL, text BLOB NOT NULL);
CREATE INDEX versions_article ON versions(article);
CREATE INDEX versions_source ON versions(source);
CREATE VIRTUAL TABLE keywords USING fts5(terms, tokenize = 'unicode61 remove_diacritics 0');
"""

_UPGRADES: dict[int, tuple[str, ...]] = {
    2: ("ALTER TABLE articles ADD COLUMN pages TEXT NOT NULL DEFAULT '[]'",),
    3: ("ALTER TABLE passages ADD COLUMN columns TEXT",),
    4: ("ALTER TABLE files ADD COLUMN note TEXT",),
    5: (
        "ALTER TABLE passages RENAME TO former",
        "DROP INDEX passages_article",
        "DROP INDEX passages_digest",
        *_statements(_PASSAGES),
        'INSERT INTO passages SELECT id, article, start, "end", text, digest, bounds, words, '
        "columns, NULL, repacked(vector, length(vector) / 2), "
        "repacked(sentence_vectors, length(vector) / 2) FROM former",
        # Ids are never reused, not even those of passages that are gone.
        "DELETE FROM sqlite_sequence WHERE name = 'passages'",
        "UPDATE sqlite_sequence SET name = 'passages' WHERE name = 'former'",
        "DROP TABLE former",
    ),
    6: (
        "CREATE TABLE versions (id INTEGER PRIMARY KEY AUTOINCREMENT, article TEXT NOT NULL, "
        "source TEXT NOT NULL, replaced TEXT NOT NULL, text BLOB NOT NULL)",
        "CREATE INDEX versions_article ON versions(article)",
        "CREATE INDEX versions_source ON versions(source)",
    ),
    7: (
        "UPDATE passages SET words = narrowed_words(words, length(bounds)), "
        "sentence_vectors = narrowed_sentences(sentence_vectors, vector)",
        "UPDATE words SET vector = narrowed_word(vector) WHERE vector IS NOT NULL",
    ),
    8: ("DROP TABLE IF EXISTS vocabulary",),
}
"""By version, the statements that migrate it to the next. Data that the new version adds comes with
the next sync that reads the articles. A version without an entry is rebuilt."""


OF_KEYWORDS = ("CREATE VIRTUAL TABLE keywords", "DROP TABLE IF EXISTS vocabulary")
"""How statements about SQLite's keyword index begin."""

_FUNCTIONS = ((repacked, 2), (narrowed_sentences, 2), (narrowed_word, 1), (narrowed_words, 2))
"""Those that the statements call, with the number of their parameters."""


def make_current(db: sqlite3.Connection, path: Path) -> None:
    """Create the tables in ``db``, or migrate those of an older version.

    Runs in a transaction: a kill leaves the file as it was. Raises ``LibraryError`` for a file of a
    newer version, which is not touched. ``path`` names the file in messages.
    """
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise LibraryError(
            f"The library {path} has format {version}; this version reads format "
            f"{SCHEMA_VERSION}. Use the version that made it, or another --data folder."
        )
    if version == SCHEMA_VERSION:  # another process has just migrated it
        return
    for function, values in _FUNCTIONS:
        db.create_function(function.__name__, values, function, deterministic=True)
    if version in _UPGRADES:
        logger.warning("Migrating %s from format %d to %d.", path, version, SCHEMA_VERSION)
    elif version:
        logger.warning("%s is of an older version: rebuilding it from the articles.", path)
        _drop_all(db)
    for statement in statements_from(version):
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def statements_from(version: int) -> list[str]:
    """The statements that migrate tables of ``version`` to ``SCHEMA_VERSION``; those that create
    them, for a version that cannot be migrated, and for 0.
    """
    if version not in _UPGRADES:
        return _statements(_SCHEMA)
    return [line for step in range(version, SCHEMA_VERSION) for line in _UPGRADES[step]]


def _drop_all(db: sqlite3.Connection) -> None:
    """Drop every table: their content can be rebuilt from the articles."""
    db.execute("PRAGMA defer_foreign_keys = ON")
    for which in ("sql LIKE 'CREATE VIRTUAL%'", "type = 'table' AND name NOT LIKE 'sqlite_%'"):
        # Virtual tables first: dropping them drops their shadow tables.
        names = f"SELECT name FROM sqlite_master WHERE {which}"
        for (name,) in db.execute(names).fetchall():
            db.execute(f'DROP TABLE "{name}"')

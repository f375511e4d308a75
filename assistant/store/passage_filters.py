"""Which passages a search may find, by language."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.models.filters import Filters
from assistant.store.database import Database, bound, visible

OF_FILES = f"SELECT article FROM files WHERE article IS NOT NULL AND {visible('?1')}"
"""SQL: ids of the articles with at least one source that may be shown."""

_REMEMBERED = 16
"""Filters whose passages are remembered until the library changes: 8 MB each of a million."""

_WITHIN = (
    # The rows of passages are long: only their indexes are read.
    "SELECT language, json_group_array(p.id) "
    "FROM articles a JOIN passages p ON p.article = a.id "
    "WHERE p.id {waiting} (SELECT id FROM passages WHERE vector IS NULL) "
    "AND (?2 IS NULL OR language = ?2) AND (?3 IS NULL OR published >= ?3) "
    "AND (?4 IS NULL OR published <= ?4) AND ((?1 IS NULL AND ?5 IS NULL) OR article IN "
    f"({OF_FILES} AND (?5 IS NULL OR source = ?5 OR substr(source, 1, ?6) = ?5 || '/'))) "
    "GROUP BY language"
)

_REVISION = "SELECT value FROM manifest WHERE key = 'revision'"

Ids = dict[str, NDArray[np.int64]]


class IdsWithin(Protocol):
    """Finds the ids by language of the passages that filters allow: of those with a vector, or of
    those ``waiting`` for one. Not to be changed: others get the same.
    """

    def __call__(self, filters: Filters, *, waiting: bool) -> Ids:
        """The ids."""


def remembering(database: Database) -> IdsWithin:
    """Finds ids in ``database``, and remembers them: looking at each passage takes longer than
    comparing its vector.
    """

    @lru_cache(_REMEMBERED)
    def found(revision: str, filters: Filters, waiting: bool) -> Ids:
        return _found(database, filters, waiting)

    def ids_within(filters: Filters, *, waiting: bool) -> Ids:
        rows = database.execute(_REVISION)
        return found(rows[0][0] if rows else "", filters, waiting)

    return ids_within


def _found(database: Database, filters: Filters, waiting: bool) -> Ids:
    folder = filters.source.rstrip("/") if filters.source else None
    rows = database.execute(
        _WITHIN.format(waiting="IN" if waiting else "NOT IN"),
        (
            bound(filters.clearance),
            filters.language,
            filters.after.isoformat() if filters.after else None,
            filters.before.isoformat() if filters.before else None,
            folder,
            len(folder) + 1 if folder else None,
        ),
    )
    return {found: np.array(json.loads(ids), np.int64) for found, ids in rows}

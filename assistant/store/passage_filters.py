"""Which passages a search may find, by language."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.models.clearance import ALL
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

T = TypeVar("T")


def remembering(database: Database, find: Callable[[Filters], T]) -> Callable[[Filters], T]:
    """``find``, which looks at each passage in ``database``, but once for each of the last filters
    until the library changes. What it gives is not to be changed: others get the same.
    """

    @lru_cache(_REMEMBERED)
    def found(revision: str, filters: Filters) -> T:
        return find(filters)

    def remembered(filters: Filters) -> T:
        rows = database.execute(_REVISION)
        return found(rows[0][0] if rows else "", filters)

    return remembered


def count(database: Database, filters: Filters) -> int:
    """The number of passages that the clearance of ``filters`` allows."""
    within = "" if filters.clearance == ALL else f" WHERE article IN ({OF_FILES})"
    of_all = f"SELECT count(*) FROM passages{within}"
    values = () if filters.clearance == ALL else (bound(filters.clearance),)
    return int(database.execute(of_all, values)[0][0])


def ids_of(database: Database, waiting: bool, filters: Filters) -> dict[str, NDArray[np.int64]]:
    """The ids by language of the passages that ``filters`` allow: of those with a vector, or of
    those ``waiting`` for one.
    """
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

"""What the library needs of its database, and the parts of statements that both kinds share.

Statements are written for SQLite, in what standard SQL has wherever it will do; ``postgres_sql``
translates the rest. So each verb of the library stands once, and finds the same in both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from assistant.models.clearance import HELD, TOP, WEB, Clearance

LISTED = "(SELECT value FROM json_each(?))"
"""SQL for the strings packed by ``listed``. The statement is the same for any number of them, so
it is prepared once."""

IDS = "(SELECT CAST(value AS INTEGER) FROM json_each(?))"
"""The same for numbers."""

RANKED = "(SELECT rowid, bm25(keywords) AS score FROM keywords WHERE keywords MATCH ?2)"
"""SQL for the passages with any of the terms packed by ``any_of``, the lowest score the best."""

COUNTED = (
    "(SELECT value AS term, (SELECT count(*) FROM (SELECT 1 FROM keywords "
    "WHERE keywords MATCH '\"' || value || '\"' LIMIT ?2)) AS doc FROM json_each(?1))"
)
"""SQL for the terms packed by ``listed`` with the number of passages that have each, at most ?2:
what is nearly everywhere takes milliseconds to count."""


class Database(Protocol):
    """A library's tables. Thread-safe; methods raise ``LibraryError``."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def execute(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run ``statement`` and return its rows."""

    def execute_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run ``statement`` once for the values of each of ``rows``."""

    def insert(self, table: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
        """Insert ``rows`` into ``columns``, by comma, of ``table``, as fast as can be."""

    def change(self) -> AbstractContextManager[None]:
        """A transaction: everything inside happens, or nothing does. One at a time."""

    def snapshot(self) -> AbstractContextManager[None]:
        """A consistent snapshot for the reads of this thread, whatever is written meanwhile."""

    def reserve_ids(self) -> None:
        """Give new rows none of the ids that were inserted with theirs."""

    def faults(self) -> Iterator[str]:
        """Errors that its own checks find."""

    def close(self) -> None:
        """Close all connections, those in use included."""


def listed(values: Iterable[int | str]) -> str:
    """``values`` packed into the one parameter of ``LISTED`` or ``IDS``."""
    return json.dumps(list(values), ensure_ascii=False)


def any_of(terms: Iterable[str]) -> str:
    """``terms``, of letters and digits only, packed into the parameter of ``RANKED``."""
    return " OR ".join(f'"{term}"' for term in sorted(set(terms)))


def visible(parameter: str, files: str = "files") -> str:
    """SQL condition that the source of a row of ``files`` may be shown.

    ``parameter``, such as "?1", is bound to ``bound(clearance)``.
    """
    # ``place_of`` in SQL.
    place = (
        f"CASE WHEN instr({files}.source, '{WEB}') > 0 THEN '{WEB}' "
        f"WHEN instr({files}.source, '/') IN (0, instr({files}.source, '{HELD}')) THEN '{TOP}' "
        f"ELSE substr({files}.source, 1, instr({files}.source, '/') - 1) END"
    )
    return f"({parameter} IS NULL OR {place} IN (SELECT value FROM json_each({parameter})))"


def bound(clearance: Clearance) -> str | None:
    """The value of the parameter for ``clearance``."""
    return None if clearance.open is None else json.dumps(sorted(clearance.open))

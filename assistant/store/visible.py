"""Clearances in SQL: the condition on rows of ``files`` that an asker may see."""

from __future__ import annotations

import json

from assistant.models.clearance import HELD, TOP, WEB, Clearance


def visible(parameter: str, files: str = "files") -> str:
    """SQL condition that the source of a row of ``files`` may be shown.

    ``parameter``, such as "?1", is bound to ``bound(clearance)``.
    """
    # ``place_of`` in SQL.
    place = (
        f"CASE WHEN instr({files}.source, '{WEB}') THEN '{WEB}' "
        f"WHEN instr({files}.source, '/') IN (0, instr({files}.source, '{HELD}')) THEN '{TOP}' "
        f"ELSE substr({files}.source, 1, instr({files}.source, '/') - 1) END"
    )
    return f"({parameter} IS NULL OR {place} IN (SELECT value FROM json_each({parameter})))"


def bound(clearance: Clearance) -> str | None:
    """The value of the parameter for ``clearance``."""
    return None if clearance.open is None else json.dumps(sorted(clearance.open))

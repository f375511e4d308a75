"""Rows of a table whose cell is a range that holds a number: "6 to 10" for "after 7 years".

No words for "less than" and "up to" are needed: where the cells of a column go up or down and
touch, the first and the last of them are open at their outer end.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from assistant.language.facts import Fact, Kind, facts
from assistant.models.table import row_cells

_Range = tuple[Decimal | None, Decimal | None]
"""The least and the most; None where it is open."""

_FEWEST = 2
"""Rows from which a column is one of ranges."""


def rows_in_range(rows: Sequence[str], stated: Sequence[Fact], language: str) -> list[int]:
    """Which of a table's ``rows``, without the first, hold one of the numbers ``stated``.

    Looks at the first column whose cells are ranges; empty if there is none, or all rows fit.
    """
    numbers = [fact for fact in stated if fact.kind is Kind.NUMBER]
    table = [row_cells(row) for row in rows]
    if not numbers or len(table) < _FEWEST:
        return []
    for column in zip(*table, strict=False):
        in_cells = [_numbers(cell, language) for cell in column]
        ranges = _ranges([[Decimal(fact.value) for fact in cell] for cell in in_cells])
        units = {fact.unit for cell in in_cells for fact in cell if fact.unit}
        for number in numbers:
            fits_unit = not number.unit or not units or number.unit in units
            inside = [i for i, one in enumerate(ranges) if _holds(one, Decimal(number.value))]
            if fits_unit and 0 < len(inside) < len(ranges):
                return inside
    return []


def _numbers(cell: str, language: str) -> list[Fact]:
    # "2021-2025" and "5001" are years to the eye of a reader of dates.
    return [
        fact
        for fact in facts(cell, language)
        if fact.kind is Kind.NUMBER or (fact.kind is Kind.DATE and fact.value.isdigit())
    ]


def _ranges(column: Sequence[Sequence[Decimal]]) -> list[_Range]:
    """The ranges of a column's cells, or none if they are not ranges that follow each other."""
    if not any(len(cell) == 2 for cell in column) or any(not 0 < len(c) <= 2 for c in column):
        return []
    rising = column[0][-1] <= column[-1][0]
    ordered = list(column) if rising else list(reversed(column))
    ranges: list[_Range] = []
    for place, cell in enumerate(ordered):
        if len(cell) == 2:
            ranges.append((cell[0], cell[1]))
        elif place == 0:
            ranges.append((None, cell[0]))
        elif place == len(ordered) - 1:
            ranges.append((cell[0], None))
        else:
            return []
    return ranges if rising else ranges[::-1]


def _holds(one: _Range, value: Decimal) -> bool:
    least, most = one
    return (least is None or value >= least) and (most is None or value <= most)

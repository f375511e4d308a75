"""The rows of a table that a question asks for: those it names, or the one that holds the most or
least of something ("the cheapest", "am längsten").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from functools import cache

from assistant.answer.quote.excerpts import Excerpt, named_lines
from assistant.language.facts import Kind, facts
from assistant.language.facts.fact import folded
from assistant.language.layout import Line
from assistant.language.lexicon import any_of, lexicon, lexicons
from assistant.language.tables import says_yes, share_named
from assistant.models.table import row_cells
from assistant.search.found import Question

AMONG = 5
"""A table is meant if one of its rows is among so many best excerpts."""

LEAST_NAMED = 0.5
"""Share of the words of a column's heading from which a question names the column."""

LEAST_FILLED = 0.6
"""Share of the rows that must hold a number for the column to be one of numbers."""

MOST_ROWS = 12
"""Rows of a table that are quoted if all of them are asked for."""

_MINUTES: Mapping[str, int] = {
    "minute": 1, "hour": 60, "day": 1_440, "week": 10_080, "month": 43_800, "year": 525_600,
}  # fmt: skip
_IN_HEADING = re.compile(r"\([^()]*\)|\[[^][]*\]")
_Column = list[tuple[Decimal, Line]]


class Extreme(StrEnum):
    """Which end of a column a question asks for."""

    MOST = "most"
    LEAST = "least"


def rows_asked(question: Question, ranked: Sequence[Excerpt], *, several: bool) -> list[Excerpt]:
    """The rows that answer ``question`` by themselves; empty if it asks for no rows.

    ``ranked`` are the excerpts that answer it, best first; ``several`` whether it asks for several
    things.
    """
    end = extreme(question.text, question.language)
    if end is not None and (rows := _extreme_rows(question, ranked, end)):
        return rows[:MOST_ROWS]
    return _rows_named(question, ranked[0], several=several)


def extreme(question: str, language: str) -> Extreme | None:
    """Which end a superlative in ``question`` asks for; None if there is none, or one of each."""
    picks, text = lexicon(language).picks, folded(question)
    patterns = {Extreme.MOST: picks.most, Extreme.LEAST: picks.least}
    wanted = [one for one, pattern in patterns.items() if _says(pattern, text)]
    return wanted[0] if len(wanted) == 1 else None


def _extreme_rows(question: Question, ranked: Sequence[Excerpt], wanted: Extreme) -> list[Excerpt]:
    """The rows with the most or least in the column that ``question`` speaks of.

    Of the first of the ``ranked`` excerpts that stands in a table with such a column; empty if none
    does. Several rows only if they hold the same.
    """
    for one in (e for e in ranked[:AMONG] if e.is_row):
        column = _column(question, one)
        if column:
            values = [value for value, _ in column]
            end = max(values) if wanted is Extreme.MOST else min(values)
            lines = [line for value, line in column if value == end]
            return [replace(one, first=line.first, last=line.last) for line in lines]
    return []


def _column(question: Question, one: Excerpt) -> _Column:
    """The numbers of the column that is asked about, and the row of each.

    Empty if the question names one row: it asks for what stands in that.
    """
    layout = one.found.layout
    rows = [line for line in layout.group(one.first) if not layout.is_header(line.first)]
    named = [line for line in rows if line in named_lines(question, one.found)]
    if len(named) == 1:
        return []
    rows = named or rows
    headings = layout.columns(one.first)
    cells = [row_cells(layout.text(line)) for line in rows]
    best: tuple[float, _Column] = (0.0, [])
    numeric: list[_Column] = []
    for place, heading in enumerate(headings[1:], 1):
        held = [(row[place] if place < len(row) else "") for row in cells]
        column = _numbers(held, rows, one.language)
        if len(column) < max(2, LEAST_FILLED * len(rows)):
            continue
        numeric.append(column)
        fits = _fit(question, heading, held, one.language)
        best = max(best, (fits, column), key=lambda each: each[0])
    if not best[1] and len(numeric) == 1 and not any(_dimensions_of(folded(question.text))):
        return numeric[0]
    return best[1]


def _fit(question: Question, heading: str, cells: Sequence[str], language: str) -> float:
    """How far a column is the one that ``question`` speaks of; 0 if nothing tells it is."""
    share = share_named(question.text, question.language, _IN_HEADING.sub("", heading), language)
    asked = _dimensions_of(folded(question.text))
    said = _dimensions_of(folded(f"{heading} {cells[0]}"))
    measured = any(one and other for one, other in zip(asked, said, strict=True))
    return (share if share >= LEAST_NAMED else 0.0) + measured


def _numbers(cells: Sequence[str], rows: Sequence[Line], language: str) -> _Column:
    """The number in each cell that holds one, without a row that sums up the others."""
    column: _Column = []
    for cell, line in zip(cells, rows, strict=True):
        stated = [
            fact for fact in facts(cell, language)
            if fact.kind is Kind.NUMBER or (fact.kind is Kind.DATE and fact.value.isdigit())
        ]  # fmt: skip
        if stated:
            value = Decimal(stated[0].value) * _MINUTES.get(stated[0].unit, 1)
            column.append((value, line))
    total = sum((value for value, _ in column), Decimal())
    return [(value, line) for value, line in column if len(column) < 3 or 2 * value != total]


def _dimensions_of(text: str) -> list[bool]:
    """For each thing that is measured, whether ``text`` speaks of it."""
    return [pattern.search(text) is not None for pattern in _dimensions()]


@cache
def _dimensions() -> list[re.Pattern[str]]:
    every = [one.picks.measured for one in lexicons().values()]
    names = sorted({name for one in every for name in one})
    patterns = (any_of(one[name] for one in every if name in one) for name in names)
    return [re.compile(rf"(?<!\w)(?:{pattern})(?!\w)") for pattern in patterns]


def _says(pattern: str, text: str) -> bool:
    return bool(pattern and re.search(rf"\b(?:{pattern})\b", text))


def _rows_named(question: Question, best: Excerpt, *, several: bool) -> list[Excerpt]:
    """The rows that ``question`` names of the table in which the ``best`` excerpt stands, if it
    asks for several, or for those with "yes" in a column.
    """
    layout = best.found.layout
    named = named_lines(question, best.found)
    if not best.is_row or layout.line(best.first) not in named:
        return []
    lines = [line for line in layout.group(best.first) if line in named]
    if not several and not all(says_yes(layout.text(line)) for line in lines):
        return []
    return [replace(best, first=line.first, last=line.last) for line in lines[:MOST_ROWS]]

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
from operator import and_

from assistant.answer.quote.excerpts import Excerpt, near_best
from assistant.answer.quote.form import MOST_LISTED
from assistant.answer.quote.named import named_lines
from assistant.language.facts import Kind, facts
from assistant.language.facts.fact import folded
from assistant.language.layout import Line
from assistant.language.lexicon import any_of, lexicon, lexicons, says
from assistant.language.tables import says_yes, share_named
from assistant.models.table import row_cells
from assistant.search.found import Question

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
        return rows[:MOST_LISTED]
    return _rows_named(question, ranked[0], several=several)


def extreme(question: str, language: str) -> Extreme | None:
    """Which end a superlative in ``question`` asks for; None if there is none, or one of each."""
    picks, text = lexicon(language).picks, folded(question)
    patterns = {Extreme.MOST: picks.most, Extreme.LEAST: picks.least}
    wanted = [one for one, pattern in patterns.items() if says(pattern, text)]
    return wanted[0] if len(wanted) == 1 else None


def _extreme_rows(question: Question, ranked: Sequence[Excerpt], wanted: Extreme) -> list[Excerpt]:
    """The rows with the most or least in the column that ``question`` speaks of.

    Of the first of the ``ranked`` excerpts near the best that stands in a table with such a column;
    empty if none does. Several rows only if they hold the same.
    """
    for one in (e for e in near_best(ranked) if e.is_row):
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
    held = named_lines(question, one.found)
    meant = [line for line in rows if line in held]
    if len(meant) == 1:
        return []
    rows = meant or rows
    asked = _dimensions_of(folded(question.text))
    headings = layout.columns(one.first)
    cells = [row_cells(layout.text(line)) for line in rows]
    best: tuple[float, _Column] = (0.0, [])
    numeric: list[_Column] = []
    for place, heading in enumerate(headings[1:], 1):
        texts = [(row[place] if place < len(row) else "") for row in cells]
        column = _numbers(texts, rows, one.language)
        if len(column) < max(2, len(rows) / 2):  # it is no column of numbers
            continue
        numeric.append(column)
        said = _dimensions_of(folded(f"{heading} {texts[0]}"))
        named = share_named(
            question.text, question.language, _IN_HEADING.sub("", heading), one.language
        )
        fits = named + any(map(and_, asked, said))
        best = max(best, (fits, column), key=lambda each: each[0])
    if not best[1] and len(numeric) == 1 and not any(asked):
        return numeric[0]
    return best[1]


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
    return [replace(best, first=line.first, last=line.last) for line in lines[:MOST_LISTED]]

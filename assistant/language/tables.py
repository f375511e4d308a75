"""Finds the rows of a table a question is about, by the cells it names or the range it is in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from assistant.language.facts import facts
from assistant.language.facts.holding import alike
from assistant.language.keywords import fold, terms, words
from assistant.language.layout import Layout, Line
from assistant.language.ranges import rows_in_range
from assistant.models.table import row_cells

YES = frozenset(("yes", "ja", "oui", "si", "sim", "tak", "x", "✓", "✔", "true"))
"""Cells that say that what heads their column holds, in lower case without accents."""


def rows_asked_for(
    question: str, asking: str, layout: Layout, table: Sequence[Line], language: str
) -> list[Line]:
    """The rows of ``table`` that ``question`` names; empty if it names none of them, or all.

    ``asking`` is the language of the question, ``language`` that of the table. A row is named by a
    range that holds one of its numbers, or by cells all of whose words stand in the question, the
    more such cells the better. "Yes" says what heads its column.
    """
    rows = [line for line in table if not layout.is_header(line.first)]
    texts = [layout.text(line) for line in rows]
    inside = rows_in_range(texts, facts(question, asking), language)
    if inside:
        return [rows[i] for i in inside]
    asked = _words(question, asking)
    told = [_told(layout.columns(row.first), text) for row, text in zip(rows, texts, strict=True)]
    counts = [_named(asked, cells, language) for cells in told]
    most = max(counts, default=(0, 0))
    named = [row for row, count in zip(rows, counts, strict=True) if count == most]
    return named if any(most) and len(named) < len(rows) else []


def _named(asked: frozenset[str], cells: Sequence[str], language: str) -> tuple[int, int]:
    """How many ``cells`` the words ``asked`` name: words first, as figures may agree by chance."""
    named = [cell for cell in cells if _names(asked, cell, language)]
    figures = sum(not any(map(str.isalpha, cell)) for cell in named)
    return len(named) - figures, figures


def named_aside(question: str, asking: str, layout: Layout, row: Line, language: str) -> bool:
    """Whether ``question`` names ``row`` by one cell alone that is not its first, as a city is that
    stands in the table of customers.
    """
    asked = _words(question, asking)
    cells = _told(layout.columns(row.first), layout.text(row))
    first, *others = (_names(asked, cell, language) for cell in cells)
    return not first and sum(others) == 1


def rows_holding(question: str, asking: str, layout: Layout, language: str) -> list[Line]:
    """The rows, of all tables, whose range holds a number that ``question`` states."""
    stated = facts(question, asking)
    found: list[Line] = []
    for table in filter(layout.is_table, layout.groups):
        rows = [line for line in table if not layout.is_header(line.first)]
        inside = rows_in_range([layout.text(line) for line in rows], stated, language)
        found += [rows[i] for i in inside]
    return found


def says_yes(row: str) -> bool:
    """Whether a cell of ``row`` says yes."""
    return any(_is_yes(cell) for cell in row_cells(row))


def share_named(question: str, asking: str, heading: str, language: str) -> float:
    """The share of the words of ``heading`` that stand in ``question``, in any form."""
    asked = _words(question, asking)
    held = words(heading)
    return sum(_names(asked, word, language) for word in held) / max(len(held), 1)


def _told(headings: Sequence[str], row: str) -> list[str]:
    """The cells of a ``row``, with what heads the column in place of "yes"."""
    return [
        heading if _is_yes(cell) else cell
        for heading, cell in zip_longest(headings, row_cells(row), fillvalue="")
    ]


def _is_yes(cell: str) -> bool:
    return fold(cell.casefold()) in YES


def _names(asked: frozenset[str], cell: str, language: str) -> bool:
    """Whether all the words of ``cell`` are among those of the question."""
    held = [fold(word) for word in words(cell)]
    if not held or all(word.isdigit() and len(word) < 2 for word in held):
        return False  # a single figure is named by chance
    stems = terms(cell, language)
    return all(
        word in asked or stem in asked or any(alike(word, other) for other in asked)
        for word, stem in zip(held, stems, strict=True)
    )


def _words(text: str, language: str) -> frozenset[str]:
    return frozenset((*map(fold, words(text)), *terms(text, language)))

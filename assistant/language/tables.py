"""Finds the rows of a table a question is about, by the cells it names or the range it is in."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.language.facts import facts
from assistant.language.facts.holding import alike
from assistant.language.keywords import fold, terms, words
from assistant.language.layout import Layout, Line
from assistant.language.ranges import rows_in_range
from assistant.models.table import row_cells


def rows_asked_for(
    question: str, asking: str, layout: Layout, table: Sequence[Line], language: str
) -> list[Line]:
    """The rows of ``table`` that ``question`` names; empty if it names none of them, or all.

    ``asking`` is the language of the question, ``language`` that of the table. A row is named by a
    range that holds one of its numbers, or by cells all of whose words stand in the question, the
    more such cells the better.
    """
    rows = [line for line in table if not layout.is_header(line.first)]
    texts = [layout.text(line) for line in rows]
    inside = rows_in_range(texts, facts(question, asking), language)
    if inside:
        return [rows[i] for i in inside]
    asked = _words(question, asking)
    counts = [sum(_names(asked, cell, language) for cell in row_cells(text)) for text in texts]
    most = max(counts, default=0)
    named = [row for row, count in zip(rows, counts, strict=True) if count == most]
    return named if most and len(named) < len(rows) else []


def rows_holding(question: str, asking: str, layout: Layout, language: str) -> list[Line]:
    """The rows, of all tables, whose range holds a number that ``question`` states."""
    stated = facts(question, asking)
    found: list[Line] = []
    for table in filter(layout.is_table, layout.groups):
        rows = [line for line in table if not layout.is_header(line.first)]
        inside = rows_in_range([layout.text(line) for line in rows], stated, language)
        found += [rows[i] for i in inside]
    return found


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

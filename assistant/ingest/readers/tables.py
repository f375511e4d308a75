"""Tables of every format: finds the heading rows, and fills cells that span others.

A row becomes one line of the text, "cell | cell | cell". A label that spans several rows is
repeated in each of them, so that every row says what it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from assistant.ingest.readers.draft import Piece
from assistant.models.table import merged_headings, row_text
from assistant.support.errors import ArticleError

MOST_ROWS = 50_000
"""Rows of one file."""

MOST_COLUMNS = 200

_UNNAMED_SHEET = re.compile(r"(?:sheet|tabelle|feuille?|hoja|foglio|blad|folha)\s?\d*", re.I)
"""The name of a sheet that nobody gave one."""

_LONGEST_HEADING = 60
_MOSTLY = 0.5
_ENDED = (".", "!", "?", ":", ";")
_YEAR = re.compile(r"(?:19|20)\d\d")
_FIGURE = re.compile(r"[\W_]*\d[\d\s.,'’:/%+-]*\W*(?:[^\W\d_]{1,4}\W*)?")  # "€ 1,200.50", "28 m"


class Spanned(str):
    """The text of a cell to the left that spans this one, in a row of a sheet."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell, which may span several columns or rows."""

    text: str
    columns: int = 1
    rows: int = 1


def table_pieces(rows: Iterable[Sequence[Cell]], headings: int = 0) -> Iterator[Piece]:
    """The rows of a table. The first ``headings`` hold the headings of its columns, as far as the
    file says; where it says nothing, whether the first one does is told by its looks.

    What spans a whole row above the headings is the table's title; a table of one column is text.
    """
    grid = [row for row in spread(rows) if any(text for text, _ in row)]
    width = max(map(len, grid), default=0)
    title = 0
    while title < len(grid) - 1 and width > 1 and _is_title(grid[title], width):
        yield Piece(grid[title][0][0])
        title += 1
    lines = [[text for text, _ in row] for row in grid[title:]]
    headings = max(0, headings - title)
    if headings == 0:
        headings = guessed_headings(lines)
    headings = headings if headings < len(lines) else 0
    for index, row in enumerate(grid[title:]):
        if index < headings:
            yield Piece(row_text(lines[index]), tight=index > 0, row="columns")
        else:
            text = row_text("" if again else text for text, again in row)
            yield Piece(text, tight=index > 0, row="row" if width > 1 else None)


def plain_rows(rows: Iterable[Iterable[str]]) -> Iterator[list[Cell]]:
    """Rows of cells of which none spans another, but where the others are ``Spanned``."""
    for row in rows:
        cells: list[Cell] = []
        for text in row:
            if cells and isinstance(text, Spanned):
                cells[-1] = replace(cells[-1], columns=cells[-1].columns + 1)
            else:
                cells.append(Cell(text))
        yield cells


def guessed_headings(rows: Sequence[Sequence[str]]) -> int:
    """How many of the first ``rows`` look like the headings of the others: one, two or none.

    Two where the upper one names some columns only, or several alike, and both together have a
    name of its own for each.
    """
    if reads_as_headings(rows):
        return 1
    above = [name for name in rows[0] if name] if len(rows) > 2 else []
    if not above or len(set(above)) == len(rows[1]) or not all(map(_is_name, above)):
        return 0
    return 2 if reads_as_headings([merged_headings(rows[:2]), *rows[2:]]) else 0


def reads_as_headings(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of ``rows`` looks like the headings of the others.

    It has a short name for every column, though maybe for the first, none twice and none a figure
    but years; and there are figures below a name, or three columns of words.
    """
    if len(rows) < 2:
        return False
    first, below = rows[0], rows[1:]
    names = [name for name in first if name]
    width = max(len(row) for row in rows)
    if len(names) < max(2, width - 1) or (len(names) < width and first[0]):
        return False
    if len(set(names)) < len(names) or any(not _is_name(name) for name in names):
        return False
    return any(_figures_below(column, first, below) for column in range(len(first))) or (
        len(first) > 2 and len(below) > 1
    )


def _is_name(text: str) -> bool:
    if _YEAR.fullmatch(text):
        return True
    return (
        len(text) <= _LONGEST_HEADING
        and not text.endswith(_ENDED)
        and not _FIGURE.fullmatch(text)
        and any(char.isalpha() for char in text)
    )


def _figures_below(column: int, first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    cells = [row[column] for row in below if column < len(row) and row[column]]
    figures = sum(any(char.isdigit() for char in cell) for cell in cells)
    named = not any(char.isdigit() for char in first[column]) or _YEAR.fullmatch(first[column])
    return bool(named) and figures > _MOSTLY * len(cells)


def _is_title(row: Sequence[tuple[str, bool]], width: int) -> bool:
    """Whether nothing but one cell stands in a row, across all columns."""
    return len(row) == width and not row[0][1] and all(again for _, again in row[1:])


def spread(rows: Iterable[Sequence[Cell]]) -> Iterator[list[tuple[str, bool]]]:
    """The rows with each cell in all the places that it spans: its text, and whether it stands to
    the left already.
    """
    hanging: dict[int, tuple[str, bool, int]] = {}  # by column: what goes on for some rows
    for row in rows:
        line: list[tuple[str, bool]] = []
        cells = list(reversed(row))
        while len(line) < MOST_COLUMNS and (cells or any(at >= len(line) for at in hanging)):
            if len(line) in hanging:
                text, again, left = hanging.pop(len(line))
                if left > 1:
                    hanging[len(line)] = (text, again, left - 1)
                line.append((text, again))
                continue
            cell = cells.pop() if cells else Cell("")
            for place in range(max(1, min(cell.columns, MOST_COLUMNS))):
                if cell.rows > 1:
                    hanging[len(line)] = (cell.text, place > 0, cell.rows - 1)
                line.append((cell.text, place > 0))
        yield line


def refuse_more_rows(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """``rows``. Raises ``ArticleError`` where there are more than ``MOST_ROWS``."""
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise ArticleError(
                f"it has more than the {MOST_ROWS:,} rows that are read. Split it into smaller "
                "files, or keep only the rows that are asked about."
            )
        yield row


def book_pieces(sheets: Iterable[tuple[str, Iterable[list[str]]]], count: int) -> Iterator[Piece]:
    """The ``sheets`` that hold anything, each a section under its name; the only one of ``count``
    needs no name that nobody gave it. Raises ``ArticleError`` for too many rows.
    """
    for name, rows in sheets:
        lines = list(sheet_pieces(refuse_more_rows(rows)))
        if lines and not (count == 1 and _UNNAMED_SHEET.fullmatch(name)):
            yield Piece(name, heading=True)
        yield from lines


def sheet_pieces(rows: Iterable[Sequence[str]]) -> Iterator[Piece]:
    """The tables of a sheet, which blank rows part, and the lines above and below them.

    What follows a blank row without headings of its own goes on in the table before it.
    """
    width = 0  # of the table before, if it has headings
    for filled, block in groupby(rows, key=any):
        if not filled:
            continue
        lines = [list(row) for row in block]
        first, last = _table_within(lines)
        yield from (Piece(row_text(_filled(line))) for line in lines[:first])
        table = _without_empty_columns(lines[first:last])
        pieces = list(table_pieces(plain_rows(table)))
        if pieces and pieces[0].row == "columns":
            width = len(table[0])
        elif pieces and first == 0 and width == len(table[0]):
            pieces[0] = replace(pieces[0], tight=True)
        yield from pieces
        yield from (Piece(row_text(_filled(line))) for line in lines[last:])


def _filled(line: Iterable[str]) -> list[str]:
    """The cells of a row that hold something themselves."""
    return [text for text in line if text and not isinstance(text, Spanned)]


def _table_within(lines: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Between which lines there is more than one cell in a line: the others are text."""
    several = [index for index, line in enumerate(lines) if len(_filled(line)) > 1]
    return (several[0], several[-1] + 1) if several else (len(lines), len(lines))


def _without_empty_columns(lines: Sequence[Sequence[str]]) -> list[list[str]]:
    width = max(map(len, lines), default=0)
    full = [[*line, *[""] * (width - len(line))] for line in lines]
    used = [at for at in range(width) if any(_filled(line[at] for line in full))]
    return [[line[at] for at in used] for line in full]

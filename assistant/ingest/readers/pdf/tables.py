"""Tables of a PDF: which lines are cells of one row, and in which column each stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from assistant.ingest.readers.draft import Piece
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.pdf.lines import Column, PdfLine
from assistant.ingest.readers.pdf.order import Row
from assistant.ingest.readers.tables import Cell, table_pieces

_NEARER = 0.85  # of the usual distance of two rows: lines so near are of one
_USUAL = 1.5  # heights of a letter from one line of a cell to the next
_BESIDE = 2.0  # points by which the lines of a cell stand out of its column
_TALLEST = 8  # lines of a cell


def whole_rows(rows: Sequence[Row]) -> list[Row]:
    """``rows`` of a run with the lines of a cell that was wrapped joined, whether the other cells
    of its row stand at its top, its middle or its foot.

    A row has more than one cell, the first column's among them. Lines that lack it belong to the
    nearest row, if that is nearer than rows are to each other.
    """
    found: list[Row] = []
    table: list[Row] = []
    for index, row in enumerate(rows):
        if len(row) > 1 or _is_cell(row[0], table, rows[index + 1 : index + _TALLEST]):
            table.append(row)
        else:
            found += [*_joined(table), row]
            table = []
    return [*found, *_joined(table)]


def table_rows(rows: Sequence[Row]) -> Iterator[Piece]:
    """The pieces of the rows of a table, the cells in the order of their columns. Headings that
    stand there again on another page are left out.
    """
    columns = _columns(rows)
    first = rows[0][0].page
    rows = [row for row in rows if row[0].page == first or _words(row) != _words(rows[0])]
    backwards = rows[0][0].left > rows[0][-1].left
    bold = all(line.bold for line in rows[0]) and not all(line.bold for line in rows[-1])
    cells = (_cells(row, columns) for row in rows)
    pieces = table_pieces((row[::-1] if backwards else row for row in cells), headings=int(bold))
    for row, piece in zip(rows, pieces, strict=True):
        yield replace(piece, pages=((row[0].page, 0),))


def _is_cell(line: PdfLine, above: Sequence[Row], below: Sequence[Row]) -> bool:
    """Whether a line by itself stands in one column of the rows around it."""
    rows = [row for row in above if len(row) > 1][-1:]
    rows += [row for row in below if len(row) > 1][:1] if rows else []
    if not rows or abs(line.size - rows[0][0].size) > 1:
        return False
    columns = _columns(rows)
    places = _places(line, columns)
    column = columns[places[0]]
    return len(places) == 1 and column.shares(line) > 0 and line.left > column.left - _BESIDE


def _joined(table: Sequence[Row]) -> Iterator[Row]:
    several = [row for row in table if len(row) > 1]
    columns = _columns(several) if several else []
    whole = [len(row) > 1 and any(columns[0].shares(line) > 0 for line in row) for row in table]
    starts = [index for index, is_whole in enumerate(whole) if is_whole]
    if not starts:
        yield from table
        return
    places = [(row[0].top + row[0].bottom) / 2 for row in table]
    gaps = [before - after for before, after in pairwise(places)]
    apart = [places[before] - places[after] for before, after in pairwise(starts)]
    near = _NEARER * min(apart, default=_USUAL * table[0][0].size)
    # Of the lines between two rows, those behind the widest gap belong to the second.
    cuts = [
        max(range(before + 1, after + 1), key=lambda index: (gaps[index - 1], index))
        for before, after in pairwise(starts)
    ]
    for start, begin, end in zip(starts, [0, *cuts], [*cuts, len(table)], strict=True):
        first, last = start, start + 1
        while first > begin and gaps[first - 1] < near:
            first -= 1
        while last < end and (gaps[last - 1] < near or _runs_on(table[last], gaps[last - 1])):
            last += 1
        yield from table[begin:first]
        yield _one_row(table[first:last], columns) if last - first > 1 else table[start]
        # What is left between two rows stands above those that it names together.
        within = end < len(table) and len(columns) > 1
        yield from (_label(row, columns) if within else row for row in table[last:end])


def _label(row: Row, columns: Sequence[Column]) -> Row:
    """A row of one cell, with an empty one beside it that makes it a row of the table."""
    beside = replace(row[0], text="", left=columns[-1].left, right=columns[-1].right)
    return (*row, beside) if len(row) == 1 and columns[0].shares(row[0]) > 0 else row


def _runs_on(row: Row, gap: float) -> bool:
    """Whether a row goes on in the middle of a sentence, where all lines are as far apart."""
    return len(row) == 1 and row[0].text[:1].islower() and gap < _USUAL * row[0].size


def _one_row(group: Sequence[Row], columns: Sequence[Column]) -> Row:
    lines = sorted((line for row in group for line in row), key=lambda line: -line.top)
    cells: dict[int, PdfLine] = {}
    for line in lines:
        at = _places(line, columns)[0]
        above = cells.get(at)
        cells[at] = replace(above, text=f"{above.text} {line.text}") if above else line
    return tuple(cells[at] for at in sorted(cells))


def _columns(rows: Sequence[Row]) -> list[Column]:
    """The columns of a table from the left: where lines of its fullest rows stand over each other,
    and lines that no row has both of.
    """
    most = max(map(len, rows))
    found: list[Column] = []
    fullest = [line for row in rows if len(row) == most for line in row]
    for line in sorted(fullest, key=lambda line: line.left):
        if found and line.left < found[-1].right:
            found[-1] = Column(found[-1].left, max(found[-1].right, line.right))
        else:
            found.append(Column(line.left, line.right))
    at = 1
    while len(found) > most and at < len(found):
        before, column = found[at - 1 : at + 1]
        if any(
            all(any(of.shares(line) > 0 for line in row) for of in (before, column)) for row in rows
        ):
            at += 1
        else:
            found[at - 1 : at + 1] = [Column(before.left, column.right)]
    return found


def _places(line: PdfLine, columns: Sequence[Column]) -> list[int]:
    """The columns that a line stands in, or else the nearest."""
    inside = [at for at, column in enumerate(columns) if column.shares(line) > 0]
    return inside or [max(range(len(columns)), key=lambda at: columns[at].shares(line))]


def _words(row: Row) -> list[str]:
    return [line.text for line in row]


def _cells(row: Row, columns: Sequence[Column]) -> list[Cell]:
    """The cells of a row from the left, empty where nothing stands in a column."""
    texts = [""] * len(columns)
    until = list(range(1, len(columns) + 1))
    for line in row:
        places = _places(line, columns)
        texts[places[0]] = f"{texts[places[0]]} {mend(line.text)}".strip()
        until[places[0]] = max(until[places[0]], places[-1] + 1)
    cells: list[Cell] = []
    for at, text in enumerate(texts):
        if text or sum(cell.columns for cell in cells) <= at:
            taken = next((more for more in range(at + 1, until[at]) if texts[more]), until[at])
            cells.append(Cell(text, taken - at))
    return cells

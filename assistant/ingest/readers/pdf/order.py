"""The order in which the lines of a page are read: column by column, each from the top."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from assistant.ingest.readers.pdf.lines import PdfLine

Row = tuple[PdfLine, ...]
"""Lines at one height, in the order in which they are read: more than one are cells of a table."""

_STEPS = 60  # places across the page where a gutter is looked for
_FEWEST = 5  # lines that make a column
_CROSSING = 0.3  # share of lines that may run across a gutter: titles, and what is below
_PROSE = 18  # letters of a column's usual line; the cells of a table have fewer
_ABREAST = 0.5  # share of the lower column that stands beside the other
_DEEPEST = 3
_NEXT_LINE = 1.6  # heights of a letter
_STRETCHED = 4  # words of a line that was spread over the column's width
_EVEN = 0.15  # share by which the spaces between them differ
_ENDED = re.compile(r"[.!?…:;][\"'»”’)\]]*$")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def columns(lines: Sequence[PdfLine], depth: int = 0) -> list[list[Row]]:
    """The runs of rows of one page in reading order, each within one column.

    Where lines run across two columns, what is above them is read before what is below.
    """
    if not lines:
        return []
    gutter = _gutter(lines) if depth < _DEEPEST else None
    if gutter is None:
        return [_rows(lines)]
    found: list[list[Row]] = []
    band: list[PdfLine] = []
    across: list[PdfLine] = []
    for line in sorted(lines, key=lambda line: -line.top):
        if line.left < gutter < line.right:
            found += _band(band, gutter, depth)
            band = []
            across.append(line)
        else:
            if across and not any(_belongs(line, other) for other in across):
                found.append(_rows(across))
                across = []
            # A short line beside one that runs across is a cell of its row, not of a column.
            (across if across else band).append(line)
    found += [_rows(across)] if across else []
    return found + _band(band, gutter, depth)


def _belongs(line: PdfLine, across: PdfLine) -> bool:
    """Whether ``line`` is a cell in the row of one that runs across, or the next of its title."""
    if line.beside(across):
        return True
    near = 0 < across.bottom - line.bottom < _NEXT_LINE * across.size
    return near and across.bold and line.bold and abs(line.size - across.size) < 1


def _band(lines: Sequence[PdfLine], gutter: float, depth: int) -> list[list[Row]]:
    left = [line for line in lines if line.right <= gutter]
    right = [line for line in lines if line.left >= gutter]
    sides = (right, left) if _right_to_left(lines) else (left, right)
    return [run for side in sides for run in columns(side, depth + 1)]


def _gutter(lines: Sequence[PdfLine]) -> float | None:
    """Where the white space between two columns of prose runs down the page; None: nowhere."""
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    best: tuple[int, float] | None = None
    for step in range(1, _STEPS):
        place = left + (right - left) * step / _STEPS
        before = [line for line in lines if line.right <= place]
        after = [line for line in lines if line.left >= place]
        crossing = len(lines) - len(before) - len(after)
        if crossing > _CROSSING * len(lines) or not _are_columns(before, after):
            continue
        if best is None or crossing < best[0]:
            best = crossing, place
    return best[1] if best else None


def _are_columns(before: Sequence[PdfLine], after: Sequence[PdfLine]) -> bool:
    if min(len(before), len(after)) < _FEWEST:
        return _flows(before) and _flows(after)
    if min(median(len(line.text) for line in side) for side in (before, after)) < _PROSE:
        return False
    tops = [max(line.top for line in side) for side in (before, after)]
    bottoms = [min(line.bottom for line in side) for side in (before, after)]
    shared = min(tops) - max(bottoms)
    heights = [top - bottom for top, bottom in zip(tops, bottoms, strict=True)]
    return shared > _ABREAST * min(heights)


def _flows(lines: Sequence[PdfLine]) -> bool:
    """Whether each of a few lines goes on in the sentence of the one above: no cells of a table."""
    ordered = sorted(lines, key=lambda line: -line.top)
    return len(ordered) > 1 and all(
        line.text[:1].islower()
        and not _ENDED.search(above.text)
        and above.bottom - line.bottom < _NEXT_LINE * line.size
        for above, line in pairwise(ordered)
    )


def _rows(lines: Sequence[PdfLine]) -> list[Row]:
    rows: list[list[PdfLine]] = []
    heights: dict[tuple[float, float], PdfLine] = {}  # of the last row: most lines are alike
    for line in sorted(lines, key=lambda line: -(line.top + line.bottom)):
        if rows and all(line.beside(other) for other in heights.values()):
            rows[-1].append(line)
        else:
            rows.append([line])
            heights = {}
        heights.setdefault((line.bottom, line.top), line)
    backwards = _right_to_left(lines)
    return [
        _closed(sorted(row, key=lambda line: -line.right if backwards else line.left))
        for row in rows
    ]


def _closed(row: Sequence[PdfLine]) -> Row:
    """``row``, as one line where it is one whose words stand evenly far apart: it was justified."""
    gaps = [after.left - before.right for before, after in pairwise(row)]
    words = all(" " not in line.text for line in row)
    if len(row) < _STRETCHED or not words or max(gaps) - min(gaps) > _EVEN * max(gaps):
        return tuple(row)
    text = " ".join(line.text for line in row)
    return (replace(row[0], text=text, right=row[-1].right),)


def _right_to_left(lines: Sequence[PdfLine]) -> bool:
    text = "".join(line.text for line in lines)
    return len(_RTL.findall(text)) * 2 > sum(char.isalpha() for char in text)

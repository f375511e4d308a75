"""Table rows as lines of text, and with their column headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile, zip_longest

BAR = " | "
"""Separates the cells of a row."""

_BAR = re.compile(r"(?:^|\s)\|(?=\s|$)\s?")
_BAR_IN_CELL = re.compile(r"(?<!\s)\s+\|(?=\s|$)\s*|(?:^|\s)\|\s+")


def row_text(cells: Iterable[str | None]) -> str:
    """Join the cells of a row into a line for ``row_cells`` to split; "" if all are empty."""
    words = [_BAR_IN_CELL.sub("|", " ".join((cell or "").split())) for cell in cells]
    while words and not words[-1]:
        words.pop()
    return BAR.join(words).strip()


def row_cells(line: str) -> list[str]:
    """Split a row, or part of one, into its cells."""
    return [line[start:end].strip() for start, end in cell_spans(line)]


def cell_spans(line: str) -> list[tuple[int, int]]:
    """The (start, end) of each cell in a row."""
    bars = [bar.span() for bar in _BAR.finditer(line)]
    starts = [0, *(end for _, end in bars)]
    return list(zip(starts, [*(start for start, _ in bars), len(line)], strict=True))


def merged_headings(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The heading of each column, merged from stacked heading rows."""
    columns = zip_longest(*rows, fillvalue="")
    return tuple(" ".join(dict.fromkeys(filter(None, cells))) for cells in columns)


def with_headings(headings: Sequence[str], line: str) -> str:
    """A row spelled out: "Years of service: 6 to 10 | Days: 29". ``line`` if no headings."""
    if not headings:
        return line
    pairs = zip_longest(headings, row_cells(line), fillvalue="")
    return BAR.join(
        f"{heading}: {cell}" if heading and heading != cell else cell
        for heading, cell in pairs
        if cell
    )


def in_context(headings: Sequence[Sequence[str]], text: str) -> str:
    """The text of a passage, after the column headings if it begins in the middle of a table.

    ``headings`` are those of each of its sentences, empty if it is not a row.
    """
    longest: Sequence[str] = max(takewhile(bool, headings), key=len, default=[])
    above = row_text(longest)
    return text if text.startswith(above) else f"{above}\n{text}"


def is_heading_row(headings: Sequence[str], line: str) -> bool:
    """Whether a row holds the column headings: its headings are its own cells."""
    return bool(headings) and list(headings) == row_cells(line)

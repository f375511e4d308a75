"""A row of a table as one line of text, and what the headings of its columns make of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile, zip_longest

BAR = " | "
"""Parts the cells of a row."""

_BAR = re.compile(r"(?:^|\s)\|(?=\s|$)\s?")
_BAR_IN_CELL = re.compile(r"\s+\|(?=\s|$)\s*|(?:^|\s)\|\s+")


def row_text(cells: Iterable[str | None]) -> str:
    """The cells of a row as a line, which ``row_cells`` takes apart again; "" if all are empty."""
    words = [_BAR_IN_CELL.sub("|", " ".join((cell or "").split())) for cell in cells]
    while words and not words[-1]:
        words.pop()
    return BAR.join(words).strip()


def row_cells(line: str) -> list[str]:
    """The cells of a row, or of a part of one."""
    return [line[start:end].strip() for start, end in cell_spans(line)]


def cell_spans(line: str) -> list[tuple[int, int]]:
    """Where the cells of a row begin and end in it."""
    bars = [bar.span() for bar in _BAR.finditer(line)]
    starts = [0, *(end for _, end in bars)]
    return list(zip(starts, [*(start for start, _ in bars), len(line)], strict=True))


def merged_headings(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The heading of each column, from the rows of headings above each other."""
    columns = zip_longest(*rows, fillvalue="")
    return tuple(" ".join(dict.fromkeys(filter(None, cells))) for cells in columns)


def with_headings(headings: Sequence[str], line: str) -> str:
    """A row in words: "Years of service: 6 to 10 | Days: 29". ``line`` alone without headings."""
    if not headings:
        return line
    pairs = zip_longest(headings, row_cells(line), fillvalue="")
    return BAR.join(
        f"{heading}: {cell}" if heading and heading != cell else cell
        for heading, cell in pairs
        if cell
    )


def in_context(headings: Sequence[Sequence[str]], text: str) -> str:
    """The words of a passage; after the headings of a table, if it begins in the middle of one.

    ``headings`` are those of each of its sentences, empty for one that is no row.
    """
    longest: Sequence[str] = max(takewhile(bool, headings), key=len, default=[])
    above = row_text(longest)
    return text if text.startswith(above) else f"{above}\n{text}"


def is_heading_row(headings: Sequence[str], line: str) -> bool:
    """Whether a row names the columns: its headings are its own cells."""
    return bool(headings) and list(headings) == row_cells(line)

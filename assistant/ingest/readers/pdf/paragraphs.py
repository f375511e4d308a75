"""Rows of a PDF become paragraphs, headings, list items and rows of tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from assistant.ingest.readers.draft import Piece, one_line
from assistant.ingest.readers.mending import joined, mend
from assistant.ingest.readers.pdf.lines import Column, PdfLine
from assistant.ingest.readers.pdf.order import Row
from assistant.ingest.readers.pdf.tables import table_rows, whole_rows

_HEADING_SIZE = 1.12  # times the size of the body
_SAME_SIZE = 0.06
_LONGEST_HEADING = 200
_MOST_HEADING_LINES = 4
_LOOSE = 1.35  # times the usual distance of two lines
_INDENT = 0.7  # of a letter's height
_RAGGED = 0.85  # share of lines that end before what counts as a column's right edge
_ITEM = re.compile(r"(?:[•▪‣◦○–—*·-]|\(?(?:\d{1,3}|[a-z])[.)])\s+\S")
_ENDED = re.compile(r"[.!?…:。！？।؟][\"'»”’)\]]*\d{0,3}$")
_LISTED = re.compile(r" … [\divxl]+$")  # a line of a table of contents
_WORD = re.compile(r"[\w’'-]+")


@dataclass(frozen=True, slots=True)
class _Page:
    """What is usual in a document: the size and weight of its text, the distance of its lines."""

    size: float
    bold: bool
    leading: float


def pdf_pieces(columns: Sequence[Sequence[Row]], titles: frozenset[str]) -> list[Piece]:
    """The blocks of a document, given its columns in reading order.

    ``titles`` are the headings that the document's own table of contents names, in lower case.
    """
    usual = _usual(columns)
    known = _words(columns)
    groups: list[list[PdfLine] | Row] = []
    for rows in columns:
        _add(whole_rows(rows), groups, usual)
    return list(_composed(groups, usual, known, titles))


def _usual(columns: Sequence[Sequence[Row]]) -> _Page:
    sizes: Counter[float] = Counter()
    weights: Counter[bool] = Counter()
    for line in (line for rows in columns for row in rows for line in row):
        sizes[round(line.size * 2) / 2] += len(line.text)
        weights[line.bold] += len(line.text)
    size = sizes.most_common(1)[0][0] if sizes else 0.0
    steps = [
        before[0].bottom - after[0].bottom
        for rows in columns
        for before, after in pairwise(rows)
        if abs(before[0].size - size) < 1 and abs(after[0].size - size) < 1
    ]
    steps = [step for step in steps if 0 < step < 3 * size]
    leading = median(steps) if steps else 1.2 * size
    return _Page(size, weights[True] > weights[False], min(leading, 2 * size))


def _words(columns: Sequence[Sequence[Row]]) -> frozenset[str]:
    """The words that stand whole within lines, in lower case."""
    found: set[str] = set()
    for line in (line for rows in columns for row in rows for line in row):
        inner = _WORD.findall(mend(line.text).lower())
        found.update(inner[:-1] if line.text.endswith("-") else inner)
    return frozenset(found)


def _add(rows: Sequence[Row], groups: list[list[PdfLine] | Row], usual: _Page) -> None:
    column = _edges(rows)
    before: PdfLine | None = None
    for row in rows:
        if len(row) > 1:
            groups.append(row)
            before = None
            continue
        line = row[0]
        last = groups[-1] if groups else None
        if not isinstance(last, list):
            groups.append([line])
        elif _goes_on(last, line, before is None, column, usual):
            last.append(line)
        else:
            groups.append([line])
        before = line


def _edges(rows: Sequence[Row]) -> Column:
    lines = [row[0] for row in rows if len(row) == 1] or [row[0] for row in rows]
    rights = sorted(line.right for line in lines)
    return Column(min(line.left for line in lines), rights[int(_RAGGED * (len(rights) - 1))])


def _like(before: PdfLine, line: PdfLine) -> bool:
    return before.bold == line.bold and _same_size(before, line)


def _same_size(before: PdfLine, line: PdfLine) -> bool:
    return abs(before.size - line.size) <= _SAME_SIZE * max(before.size, line.size) + 0.3


def _goes_on(
    paragraph: Sequence[PdfLine], line: PdfLine, elsewhere: bool, column: Column, usual: _Page
) -> bool:
    """Whether ``line`` belongs to the paragraph before it; ``elsewhere`` in another column."""
    if elsewhere:
        return _runs_over(paragraph, line, usual)
    return not _begins(paragraph, line, column, usual)


def _runs_over(paragraph: Sequence[PdfLine], line: PdfLine, usual: _Page) -> bool:
    """Whether a paragraph goes on at the top of the next column or page."""
    last = paragraph[-1]
    return (
        _same_size(last, line)
        and last.size < _HEADING_SIZE * usual.size
        and not _ENDED.search(last.text)
        and not _ITEM.match(line.text)
        and (line.text[:1].islower() or last.text.endswith("-"))
    )


def _begins(paragraph: Sequence[PdfLine], line: PdfLine, column: Column, usual: _Page) -> bool:
    """Whether ``line``, the next in its column, begins a paragraph of its own."""
    last = paragraph[-1]
    distance = last.bottom - line.bottom
    large = line.size >= _HEADING_SIZE * usual.size
    if distance > _LOOSE * (1.25 * line.size if large else max(usual.leading, line.size)):
        return True
    if not _same_size(last, line):
        return not (line.text[:1].islower() and not _ENDED.search(last.text) and not large)
    if large or not _like(last, line):
        return not _like(last, line) and _begins_otherwise(last, line)
    if _ITEM.match(line.text) or _LISTED.search(last.text):
        return True
    if last.text.endswith("-") and line.text[:1].islower():
        return False
    first = paragraph[0]
    if _ITEM.match(first.text):
        return line.left < first.left + 0.2 * line.size and bool(_ENDED.search(last.text))
    indent = line.left - column.left
    known = len(paragraph) > 1 or abs(last.left - column.left) < 0.2 * line.size
    if known and min(indent, line.left - last.left) > _INDENT * line.size:
        return True
    return _word_would_fit(last, line, column)


def _begins_otherwise(last: PdfLine, line: PdfLine) -> bool:
    """Whether a change of weight parts two lines, rather than stand within a sentence."""
    return last.bold or bool(_ENDED.search(last.text)) or not line.text[:1].islower()


def _word_would_fit(last: PdfLine, line: PdfLine, column: Column) -> bool:
    """Whether the line before ends early, though the first word of ``line`` would have fit."""
    letters = max(1, len(line.text))
    word = len(line.text.split(" ", 1)[0]) + 2
    return column.right - last.right > word * (line.right - line.left) / letters + line.size / 2


def _composed(
    groups: Sequence[Sequence[PdfLine]], usual: _Page, known: frozenset[str], titles: frozenset[str]
) -> Iterator[Piece]:
    item = False
    table: list[Row] = []
    for group in groups:
        if isinstance(group, tuple):
            table.append(group)
            item = False
            continue
        if table:
            yield from table_rows(table)
            table = []
        text, pages = _text(group, known)
        heading = _is_heading(group, text, usual) or text.lower() in titles
        listed = bool(_ITEM.match(text)) and not heading
        yield Piece(text, heading, tight=listed and item, pages=pages)
        item = listed
    if table:
        yield from table_rows(table)


def _text(
    lines: Sequence[PdfLine], known: frozenset[str]
) -> tuple[str, tuple[tuple[int, int], ...]]:
    text = ""
    pages: list[tuple[int, int]] = []
    for line in lines:
        words = one_line(mend(line.text)) or ""
        text = joined(text, words, known)
        if words and (not pages or pages[-1][0] != line.page):
            pages.append((line.page, len(text) - len(words)))
    return text, tuple(pages)


def _is_heading(lines: Sequence[PdfLine], text: str, usual: _Page) -> bool:
    if len(text) > _LONGEST_HEADING or len(lines) > _MOST_HEADING_LINES:
        return False
    if (
        not any(char.isalpha() for char in text)
        or text.endswith((".", ",", ";"))
        or _LISTED.search(text)
    ):
        return False
    if all(line.size >= _HEADING_SIZE * usual.size for line in lines):
        return True
    smaller = any(line.size < 0.95 * usual.size for line in lines)
    return all(line.bold for line in lines) and not usual.bold and not smaller

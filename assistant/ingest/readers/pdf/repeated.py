"""What stands at the head and the foot of page after page: titles, addresses, page numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.ingest.readers.pdf.lines import PdfLine

_MARGIN = 0.13  # of the page's height, at the top and at the bottom
_NUMBERED_MARGIN = 0.09  # the text begins below an inch
_DEEPEST = 4  # rows from the edge
_FEW_PAGES = 4
_HEIGHT = 12.0  # points: what repeats stands at one height, or half of that off
_ALIKE = -1  # instead of the place of a number that grows
_ALIGNED = 2.0  # points
_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"[ivxlc]+", re.I)
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_BARE_NUMBER = re.compile(
    r"[\W_]*+(?:p(?:age|ágina|\.)?|seite|s\.)?[\W_]*\d+(?:\s*(?:/|of|de|sur|von)\s*\d+)?[\W_]*",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Edge:
    """A line in the margin at the top of a page or at its foot. Only where it is ``numbered`` can a
    number that grows with the pages tell that it repeats: the text has such lines too.
    """

    line: PdfLine
    at_top: bool
    numbered: bool


def without_repeated(pages: Sequence[Sequence[PdfLine]]) -> list[list[PdfLine]]:
    """``pages`` without the lines in their margins that repeat, alike or but for a number that
    grows with the pages, and without the bare number of a page.

    A line repeats on three pages, of up to four on two. What repeats alike on the first page stays
    there, at its head; the headings of a table that goes on over pages stay where they are said
    first. All stays where nothing else is there.
    """
    found: dict[tuple[bool, str], list[tuple[int, _Edge]]] = defaultdict(list)
    edges = [_edges(lines) for lines in pages]
    for number, page_edges in enumerate(edges):
        for edge in page_edges:
            found[edge.at_top, _pattern(edge.line.text)].append((number, edge))
    fewest = 2 if len(pages) <= _FEW_PAGES else 3
    furniture = {id(line) for same in found.values() for line in _repeated(same, fewest)}
    for number, page_edges in enumerate(edges, 1):
        furniture |= {id(e.line) for e in page_edges if _is_number_of(e.line.text, number)}
    furniture -= _table_headings(pages, furniture)
    kept = [
        [
            line
            for line in lines  # a row goes as a whole: else it is one of a table
            if id(line) not in furniture
            or not all(id(other) in furniture for other in lines if line.beside(other))
        ]
        for lines in pages
    ]
    if not any(kept):
        return [list(lines) for lines in pages]
    feet = {
        id(edge.line)
        for (at_top, _), same in found.items()
        if not at_top and len({page for page, _ in same}) >= fewest
        for _, edge in same[:1]
    }
    return [_feet_first(kept[0], feet), *kept[1:]]


def _feet_first(lines: Sequence[PdfLine], feet: set[int]) -> list[PdfLine]:
    """The first page with what repeats at its foot above all else: the text goes on below it."""
    top = max((line.top for line in lines), default=0.0)
    return [
        replace(line, bottom=line.bottom + 2 * top, top=line.top + 2 * top)
        if id(line) in feet
        else line
        for line in lines
    ]


def _table_headings(pages: Sequence[Sequence[PdfLine]], furniture: set[int]) -> set[int]:
    """Those of the lines ``furniture`` that are, for the first time, cells above others."""
    found: set[int] = set()
    seen: set[tuple[str, ...]] = set()
    for lines in pages:
        rows = _rows(lines)
        for row, below in pairwise(rows):
            words = tuple(line.text for line in row)
            repeats = words in seen or not all(id(line) in furniture for line in row)
            if repeats or len(row) < 2 or all(id(line) in furniture for line in below):
                continue
            if sum(any(_aligned(cell, line) for cell in row) for line in below) > 1:
                seen.add(words)
                found |= {id(line) for line in row}
    return found


def _rows(lines: Sequence[PdfLine]) -> list[list[PdfLine]]:
    rows: list[list[PdfLine]] = []
    for line in sorted(lines, key=lambda line: -line.top):
        if rows and line.beside(rows[-1][0]):
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _aligned(cell: PdfLine, line: PdfLine) -> bool:
    return min(abs(cell.left - line.left), abs(cell.right - line.right)) < _ALIGNED


def _edges(lines: Sequence[PdfLine]) -> list[_Edge]:
    found = []
    for at_top in (True, False):
        inwards = sorted(lines, key=lambda line: -line.place if at_top else line.place)
        rows = 0
        for index, line in enumerate(inwards):
            depth = 1 - line.place if at_top else line.place
            rows += index == 0 or not line.beside(inwards[index - 1])
            if depth > _MARGIN or rows > _DEEPEST:
                break
            outermost = rows == 1 and depth < _NUMBERED_MARGIN
            found.append(_Edge(line, at_top, outermost or _is_bare(line.text)))
    return found


def _is_bare(text: str) -> bool:
    return bool(_BARE_NUMBER.fullmatch(text))


def _pattern(text: str) -> str:
    squeezed = "".join(text.split()).lower()
    return "#" if _ROMAN.fullmatch(squeezed) else _NUMBER.sub("#", squeezed)


def _repeated(same: Sequence[tuple[int, _Edge]], fewest: int) -> list[PdfLine]:
    """Those of the lines of one pattern that stand at one height and are alike, or number their
    pages, without those on the first page that are alike.
    """
    groups: dict[tuple[int, ...], set[int]] = defaultdict(set)
    keys: list[list[tuple[int, ...]]] = []
    for page, edge in same:
        line = edge.line
        numbers = _numbers(line.text)
        alike: list[tuple[int, ...]] = [(_ALIKE, *numbers)]
        if edge.numbered:  # then one of its numbers is as far from the page's as in the others
            alike += ((place, value - page) for place, value in enumerate(numbers))
        heights = ((0, int(line.bottom / _HEIGHT)), (1, int(line.bottom / _HEIGHT + 0.5)))
        keys.append([(*height, *key) for height in heights for key in alike])
        for key in keys[-1]:
            groups[key].add(page)
    found = []
    for (page, edge), own in zip(same, keys, strict=True):
        repeating = [key for key in own if len(groups[key]) >= fewest]
        first = all(key[2] == _ALIKE and page == min(groups[key]) for key in repeating)
        if repeating and not (first and page == 0 and not _is_bare(edge.line.text)):
            found.append(edge.line)
    return found


def _numbers(text: str) -> tuple[int, ...]:
    squeezed = "".join(text.split()).lower()
    if _ROMAN.fullmatch(squeezed):
        values = [_ROMAN_VALUES[letter] for letter in squeezed]
        after = [*values[1:], 0]
        return (sum(-v if v < next_ else v for v, next_ in zip(values, after, strict=True)),)
    return tuple(int(number[:9]) for number in _NUMBER.findall(text))


def _is_number_of(text: str, number: int) -> bool:
    return _is_bare(text) and _numbers(text)[0] == number

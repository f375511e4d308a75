"""What stands at the head and the foot of page after page: titles, addresses, page numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.ingest.readers.pdf.lines import Line

_MARGIN = 0.13  # of the page's height, at the top and at the bottom
_NUMBERED_MARGIN = 0.09  # the text begins below an inch
_DEEPEST = 4  # rows from the edge
_FEW_PAGES = 4
_HEIGHT = 12.0  # points: what repeats stands at one height, or half of that off
_ALIKE = -1  # instead of the place of a number that grows
_NEXT_ROW = 2.5  # heights of a letter
_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"[ivxlc]+", re.I)
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_BARE_NUMBER = re.compile(
    r"[\W_]*(?:p(?:age|ágina|\.)?|seite|s\.)?[\W_]*\d+(?:\s*(?:/|of|de|sur|von)\s*\d+)?[\W_]*", re.I
)


@dataclass(frozen=True, slots=True)
class _Edge:
    """A line in the margin at the top of a page or at its foot. Only where it is ``numbered`` can a
    number that grows with the pages tell that it repeats: the text has such lines too.
    """

    line: Line
    at_top: bool
    numbered: bool


def without_repeated(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """``pages`` without the lines in their margins that repeat, alike or but for a number that
    grows with the pages, and without the bare number of a page.

    A line repeats on three pages, of up to four on two. What repeats alike stays where it is said
    first, if that is on the first page (there at its head) or above a table whose headings it is.
    All stays where nothing else is there.
    """
    found: dict[tuple[bool, str], list[tuple[int, _Edge]]] = defaultdict(list)
    edges = [_edges(lines) for lines in pages]
    for number, page_edges in enumerate(edges):
        for edge in page_edges:
            found[edge.at_top, _pattern(edge.line.text)].append((number, edge))
    fewest = 2 if len(pages) <= _FEW_PAGES else 3
    furniture = {id(line) for same in found.values() for line in _repeated(same, fewest, pages)}
    for number, page_edges in enumerate(edges, 1):
        furniture |= {id(e.line) for e in page_edges if _is_number_of(e.line.text, number)}
    kept = [
        [
            line
            for line in lines  # a row goes as a whole: else it is one of a table
            if not all(id(other) in furniture for other in lines if line.beside(other))
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


def _feet_first(lines: Sequence[Line], feet: set[int]) -> list[Line]:
    """The first page with what repeats at its foot above all else: the text goes on below it."""
    top = max((line.top for line in lines), default=0.0)
    return [
        replace(line, bottom=line.bottom + 2 * top, top=line.top + 2 * top)
        if id(line) in feet
        else line
        for line in lines
    ]


def _edges(lines: Sequence[Line]) -> list[_Edge]:
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


def _repeated(
    same: Sequence[tuple[int, _Edge]], fewest: int, pages: Sequence[Sequence[Line]]
) -> list[Line]:
    """Those of the lines of one pattern that stand at one height and are alike, or number their
    pages, without the first of those that are alike where it says something.
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
        says = page == 0 or _heads_table(edge.line, pages[page])
        if repeating and not (first and says and not _is_bare(edge.line.text)):
            found.append(edge.line)
    return found


def _heads_table(line: Line, lines: Sequence[Line]) -> bool:
    """Whether ``line`` is a cell in a row of headings: each has one below it, in a row again."""
    row = [other for other in lines if line is other or line.beside(other)]
    below = [next((o for o in lines if _is_below(cell, o)), None) for cell in row]
    return (
        len(row) > 1
        and all(below)
        and all(one.beside(other) for one, other in pairwise(filter(None, below)))
    )


def _is_below(cell: Line, other: Line) -> bool:
    near = 0 < cell.bottom - other.bottom < _NEXT_ROW * cell.size
    return near and min(cell.right, other.right) > max(cell.left, other.left)


def _numbers(text: str) -> tuple[int, ...]:
    squeezed = "".join(text.split()).lower()
    if _ROMAN.fullmatch(squeezed):
        values = [_ROMAN_VALUES[letter] for letter in squeezed]
        after = [*values[1:], 0]
        return (sum(-v if v < next_ else v for v, next_ in zip(values, after, strict=True)),)
    return tuple(int(number[:9]) for number in _NUMBER.findall(text))


def _is_number_of(text: str, number: int) -> bool:
    return _is_bare(text) and _numbers(text)[0] == number

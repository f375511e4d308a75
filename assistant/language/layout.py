"""The layout of a passage: lines, lists, tables and their headings.

Readers write one line for each paragraph, item of a list and row of a table, a blank line between
paragraphs and none within a list or table, so the layout follows from the text between sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.models.records import StoredPassage
from assistant.models.table import BAR, is_heading_row

_QUESTION = re.compile(r"\W*?[?？؟]")  # from the end of a text, which is turned round
_MARK = re.compile(r"(?:\(?\d{1,3}[.)]|[a-zA-Z][.)]|[-–—•·*])\s*$")


@dataclass(frozen=True, slots=True)
class Line:
    """The sentences ``first`` to ``last`` of a passage, on one line."""

    first: int
    last: int


class Layout:
    """The lines of ``passage``, grouped.

    A group is a paragraph, list, table or heading: lines without a blank one between them.
    """

    def __init__(self, passage: StoredPassage) -> None:
        self._passage = passage
        self._bounds = [(int(start), int(end)) for start, end in passage.bounds]

    def text(self, line: Line) -> str:
        """The words of ``line``."""
        start, end = self._bounds[line.first][0], self._bounds[line.last][1]
        return self._passage.text[start - self._passage.start : end - self._passage.start]

    @cached_property
    def groups(self) -> list[list[Line]]:
        """All groups, in order."""
        groups: list[list[Line]] = []
        first = 0
        for row in range(len(self._bounds)):
            gap = self._gap(row)
            if gap == 0:
                continue
            if not groups or self._ends_group(first - 1):
                groups.append([])
            groups[-1].append(Line(first, row))
            first = row + 1
        return groups

    def group(self, row: int) -> list[Line]:
        """The group of the sentence ``row``."""
        return self.groups[self._place[row][0]]

    def line(self, row: int) -> Line:
        """The line of the sentence ``row``."""
        group, line = self._place[row]
        return self.groups[group][line]

    def is_heading(self, group: Sequence[Line]) -> bool:
        """Whether ``group`` is a heading."""
        return bool(self._passage.headings[group[0].first])

    def is_table(self, group: Sequence[Line]) -> bool:
        """Whether the lines of ``group`` are rows of a table."""
        if any(self.columns(line.first) for line in group):
            return True
        return len(group) > 1 and all(BAR in self.text(line) for line in group)

    def is_list(self, group: Sequence[Line]) -> bool:
        """Whether the lines of ``group`` are items of a list."""
        return len(group) > 1 and not self.is_heading(group) and not self.is_table(group)

    def is_header(self, row: int) -> bool:
        """Whether the sentence ``row`` is a row of column headings."""
        return is_heading_row(self.columns(row), self.text(Line(row, row)))

    def columns(self, row: int) -> tuple[str, ...]:
        """The headings of the columns of the table that the sentence ``row`` is in; or none."""
        return self._passage.columns[row] if self._passage.columns else ()

    def heading(self, row: int) -> Line | None:
        """The nearest heading above the sentence ``row``."""
        place = self._place[row][0] if not self._passage.headings[row] else -1
        headings = (g for g in reversed(self.groups[: max(place, 0)]) if self.is_heading(g))
        found = next(headings, None)
        return found[-1] if found else None

    def title(self, title: str) -> Line | None:
        """The line with the article's ``title``, which is not a section heading."""
        first = self.groups[0] if self.groups else []
        named = first and self.is_heading(first) and self.text(first[-1]) == title
        return first[-1] if named else None

    def under(self, heading: Line) -> list[list[Line]]:
        """The groups under ``heading``, up to the next heading."""
        at = self._place[heading.first][0]
        groups: list[list[Line]] = []
        for group in self.groups[at + 1 :]:
            if self.is_heading(group):
                break
            groups.append(group)
        return groups

    def asks(self, heading: Line) -> bool:
        """Whether ``heading`` is a question, as in an FAQ."""
        return bool(_QUESTION.match(self.text(heading)[::-1]))

    @cached_property
    def _place(self) -> list[tuple[int, int]]:
        """The group, and the line in it, of each sentence."""
        return [
            (g, i)
            for g, group in enumerate(self.groups)
            for i, line in enumerate(group)
            for _ in range(line.first, line.last + 1)
        ]

    def _gap(self, row: int) -> int:
        """Line ends after the sentence ``row``: 2 for a blank line, and at the end."""
        if row + 1 >= len(self._bounds):
            return 2
        start = self._bounds[row][1] - self._passage.start
        end = self._bounds[row + 1][0] - self._passage.start
        return self._passage.text.count("\n", start, end)

    def _ends_group(self, row: int) -> bool:
        if self._gap(row) > 1:
            return True
        return bool(self._passage.headings[row]) != bool(self._passage.headings[row + 1])


def is_question(text: str) -> bool:
    """Whether ``text`` is a question, and so no answer."""
    return bool(_QUESTION.match(text[::-1]))


def unnumbered(sentence: str) -> bool:
    """Whether ``sentence`` is only the number or bullet of a list item."""
    return bool(_MARK.fullmatch(sentence.strip()))


def sections(layout: Layout) -> Iterator[tuple[Line | None, list[list[Line]]]]:
    """Each heading with the groups under it; None for those before the first."""
    heading: Line | None = None
    groups: list[list[Line]] = []
    for group in layout.groups:
        if layout.is_heading(group):
            if groups:
                yield heading, groups
            heading, groups = group[-1], []
        else:
            groups.append(group)
    if groups:
        yield heading, groups

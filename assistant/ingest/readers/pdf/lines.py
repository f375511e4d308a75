"""The lines of a PDF page: runs of letters, each with its place, as if the page stood upright."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from assistant.ingest.readers.pdf.letters import Letter, is_bold, letter_runs, quarters, turned
from assistant.ingest.readers.raised import lowered, raised

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

_CLOSE = 0.12
_OVERLAP = 0.3  # share of the lower one's height that a superscript shares with its line
_SMALL = 0.8  # of a run's tallest letter: smaller ones are raised or lowered
_RAISE = 0.2  # heights of the tallest letter above its foot
_LONGEST_RAISED = 12
_LONGEST_CAP = 2  # letters, an apostrophe with them
_CAP_SIZE = 1.7  # times the letters beside it
_LOWER = 0.1
_NUMBER = re.compile(r"[•▪‣◦○–—*·-]|\(?(?:\d{1,3}|[A-Za-z])(?:\.\d{1,3}){0,4}[.)]?|\d{1,3}\.")
_NUMBER_GAP = 4.0  # heights of a letter between the number of a heading or item and its words
_LEADERS = re.compile(r"(?:\s?[.·…_]){4,}\s*")


@dataclass(frozen=True, slots=True)
class PdfLine:
    """A run of text without wide gaps. Units are points; ``bottom`` < ``top``, as PDF has it.

    ``size`` is the height of its letters, ascent and descent included; ``place`` is where on the
    page the line stands, from 0 at its foot to 1 at its head.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float
    bold: bool
    page: int
    place: float = 0.5

    def beside(self, other: PdfLine) -> bool:
        """Whether both stand at the same height, so that one is read after the other."""
        shared = min(self.top, other.top) - max(self.bottom, other.bottom)
        return shared > 0.5 * min(self.top - self.bottom, other.top - other.bottom)


@dataclass(frozen=True, slots=True)
class Column:
    """The edges of a column of text or of a table, in points."""

    left: float
    right: float

    def shares(self, line: PdfLine) -> float:
        """The width that ``line`` has in the column; negative if it is beside it."""
        return min(self.right, line.right) - max(self.left, line.left)


def page_lines(page: PdfPage, number: int) -> list[PdfLine]:
    """The lines of ``page`` in the order in which the file draws them.

    They are turned so that most of them run from left to right; those that run otherwise, such as
    the stamp in a margin, come last.
    """
    textpage = page.get_textpage()
    runs = [
        run for run in letter_runs(textpage) if any(not letter.char.isspace() for letter in run)
    ]
    angles = [quarters(textpage, run) for run in runs]
    weights = Counter[int]()
    for run, angle in zip(runs, angles, strict=True):
        weights[angle] += len(run)
    upright = max(weights, key=lambda angle: weights[angle], default=0)
    lines: list[PdfLine] = []
    others: list[PdfLine] = []
    frame = turned(Letter("", *_frame(page), 0), upright)
    for run, angle in zip(runs, angles, strict=True):
        line = _line(textpage, [turned(letter, angle) for letter in run], number)
        if angle == upright and frame.top > frame.bottom:
            place = (line.bottom + line.top) / 2 - frame.bottom
            line = replace(line, place=place / (frame.top - frame.bottom))
        (lines if angle == upright else others).append(line)
    textpage.close()
    floor = min((line.bottom for line in lines), default=0.0)
    for line in others:  # below all else
        floor -= 2 * line.size
        lines.append(replace(line, left=0.0, right=0.0, bottom=floor, top=floor + line.size))
    return _with_large_letters(_merged(lines))


def _frame(page: PdfPage) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of what is shown of the page."""
    left, bottom, right, top = page.get_bbox()
    return left, right, bottom, top


def _line(textpage: PdfTextPage, letters: list[Letter], number: int) -> PdfLine:
    tall = [letter for letter in letters if letter.top > letter.bottom] or letters
    return PdfLine(
        _LEADERS.sub(" … ", _looking(letters, tall)).strip(),
        min(letter.left for letter in letters),
        max(letter.right for letter in letters),
        median(letter.bottom for letter in tall),
        median(letter.top for letter in tall),
        median(letter.top - letter.bottom for letter in tall),
        is_bold(textpage, letters[len(letters) // 2]),
        number,
    )


def _looking(letters: list[Letter], tall: list[Letter]) -> str:
    """The words of a run, with marks around its letters that are smaller and above or below."""
    size = max(letter.top - letter.bottom for letter in tall)
    base = [letter for letter in tall if letter.top - letter.bottom > _SMALL * size]
    bottom = median(letter.bottom for letter in base)
    if 2 * len(base) < len(tall):  # a large first letter, not small ones
        return "".join(letter.char for letter in letters)
    words = ""
    for letter in letters:
        height = letter.top - letter.bottom
        small = 0 < height <= _SMALL * size
        above, below = letter.bottom - bottom, bottom + size - letter.top
        if small and letter.char.isalnum() and above > _RAISE * size:
            words += raised(letter.char)
        elif small and letter.char.isdigit() and above < _LOWER * size < below:
            words += lowered(letter.char)
        else:
            words += letter.char
    return words


def _merged(lines: list[PdfLine]) -> list[PdfLine]:
    """``lines`` with the parts of one joined again, which a superscript had parted."""
    found: list[PdfLine] = []
    for line in lines:
        before = found[-1] if found else None
        if before is not None and (_goes_on(before, line) or _numbers(before, line)):
            apart = line.left - before.right > _CLOSE * max(before.size, line.size)
            larger = max(before, line, key=lambda part: (part.size, len(part.text)))
            parts = [_beside(part, larger) for part in (before, line)]
            found[-1] = replace(
                larger,
                text=(" " if apart else "").join(parts),
                left=min(before.left, line.left),
                right=max(before.right, line.right),
            )
        else:
            found.append(line)
    return found


def _with_large_letters(lines: list[PdfLine]) -> list[PdfLine]:
    """``lines`` with a large first letter put before the rest of its word, which begins the first
    of the lines beside it.
    """
    found = list(lines)
    for cap in lines:
        if len(cap.text) > _LONGEST_CAP or not cap.text[:1].isupper():
            continue
        beside = [
            line
            for line in found
            if _CAP_SIZE * line.size < cap.size
            and line.top > cap.bottom
            and line.bottom < cap.top
            and -0.3 * line.size < line.left - cap.right < line.size
        ]
        if beside:
            first = max(beside, key=lambda line: line.top)
            found[found.index(first)] = replace(first, text=cap.text + first.text, left=cap.left)
            found.remove(cap)
    return found


def _beside(part: PdfLine, line: PdfLine) -> str:
    """The words of ``part`` as they stand beside those of ``line``: raised, lowered, or neither."""
    if part is line or part.size > _SMALL * line.size or len(part.text) > _LONGEST_RAISED:
        return part.text
    if part.bottom - line.bottom > _RAISE * line.size:
        return raised(part.text)
    below = line.top - part.top > _RAISE * line.size
    return lowered(part.text) if below and part.text.isdigit() else part.text


def _goes_on(before: PdfLine, line: PdfLine) -> bool:
    lower = min(before.top - before.bottom, line.top - line.bottom)
    shared = min(before.top, line.top) - max(before.bottom, line.bottom)
    gap = line.left - before.right
    size = max(before.size, line.size)
    return shared > _OVERLAP * lower and -0.3 * size < gap < 0.5 * size


def _numbers(before: PdfLine, line: PdfLine) -> bool:
    """Whether ``before`` is the number or the bullet of the heading or item ``line``."""
    return bool(
        _NUMBER.fullmatch(before.text)
        and line.text[:1].isalpha()
        and before.beside(line)
        and 0 < line.left - before.right < _NUMBER_GAP * line.size
    )

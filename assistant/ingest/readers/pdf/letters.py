"""The letters of a PDF page as PDFium tells them, each with its place."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdfium2 import PdfTextPage

_HYPHEN = 2  # how PDFium tells a hyphen that it takes for one of the line's end
_BREAKS = frozenset({0, 10, 13})
_SPACES = frozenset({9, 32, 160})
_WIDE_GAP = 1.0  # heights of a letter: between the cells of a table, never between words
_QUARTER = math.pi / 2
_BOLD = 600


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter. Units are points; ``index`` is its place among those of the page."""

    char: str
    left: float
    right: float
    bottom: float
    top: float
    index: int


def letter_runs(textpage: PdfTextPage) -> Iterator[list[Letter]]:
    """The letters in the order in which the file draws them, parted by line ends and wide gaps."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    run: list[Letter] = []
    space = False
    for index in range(textpage.count_chars()):
        code = code_point(textpage, index)
        if code is None:  # the second half of the letter before
            continue
        if code in _BREAKS:
            yield run
            run, space = [], False
            continue
        if code in _SPACES:
            space = bool(run)
            continue
        if not pdfium.FPDFText_GetLooseCharBox(textpage, index, ctypes.byref(box)):
            continue
        char = "-" if code == _HYPHEN else _character(code)
        left, right = sorted((box.left, box.right))
        bottom, top = sorted((box.bottom, box.top))
        letter = Letter(char, left, right, bottom, top, index)
        if run and _far(run[-1], letter):
            yield run
            run, space = [], False
        if space:
            run.append(replace(run[-1], char=" "))
            space = False
        run.append(letter)
        if code == _HYPHEN:
            yield run
            run = []
    yield run


def code_point(textpage: PdfTextPage, index: int) -> int | None:
    """The code point of a letter. PDFium gives those beyond U+FFFF as two halves: None for the
    second.
    """
    import pypdfium2.raw as pdfium

    code: int = pdfium.FPDFText_GetUnicode(textpage, index)
    if 0xD800 <= code < 0xDC00:
        low: int = pdfium.FPDFText_GetUnicode(textpage, index + 1)
        if 0xDC00 <= low < 0xE000:
            return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
    if 0xDC00 <= code < 0xE000 and index:
        high = pdfium.FPDFText_GetUnicode(textpage, index - 1)
        if 0xD800 <= high < 0xDC00:
            return None
    return code


def _character(code: int) -> str:
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else "\ufffd"


def _far(before: Letter, letter: Letter) -> bool:
    """Whether a wide gap lies between two letters, in any direction."""
    height = max(letter.top - letter.bottom, letter.right - letter.left)  # of any angle
    across = max(letter.left - before.right, before.left - letter.right)
    along = max(letter.bottom - before.top, before.bottom - letter.top)
    return max(across, along) > _WIDE_GAP * max(height, 1.0)


def quarters(textpage: PdfTextPage, run: list[Letter]) -> int:
    """By how many quarters of a turn, clockwise, the run is turned."""
    import pypdfium2.raw as pdfium

    angle = pdfium.FPDFText_GetCharAngle(textpage, run[0].index)
    return round(angle / _QUARTER) % 4 if angle > 0 else 0


def turned(letter: Letter, quarters: int) -> Letter:
    """``letter`` as it stands when the page is turned back by so many quarters."""
    left, right, bottom, top = letter.left, letter.right, letter.bottom, letter.top
    if quarters == 3:
        left, right, bottom, top = bottom, top, -right, -left
    elif quarters == 2:
        left, right, bottom, top = -right, -left, -top, -bottom
    elif quarters == 1:
        left, right, bottom, top = -top, -bottom, left, right
    return replace(letter, left=left, right=right, bottom=bottom, top=top)


def is_bold(textpage: PdfTextPage, letter: Letter) -> bool:
    """Whether the font of a letter is bold, by its weight or its name."""
    import pypdfium2.raw as pdfium

    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(textpage, letter.index, name, len(name), ctypes.byref(flags))
    weight = pdfium.FPDFText_GetFontWeight(textpage, letter.index)
    return weight >= _BOLD or b"bold" in name.value.lower()

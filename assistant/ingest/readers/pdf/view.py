"""Draws a page of a PDF, and finds words on it."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from assistant.ingest.readers.pdf import open_pdf
from assistant.ingest.readers.pdf.letters import code_point
from assistant.models.page_view import MarkedBox, PageView, WordsOnPage
from assistant.support.errors import ArticleError

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

WIDEST, TALLEST = 1_400, 2_400
"""Pixels of a picture: legible on a large screen, and few even for a poster."""

_QUALITY = 80
_SHORTEST_PART = 12
"""Letters of the shortest part of a quote that is looked for by itself."""

_DEVICE = 100_000  # units of the device that boxes are measured on

Letters = tuple[str, list[int]]
"""The letters and digits of a text in lower case, and the place of each in the text."""


def view_page(data: bytes, number: int, wanted: WordsOnPage) -> PageView:
    """The page ``number``, from 1, of a PDF, with the boxes of the ``wanted`` words.

    Raises ``ArticleError`` if there is no such page, or it cannot be drawn.
    """
    import pypdfium2
    import pypdfium2.raw as pdfium

    with open_pdf(data) as document:
        if not 1 <= number <= len(document):
            raise ArticleError(f"it has no page {number}.")
        document.init_forms()  # before any page, so that forms are drawn as they were filled in
        try:
            # As it is read: what was filled into a form is text of the page.
            pdfium.FPDFPage_Flatten(document[number - 1], pdfium.FLAT_NORMALDISPLAY)
            page = document[number - 1]
            width, height = page.get_size()
            scale = min(WIDEST / max(width, 1), TALLEST / max(height, 1))
            picture = page.render(scale=scale).to_pil()
        except pypdfium2.PdfiumError as error:
            raise ArticleError(f"its page {number} cannot be drawn: {error}.") from error
        file = BytesIO()
        picture.save(file, "webp", quality=_QUALITY, method=2)
        found = tuple(_boxes(page, wanted)) if wanted.words else ()
        return PageView(file.getvalue(), picture.width, picture.height, found)


def places_of(page: Letters, wanted: WordsOnPage) -> list[tuple[int, int]]:
    """Where the words are among the letters of a page: one place, or several parts in order.

    Only letters and digits count: hyphens at line ends, the bars between cells and the bullets of
    items are the article's or the page's alone. Words that are not found as a whole, because
    something stands between them on the page, are looked for in ever smaller parts.
    """
    words, before = _letters(wanted.words)[0], _letters(wanted.before)[0]
    found = _occurrences(page[0], words)
    if found:
        at = found[min(before.count(words), len(found) - 1)]
        return [(at, at + len(words))]
    parts = list(_parts(page[0], words, 0))
    most = 2 * sum(end - start for start, end in parts) >= len(words)
    return parts if most else []  # a few letters are alike on any page


def _parts(page: str, words: str, begin: int) -> Iterator[tuple[int, int]]:
    at = page.find(words, begin) if len(words) >= _SHORTEST_PART else -1
    if at >= 0:
        yield at, at + len(words)
    elif len(words) >= 2 * _SHORTEST_PART:
        middle = len(words) // 2
        for half in (words[:middle], words[middle:]):
            for place in _parts(page, half, begin):
                yield place
                begin = place[1]


def _occurrences(page: str, words: str) -> list[int]:
    found: list[int] = []
    at = page.find(words) if words else -1
    while at >= 0:
        found.append(at)
        at = page.find(words, at + len(words))
    return found


def _letters(text: str) -> Letters:
    return _folded((char, place) for place, char in enumerate(text))


def _folded(chars: Iterator[tuple[str, int]]) -> Letters:
    letters: list[str] = []
    places: list[int] = []
    for char, place in chars:
        plain = [one for one in unicodedata.normalize("NFKC", char).casefold() if one.isalnum()]
        letters += plain
        places += [place] * len(plain)
    return "".join(letters), places


def _boxes(page: PdfPage, wanted: WordsOnPage) -> Iterator[MarkedBox]:
    textpage = page.get_textpage()
    codes = ((code_point(textpage, at), at) for at in range(textpage.count_chars()))
    letters = _folded((chr(code), at) for code, at in codes if code and code <= 0x10FFFF)
    for start, end in places_of(letters, wanted):
        first, last = letters[1][start], letters[1][end - 1]
        textpage.count_rects()  # PDFium wants it before the next call
        for index in range(textpage.count_rects(first, last - first + 1)):
            yield _box(page, textpage, index)


def _box(page: PdfPage, textpage: PdfTextPage, index: int) -> MarkedBox:
    """A rectangle of the text page as it stands on the picture, also of a turned page."""
    import pypdfium2.raw as pdfium

    left, bottom, right, top = textpage.get_rect(index)
    corners = []
    for x, y in ((left, bottom), (right, top)):
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page, 0, 0, _DEVICE, _DEVICE, 0, x, y, across, down)
        corners.append((across.value / _DEVICE, down.value / _DEVICE))
    (x0, x1), (y0, y1) = (sorted(axis) for axis in zip(*corners, strict=True))
    return MarkedBox(x0, y0, x1 - x0, y1 - y0)

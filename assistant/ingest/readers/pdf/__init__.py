"""PDF: its text in reading order, page by page, by PDFium; by Tesseract where it is a scan.

The layout is kept by hand: PyMuPDF is under the AGPL, docling downloads models, and pypdf and
pdfminer.six tell neither headings and tables nor what repeats on every page.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.ingest.readers.archive import damaged
from assistant.ingest.readers.draft import Draft, Piece, compose, one_line, page_starts
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.metadata import plausible_author, plausible_date, plausible_title
from assistant.ingest.readers.pdf.boxes import boxes, with_boxes
from assistant.ingest.readers.pdf.garbled import is_garbled
from assistant.ingest.readers.pdf.lines import PdfLine, page_lines
from assistant.ingest.readers.pdf.ocr import OFF, recognised, tesseract_languages
from assistant.ingest.readers.pdf.order import columns
from assistant.ingest.readers.pdf.paragraphs import pdf_pieces
from assistant.ingest.readers.pdf.repeated import without_repeated
from assistant.support.errors import ArticleError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

logger = logging.getLogger(__name__)

_MOST_PAGES = 5_000
_MOST_BOOKMARKS = 5_000
_OPENING = 5  # pieces among which a title is looked for
_SHORTEST_TITLE = 4
_SCANNED = (
    "it holds no text: its pages are pictures, or empty. Put in a PDF with text, or have the "
    "pictures read: install Tesseract and set ASSISTANT_OCR=on."
)
_READ_THEM = "Set ASSISTANT_OCR=on to have them read."
_GARBLED = (
    "its fonts do not tell which letters its text is made of. Put in a PDF made otherwise, or have "
    "its pages read as pictures: install Tesseract and set ASSISTANT_OCR=on."
)


def read_pdf(data: bytes, ocr: str = OFF) -> Draft:
    """A PDF, without what repeats at the head and foot of its pages.

    ``ocr`` is "off", "on", or the languages in which Tesseract reads pages that hold no text, or
    one whose letters are not known ("eng+fra"); where it is off, they are left out with a warning.
    Raises ``ArticleError`` where it is damaged, protected by a password, or holds no text that can
    be had.
    """
    with open_pdf(data) as document:
        count = len(document)
        if count > _MOST_PAGES:
            raise ArticleError(f"it has {count} pages, more than {_MOST_PAGES}. Split it.")
        pages = _pages(document, count)
        garbled = [index for index, lines in enumerate(pages) if is_garbled(lines)]
        for index in garbled:
            pages[index] = []
        if ocr == OFF and not _holds_text(pages):
            raise ArticleError(_GARBLED if garbled else _SCANNED)
        if ocr == OFF and garbled:
            numbers = ", ".join(str(index + 1) for index in garbled)
            logger.warning(
                "Left out pages whose letters are not known: %s. %s", numbers, _READ_THEM
            )
        runs = [run for page in without_repeated(pages) for run in columns(page)]
        pieces = pdf_pieces(runs, _bookmarks(document))
        wordless = [index for index, lines in enumerate(pages) if not _holds_text([lines])]
        if ocr != OFF and wordless:
            languages = tesseract_languages(ocr)
            pieces += (
                Piece(text, pages=((index + 1, 0),))
                for index in wordless
                for text in recognised(document[index], languages)
            )
            pieces.sort(key=lambda piece: piece.pages[0][0])
        return _draft(document, pieces, count)


def open_pdf(data: bytes) -> PdfDocument:
    """The document. Raises ``ArticleError`` where it is damaged or protected by a password."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        len(document)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise ArticleError("it is protected by a password. Save it without one.") from error
        raise damaged(str(error).partition("(")[2].rstrip(").") or error) from error
    return document


def _pages(document: PdfDocument, count: int) -> list[list[PdfLine]]:
    import pypdfium2
    import pypdfium2.raw as pdfium

    document.init_forms()  # before any page, so that the boxes of forms are known
    found = []
    broken = 0
    for index in range(count):
        try:
            page = document[index]
            marks = boxes(document, page)
            # What was filled into a form, and written over the page, is text too.
            pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
            page.close()
            page = document[index]
            lines = page_lines(page, index + 1)
            found.append(with_boxes(lines, marks, index + 1) if marks else lines)
            page.close()
        except pypdfium2.PdfiumError as error:
            logger.warning("Page %d cannot be read: %s", index + 1, error)
            found.append([])
            broken += 1
    if broken == count:
        raise damaged("none of its pages can be read")
    return found


def _holds_text(pages: list[list[PdfLine]]) -> bool:
    return any(char.isalnum() for lines in pages for line in lines for char in line.text)


def _bookmarks(document: PdfDocument) -> frozenset[str]:
    titles: set[str] = set()
    for bookmark in document.get_toc():
        titles.add((one_line(mend(bookmark.get_title())) or "").lower())
        if len(titles) == _MOST_BOOKMARKS:
            break
    return frozenset(titles - {""})


def _draft(document: PdfDocument, pieces: list[Piece], count: int) -> Draft:
    said = document.get_metadata_dict()
    draft = Draft(
        *compose(pieces),
        title=plausible_title(said.get("Title")) or _first_heading(pieces),
        language=_language(document),
        published=plausible_date(said.get("CreationDate")),
        author=plausible_author(said.get("Author")),
    )
    return replace(draft, pages=page_starts(pieces, draft, count))


def _first_heading(pieces: list[Piece]) -> str | None:
    headings = (piece.text for piece in pieces[:_OPENING] if piece.heading)
    return next((text for text in headings if len(text) >= _SHORTEST_TITLE), None)


def _language(document: PdfDocument) -> str | None:
    import pypdfium2.raw as pdfium

    size = pdfium.FPDFCatalog_GetLanguage(document, None, 0)
    if not 0 < size < 1_000:
        return None
    import ctypes

    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFCatalog_GetLanguage(
        document, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size
    )
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0") or None

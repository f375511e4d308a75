"""Pictures: their text, recognised by Tesseract if OCR is on."""

from __future__ import annotations

from assistant.ingest.readers.draft import Draft, Piece, compose
from assistant.ingest.readers.pdf.ocr import OFF, recognised_in, tesseract_languages
from assistant.support.errors import ArticleError


def read_picture(data: bytes, ocr: str = OFF) -> Draft:
    """The words on a picture; ``ocr`` is as in ``read_pdf``. Raises ``ArticleError`` where that is
    off, or Tesseract cannot read it.
    """
    if ocr == OFF:
        raise ArticleError(
            "it is a picture. To have its words read, install Tesseract and set ASSISTANT_OCR=on."
        )
    return Draft(*compose(map(Piece, recognised_in(data, tesseract_languages(ocr)))))

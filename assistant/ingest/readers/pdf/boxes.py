"""The boxes of a PDF's forms, ticked or not, which are pictures and no letters."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.ingest.readers.pdf.lines import PdfLine

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_NEAR = 2.0  # heights of a letter between a box and what it says, if that follows
_FAR = 8.0  # if it stands before
_MOST = 2_000  # annotations of a page that are looked at


def boxes(document: PdfDocument, page: PdfPage, number: int) -> list[PdfLine]:
    """The boxes on ``page`` as lines of one sign, ☒ or ☐; its ``document`` has its forms
    initialised.
    """
    import pypdfium2.raw as pdfium

    if document.formenv is None:
        return []
    found = []
    place = pdfium.FS_RECTF()
    kinds = (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON)
    for index in range(min(_MOST, pdfium.FPDFPage_GetAnnotCount(page))):
        mark = pdfium.FPDFPage_GetAnnot(page, index)
        if not mark:
            continue
        if pdfium.FPDFAnnot_GetFormFieldType(document.formenv, mark) in kinds:
            pdfium.FPDFAnnot_GetRect(mark, ctypes.byref(place))
            ticked = bool(pdfium.FPDFAnnot_IsChecked(document.formenv, mark))
            found.append(
                PdfLine(
                    "☒" if ticked else "☐", place.left, place.right, place.bottom, place.top,
                    place.top - place.bottom, False, number,
                )
            )  # fmt: skip
        pdfium.FPDFPage_CloseAnnot(mark)
    return found


def with_boxes(lines: Sequence[PdfLine], marks: Sequence[PdfLine]) -> list[PdfLine]:
    """``lines`` with each box before the words that follow it, else after those before it."""
    kept = [line for line in lines if not any(_within(line, box) for box in marks)]
    for box in marks:
        sign, height = box.text, box.size
        level = [index for index, line in enumerate(kept) if line.beside(box)]
        after = [i for i in level if -height < kept[i].left - box.right < _NEAR * height]
        before = [i for i in level if -height < box.left - kept[i].right < _FAR * height]
        if after:
            index = min(after, key=lambda i: kept[i].left)
            kept[index] = replace(kept[index], text=f"{sign} {kept[index].text}", left=box.left)
        elif before:
            index = max(before, key=lambda i: kept[i].right)
            kept[index] = replace(kept[index], text=f"{kept[index].text} {sign}", right=box.right)
        else:
            kept.append(box)
    return kept


def _within(line: PdfLine, box: PdfLine) -> bool:
    """Whether ``line`` is the tick in ``box``."""
    across, along = (line.left + line.right) / 2, (line.bottom + line.top) / 2
    inside = box.left <= across <= box.right and box.bottom <= along <= box.top
    return inside and len(line.text) <= 2

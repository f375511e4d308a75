"""Word documents: page headers once, what follows each other on the pages, then notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant.ingest.readers.archive import parse_xml
from assistant.ingest.readers.draft import Draft, Piece
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.metadata import document
from assistant.ingest.readers.numbering import whole_number
from assistant.ingest.readers.office_package import opened
from assistant.ingest.readers.tables import Cell, table_pieces
from assistant.ingest.readers.word_marks import WordLook, is_bold, is_outlined, look_of, show
from assistant.ingest.readers.word_xml import FALLBACK, MATH, W, child, is_on, value

if TYPE_CHECKING:
    from docx.document import Document
    from lxml.etree import _Element

_DROPPED = frozenset(
    {FALLBACK, *(W + name for name in ("del", "moveFrom", "rPr", "pPr", "instrText", "delText"))}
)
_LINE_BREAKS = frozenset({W + "br", W + "cr"})
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PAGE_FIELD = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.I)
_NORMAL_NOTE = (None, "normal")
_MOST_SPANNED = 100


def read_docx(data: bytes) -> Draft:
    """A Word document, with accepted changes, text boxes and notes, its page headers once at its
    beginning, without footers and what is marked as hidden.

    Raises ``ArticleError`` where it is damaged or protected. A part that is missing or damaged is
    left out, with a warning.
    """
    import docx

    read: Document = opened(data, docx.Document)
    body, properties = read.element.body, read.core_properties
    look = look_of(read.styles.element, next(_parts(read, "numbering"), None))
    headers = list(_headers(read, body, look))
    show(body, look)
    return document(
        [*headers, *_pieces(body, look), *_notes(read, look)],
        title=_property(properties, "title"),
        author=_property(properties, "author"),
        made=_property(properties, "created"),
        language=_property(properties, "language"),
    )


def _parts(document: Document, *kinds: str) -> Iterator[_Element]:
    """The roots of the parts to which the document has a relation of one of these ``kinds``."""
    for relation in document.part.rels.values():
        if relation.reltype.rpartition("/")[2] in kinds and not relation.is_external:
            yield parse_xml(relation.target_part.blob)


def _property(properties: Any, name: str) -> Any:
    """A core property, None where its part is malformed: the text is there all the same."""
    try:
        return getattr(properties, name) or None
    except (ValueError, TypeError, AttributeError):
        return None


def _pieces(element: _Element, look: WordLook) -> Iterator[Piece]:
    item = False  # of a list: the others follow it line by line
    for part in element:
        if part.tag == W + "p":
            style = value(part, "pPr", "pStyle")
            listed = child(part, "pPr", "numPr") is not None or style.startswith("List")
            heading = is_outlined(part) or style in look.headings
            tight = listed and item and not heading
            bold = not listed and is_bold(part, look)
            yield Piece(_words(part), heading, tight, bold=bold)
            item = listed
            for box in part.iter(W + "txbxContent"):
                if not any(True for _ in box.iterancestors(FALLBACK)):
                    yield from _pieces(box, look)
        elif part.tag == W + "tbl":
            yield from _rows(part)
            item = False
        elif part.tag not in _DROPPED and isinstance(part.tag, str):  # content controls and such
            yield from _pieces(part, look)


def _rows(table: _Element) -> Iterator[Piece]:
    rows: list[list[Cell]] = []
    headings = 0
    below: dict[int, Cell] = {}  # by column: the cell above, which may go on in the next row
    for row in table.iter(W + "tr"):
        if next(row.iterancestors(W + "tbl")) is not table:
            continue  # one of a table in a cell: its words are in the cell's
        if is_on(child(row, "trPr", "tblHeader")) and headings == len(rows):
            headings += 1
        above, below = below, {}
        column = _span(row, 0, "trPr", "gridBefore")
        cells = [Cell("")] * column
        for cell in row.iter(W + "tc"):
            if next(cell.iterancestors(W + "tr")) is not row:
                continue
            said = Cell(
                " ".join(filter(None, (_words(part) for part in cell.iter(W + "p")))),
                _span(cell, 1, "tcPr", "gridSpan"),
            )
            if child(cell, "tcPr", "vMerge") is not None:
                goes_on = value(cell, "tcPr", "vMerge") in ("", "continue")
                if goes_on and not said.text:
                    said = above.get(column, said)
                below[column] = said
            cells.append(said)
            column += said.columns
        rows.append(cells)
    yield from table_pieces(rows, headings)


def _span(element: _Element, otherwise: int, *names: str) -> int:
    return max(0, min(whole_number(value(element, *names), otherwise), _MOST_SPANNED))


def _words(paragraph: _Element) -> str:
    return mend("".join(_runs(paragraph)))


def _runs(element: _Element) -> Iterator[str]:
    for part in element:
        if part.tag in (W + "t", MATH + "t"):
            yield part.text or ""
        elif part.tag == W + "tab":
            yield "\t"
        elif part.tag in _LINE_BREAKS:
            yield "\n"
        elif part.tag == W + "noBreakHyphen":
            yield "-"
        elif part.tag not in _DROPPED and part.tag != W + "txbxContent":
            yield from _runs(part)


def _notes(document: Document, look: WordLook) -> Iterator[Piece]:
    for root in _parts(document, "footnotes", "endnotes"):
        show(root, look)
        for note in root:
            if note.get(W + "type") in _NORMAL_NOTE:
                yield from _pieces(note, look)


def _headers(document: Document, body: _Element, look: WordLook) -> Iterator[Piece]:
    """What stands at the head of the pages, once: often the document's number and date."""
    seen: set[str] = set()
    for reference in body.iter(W + "headerReference"):
        relation = document.part.rels.get(reference.get(_R + "id", ""))
        if relation is None or relation.is_external:
            continue
        root = parse_xml(relation.target_part.blob)
        for paragraph in list(root.iter(W + "p")):
            if _numbers_pages(paragraph):
                paragraph.getparent().remove(paragraph)
        show(root, look)
        for piece in _pieces(root, look):
            if piece.text.strip() not in seen:
                seen.add(piece.text.strip())
                yield replace(piece, heading=False)


def _numbers_pages(paragraph: _Element) -> bool:
    said = [one.text or "" for one in paragraph.iter(W + "instrText")]
    said += [one.get(W + "instr", "") for one in paragraph.iter(W + "fldSimple")]
    return any(_PAGE_FIELD.match(instruction) for instruction in said)

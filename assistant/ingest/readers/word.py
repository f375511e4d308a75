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
from assistant.ingest.readers.office_package import opened
from assistant.ingest.readers.tables import Cell, table_pieces
from assistant.ingest.readers.word_marks import WordLook, look_of, show

if TYPE_CHECKING:
    from docx.document import Document
    from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DROPPED = frozenset(
    {_FALLBACK, *(_W + name for name in ("del", "moveFrom", "rPr", "pPr", "instrText", "delText"))}
)
_LINE_BREAKS = frozenset({_W + "br", _W + "cr"})
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PAGE_FIELD = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.I)
_NOTES = ("footnotes", "endnotes")
_NORMAL_NOTE = (None, "normal")
_DEEPEST_OUTLINE = 9  # level of the text of the body
_MOST_PARENTS = 20
_MOST_SPANNED = 100
_OFF = ("0", "false", "off")


def read_docx(data: bytes) -> Draft:
    """A Word document, with accepted changes, text boxes and notes, its page headers once at its
    beginning, without footers and what is marked as hidden.

    Raises ``ArticleError`` where it is damaged or protected. A part that is missing or damaged is
    left out, with a warning.
    """
    import docx

    read: Document = opened(data, docx.Document)
    body, properties = read.element.body, read.core_properties
    styles = _heading_styles(read)
    look = look_of(read.styles.element, _part(read, "numbering"))
    headers = list(_headers(read, body, styles, look))
    show(body, look)
    return document(
        [*headers, *_pieces(body, styles), *_notes(read, styles, look)],
        title=_property(properties, "title"),
        author=_property(properties, "author"),
        made=_property(properties, "created"),
        language=_property(properties, "language"),
    )


def _part(document: Document, kind: str) -> _Element | None:
    """The root of the part to which the document has a relation of that kind."""
    for relation in document.part.rels.values():
        if relation.reltype.rpartition("/")[2] == kind and not relation.is_external:
            return parse_xml(relation.target_part.blob)
    return None


def _property(properties: Any, name: str) -> Any:
    """A core property, None where its part is malformed: the text is there all the same."""
    try:
        return getattr(properties, name) or None
    except (ValueError, TypeError, AttributeError):
        return None


def _heading_styles(document: Document) -> frozenset[str]:
    """The ids of the styles of headings: the built-in ones, any with a level in the outline, and
    those made from them.
    """
    parents: dict[str, str | None] = {}
    found: set[str] = set()
    for style in document.styles.element.iter(_W + "style"):
        style_id = style.get(_W + "styleId", "")
        named, based = style.find(_W + "name"), style.find(_W + "basedOn")
        parents[style_id] = based.get(_W + "val") if based is not None else None
        name = named.get(_W + "val", "").lower() if named is not None else ""
        if name == "title" or name.startswith("heading ") or _outlined(style):
            found.add(style_id)
    for style_id in parents:
        above, steps = parents[style_id], 0
        while above and above not in found and steps < _MOST_PARENTS:
            above, steps = parents.get(above), steps + 1
        if above in found:
            found.add(style_id)
    return frozenset(found)


def _outlined(element: _Element) -> bool:
    level = element.find(f"{_W}pPr/{_W}outlineLvl")
    value = level.get(_W + "val", "") if level is not None else ""
    return value.isdigit() and int(value) < _DEEPEST_OUTLINE


def _pieces(element: _Element, styles: frozenset[str]) -> Iterator[Piece]:
    item = False  # of a list: the others follow it line by line
    for child in element:
        if child.tag == _W + "p":
            named = child.find(f"{_W}pPr/{_W}pStyle")
            style = named.get(_W + "val", "") if named is not None else ""
            listed = child.find(f"{_W}pPr/{_W}numPr") is not None or style.startswith("List")
            heading = _outlined(child) or style in styles
            yield Piece(_words(child), heading, tight=listed and item and not heading)
            item = listed
            for box in child.iter(_W + "txbxContent"):
                if not any(True for _ in box.iterancestors(_FALLBACK)):
                    yield from _pieces(box, styles)
        elif child.tag == _W + "tbl":
            yield from _rows(child)
            item = False
        elif child.tag not in _DROPPED and isinstance(child.tag, str):  # content controls and such
            yield from _pieces(child, styles)


def _rows(table: _Element) -> Iterator[Piece]:
    rows: list[list[Cell]] = []
    headings = 0
    below: dict[int, Cell] = {}  # by column: the cell above, which may go on in the next row
    for row in table.iter(_W + "tr"):
        if next(row.iterancestors(_W + "tbl")) is not table:
            continue  # one of a table in a cell: its words are in the cell's
        marked = row.find(f"{_W}trPr/{_W}tblHeader")
        if marked is not None and marked.get(_W + "val", "1") not in _OFF and headings == len(rows):
            headings += 1
        above, below, cells = below, {}, []
        column = _number(row.find(f"{_W}trPr/{_W}gridBefore"), 0)
        cells += [Cell("")] * column
        for cell in row.iter(_W + "tc"):
            if next(cell.iterancestors(_W + "tr")) is not row:
                continue
            said = Cell(
                " ".join(filter(None, (_words(part) for part in cell.iter(_W + "p")))),
                _number(cell.find(f"{_W}tcPr/{_W}gridSpan"), 1),
            )
            merged = cell.find(f"{_W}tcPr/{_W}vMerge")
            if merged is not None:
                if merged.get(_W + "val", "continue") == "continue" and not said.text:
                    said = above.get(column, said)
                below[column] = said
            cells.append(said)
            column += said.columns
        rows.append(cells)
    yield from table_pieces(rows, headings)


def _number(element: _Element | None, default: int) -> int:
    value = element.get(_W + "val", "") if element is not None else ""
    return min(int(value), _MOST_SPANNED) if value.isascii() and value.isdigit() else default


def _words(paragraph: _Element) -> str:
    return mend("".join(_runs(paragraph)))


def _runs(element: _Element) -> Iterator[str]:
    for child in element:
        if child.tag in (_W + "t", _MATH + "t"):
            yield child.text or ""
        elif child.tag == _W + "tab":
            yield "\t"
        elif child.tag in _LINE_BREAKS:
            yield "\n"
        elif child.tag == _W + "noBreakHyphen":
            yield "-"
        elif child.tag not in _DROPPED and child.tag != _W + "txbxContent":
            yield from _runs(child)


def _notes(document: Document, styles: frozenset[str], look: WordLook) -> Iterator[Piece]:
    for relation in document.part.rels.values():
        if relation.reltype.rpartition("/")[2] not in _NOTES or relation.is_external:
            continue
        root = parse_xml(relation.target_part.blob)
        show(root, look)
        for note in root:
            if note.get(_W + "type") in _NORMAL_NOTE:
                yield from _pieces(note, styles)


def _headers(
    document: Document, body: _Element, styles: frozenset[str], look: WordLook
) -> Iterator[Piece]:
    """What stands at the head of the pages, once: often the document's number and date."""
    seen: set[str] = set()
    for reference in body.iter(_W + "headerReference"):
        relation = document.part.rels.get(reference.get(_R + "id", ""))
        if relation is None or relation.is_external:
            continue
        root = parse_xml(relation.target_part.blob)
        for paragraph in list(root.iter(_W + "p")):
            if _numbers_pages(paragraph):
                paragraph.getparent().remove(paragraph)
        show(root, look)
        for piece in _pieces(root, styles):
            if piece.text.strip() not in seen:
                seen.add(piece.text.strip())
                yield replace(piece, heading=False)


def _numbers_pages(paragraph: _Element) -> bool:
    said = [one.text or "" for one in paragraph.iter(_W + "instrText")]
    said += [one.get(_W + "instr", "") for one in paragraph.iter(_W + "fldSimple")]
    return any(_PAGE_FIELD.match(instruction) for instruction in said)

"""OpenDocument texts and spreadsheets, as LibreOffice writes them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from zipfile import ZipFile

from assistant.ingest.readers.archive import damaged, open_archive, parse_xml, unpack, within
from assistant.ingest.readers.draft import Draft, Piece, compose
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.metadata import document, plausible_author, plausible_title
from assistant.ingest.readers.numbering import whole_number
from assistant.ingest.readers.opendocument_marks import Look
from assistant.ingest.readers.tables import (
    MOST_COLUMNS,
    Cell,
    Spanned,
    book_pieces,
    spread,
    table_pieces,
)
from assistant.support.errors import ArticleError

if TYPE_CHECKING:
    from lxml.etree import _Element

logger = logging.getLogger(__name__)

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT = f"{{{_OASIS}text:1.0}}"
_TABLE = f"{{{_OASIS}table:1.0}}"
_OFFICE = f"{{{_OASIS}office:1.0}}"
_DRAW = f"{{{_OASIS}drawing:1.0}}"
_META = f"{{{_OASIS}meta:1.0}}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_DROPPED = frozenset(
    {
        _TEXT + "tracked-changes", _OFFICE + "annotation", _TEXT + "note-citation",
        _TEXT + "sequence-decls", _OFFICE + "forms", _TEXT + "bookmark",
    }
)  # fmt: skip
_MOST_SPACES = 40


def read_odt(data: bytes) -> Draft:
    """An OpenDocument text, its notes at its end, without what was deleted under tracking.

    Raises ``ArticleError`` where it is damaged or protected.
    """
    body, said = _body(data, "text")
    pieces = list(_pieces(body))
    for note in body.iter(_TEXT + "note-body"):
        pieces += _pieces(note)
    return document(
        pieces,
        title=said(_DC + "title"),
        author=said(_META + "initial-creator", _DC + "creator"),
        made=said(_META + "creation-date", _DC + "date"),
        language=said(_DC + "language"),
    )


def read_ods(data: bytes) -> Draft:
    """An OpenDocument spreadsheet: each sheet a section, its rows with what is shown of the cells.
    It says when it was made, not when it was published.

    Raises ``ArticleError`` where it is damaged or protected, or has too many rows.
    """
    body, said = _body(data, "spreadsheet")
    sheets = body.findall(_TABLE + "table")
    named = ((sheet.get(_TABLE + "name", ""), _sheet_rows(sheet)) for sheet in sheets)
    return Draft(
        *compose(book_pieces(named, len(sheets))),
        title=plausible_title(said(_DC + "title")),
        language=said(_DC + "language"),
        author=plausible_author(said(_META + "initial-creator", _DC + "creator")),
    )


def _body(data: bytes, kind: str) -> tuple[_Element, Callable[..., str | None]]:
    """The body of a document of this kind, and what gives the first of its properties that it has
    of some names.
    """
    with open_archive(data) as archive:
        names = archive.namelist()
        if "META-INF/manifest.xml" in names:
            manifest = unpack(archive, "META-INF/manifest.xml")
            if b"encryption-data" in manifest:
                raise ArticleError("it is protected by a password. Save it without one.")
        content = parse_xml(unpack(archive, "content.xml"))
        meta = _part(archive, "meta.xml")
        body = content.find(f"{_OFFICE}body/{_OFFICE}{kind}")
        if body is None:
            raise damaged(f"it has no {kind}")
        styles = _part(archive, "styles.xml")
        look = Look([*([] if styles is None else [styles]), content])
        look.show(body, lambda place: _part(archive, f"{within('', place)}/content.xml"))

    def said(*names: str) -> str | None:
        found = (meta.findtext(f".//{name}") for name in names) if meta is not None else ()
        return next((value for value in found if value and value.strip()), None)

    return body, said


def _part(archive: ZipFile, name: str) -> _Element | None:
    """A part of the document that it can do without: None where it is missing or damaged."""
    if name not in archive.namelist():
        return None
    try:
        return parse_xml(unpack(archive, name))
    except ArticleError as error:
        logger.warning("Left out %s: %s", name, error)
        return None


def _sheet_rows(sheet: _Element) -> Iterator[list[str]]:
    """The rows of a sheet, with the text of a merged cell in each of its rows, and ``Spanned``
    beside it.
    """
    filled: list[bool] = []

    def rows() -> Iterator[list[Cell]]:
        for cells in _sheet_cells(sheet):
            filled.append(any(cell.text for cell in cells))
            yield cells

    for line in spread(rows()):
        shown = [Spanned(text) if again else text for text, again in line]
        yield shown if filled.pop() else []


def _sheet_cells(sheet: _Element) -> Iterator[list[Cell]]:
    """The cells of each row. Cells and rows that are alike stand there once, with their number."""
    for row in sheet.iter(_TABLE + "table-row"):
        line: list[Cell] = []
        for cell in row.iterchildren(_TABLE + "table-cell"):
            times = min(_span(cell, "number-columns-repeated"), MOST_COLUMNS - len(line))
            line += [_cell(cell)] * times
        times = _span(row, "number-rows-repeated") if any(cell.text for cell in line) else 1
        for _ in range(times):
            yield line


def _pieces(element: _Element, listed: bool = False) -> Iterator[Piece]:
    for child in element:
        if child.tag in (_TEXT + "p", _TEXT + "h"):
            title = child.get(_TEXT + "style-name") == "Title"
            heading = child.tag == _TEXT + "h" or title
            tight = listed and element.getprevious() is not None and not heading
            yield Piece(mend("".join(_words(child))), heading, tight)
            for shape in _shapes(child):
                yield from _pieces(shape)
        elif child.tag == _TABLE + "table":
            yield from _rows(child)
        elif child.tag not in _DROPPED and isinstance(child.tag, str):
            yield from _pieces(child, listed or child.tag == _TEXT + "list-item")


def _rows(table: _Element) -> Iterator[Piece]:
    rows: list[list[Cell]] = []
    headings = 0
    for row in table.iter(_TABLE + "table-row"):
        if next(row.iterancestors(_TABLE + "table")) is not table:
            continue  # of a table in a cell: its words are in the cell's
        parent = row.getparent()
        if parent is not None and parent.tag == _TABLE + "table-header-rows":
            headings += 1
        # What a cell above or to the left covers is there as a covered cell, which is left out.
        rows.append([_cell(cell) for cell in row if cell.tag == _TABLE + "table-cell"])
    yield from table_pieces(rows, headings)


def _cell(cell: _Element) -> Cell:
    parts = ("".join(_words(part)) for part in cell.iter(_TEXT + "p", _TEXT + "h"))
    return Cell(
        mend(" ".join(parts)), _span(cell, "number-columns-spanned"),
        _span(cell, "number-rows-spanned"),
    )  # fmt: skip


def _span(cell: _Element, name: str) -> int:
    return max(1, whole_number(cell.get(_TABLE + name), 1))


def _words(element: _Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == _TEXT + "s":
            yield " " * min(whole_number(child.get(_TEXT + "c"), 1), _MOST_SPACES)
        elif child.tag == _TEXT + "tab":
            yield "\t"
        elif child.tag == _TEXT + "line-break":
            yield "\n"
        elif isinstance(child.tag, str) and child.tag not in _DROPPED and not _is_shape(child):
            yield from _words(child)
        yield child.tail or ""


def _shapes(element: _Element) -> Iterator[_Element]:
    """The outermost shapes in a paragraph."""
    for child in element:
        if isinstance(child.tag, str) and child.tag != _TEXT + "note":
            if _is_shape(child):
                yield child
            else:
                yield from _shapes(child)


def _is_shape(element: _Element) -> bool:
    """Whether it stands beside the words around it, and holds others: blocks of their own."""
    drawn = element.tag.startswith(f"{{{_OASIS}drawing:1.0}}")
    return element.tag == _TEXT + "note" or (drawn and not element.tag.endswith("}a"))

"""HTML whose whole content is text, as in books and feeds: no main article to extract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.ingest.readers.draft import Piece
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.numbering import whole_number
from assistant.ingest.readers.page_marks import show
from assistant.ingest.readers.tables import Cell, table_pieces

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | frozenset(
    {
        "p", "div", "section", "article", "aside", "main", "header", "footer", "figure",
        "figcaption", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody",
        "tfoot", "tr", "td", "th", "caption", "pre", "body", "html", "hr", "address", "details",
        "summary", "center",
    }
)  # fmt: skip
_TIGHT = frozenset({"li", "dt", "dd"})
_HIDDEN = frozenset(
    {
        "script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg",
        "nav", "form", "button", "select",
    }
)  # fmt: skip
_DEEPEST = 200
_LINE_BREAK = "\0"


def markup_pieces(source: str) -> Iterator[Piece]:
    """The blocks of an HTML document or fragment, in order: headings, paragraphs, list items, and
    the rows of tables with their cells parted.
    """
    from lxml import etree, html

    source = source.replace("\0", "").lstrip("\ufeff \n\t")
    if source.startswith("<?xml"):
        source = source.partition("?>")[2]
    if not source.strip():
        return
    parser = html.HTMLParser(no_network=True, huge_tree=False, encoding="utf-8")
    try:
        tree = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):  # nothing but white space and comments
        return
    show(tree)
    yield from tree_pieces(tree)


def tree_pieces(tree: _Element) -> Iterator[Piece]:
    """The blocks in ``tree``, into which ``show`` has written what it shows."""
    yield from _pieces(tree, 0)


def _name(element: _Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _pieces(element: _Element, depth: int) -> Iterator[Piece]:
    name = _name(element)
    if name == "table" and not is_layout(element):
        yield Piece(" ".join(_collapsed(list(_words(part))) for part in element.iter("caption")))
        yield from table_pieces(*table_rows(element))
        return
    if name == "pre" or depth > _DEEPEST:
        yield Piece(mend("".join(element.itertext())))
        return
    heading = name in _HEADINGS
    tight = name in _TIGHT and element.getprevious() is not None
    words = [element.text or ""]
    for child in element:
        if _name(child) in _BLOCKS:
            yield from _paragraphs(words, heading, tight)
            yield from _pieces(child, depth + 1)
            words = []
        else:
            words += _words(child)
        words.append(child.tail or "")
    yield from _paragraphs(words, heading, tight)


def _paragraphs(words: list[str], heading: bool, tight: bool) -> Iterator[Piece]:
    """Pages of old part their paragraphs by two line breaks."""
    for part in _collapsed(words).split("\n\n"):
        yield Piece(part.strip(), heading, tight)


def is_layout(table: _Element) -> bool:
    """Whether a table only arranges a page: it holds headings or other tables, or one column."""
    parts = {_name(part) for part in table.iterdescendants()}
    return bool(parts & (_HEADINGS | {"table"})) or all(
        len(row) < 2 for row in table.iter() if _name(row) == "tr"
    )


def table_rows(table: _Element) -> tuple[list[list[Cell]], int]:
    """The rows of a table of data, and how many at its top are of headings."""
    rows: list[list[Cell]] = []
    headings = 0
    for row in table.iter():
        if _name(row) != "tr":
            continue
        cells = [cell for cell in row if _name(cell) in ("td", "th")]
        named = all(_name(cell) == "th" for cell in cells)
        parent = row.getparent()
        in_head = parent is not None and _name(parent) == "thead"
        if cells and (named or in_head) and headings == len(rows):
            headings += 1
        if cells:
            rows.append([_cell(cell) for cell in cells])
    return rows, headings


def _cell(cell: _Element) -> Cell:
    text = mend(" ".join("".join(_words(cell)).replace(_LINE_BREAK, " ").split()))
    columns, rows = (whole_number(cell.get(name), 1) for name in ("colspan", "rowspan"))
    return Cell(text, columns, rows)


def _words(element: _Element) -> Iterator[str]:
    """The words in an element of a line, or in a cell, where blocks are parted by a space."""
    name = _name(element)
    if not name or name in _HIDDEN:  # a comment, or what a reader does not see
        return
    apart = " " if name in _BLOCKS else ""
    yield _LINE_BREAK if name == "br" else apart
    yield element.text or ""
    for child in element:
        yield from _words(child)
        yield child.tail or ""
    yield apart


def _collapsed(words: list[str]) -> str:
    lines = "".join(words).split(_LINE_BREAK)
    return mend("\n".join(" ".join(line.split()) for line in lines))

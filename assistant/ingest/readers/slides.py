"""Presentations: each slide is a page, its title a heading, its notes after it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant.ingest.readers.archive import damaged, open_archive, parse_xml
from assistant.ingest.readers.draft import Draft, Piece, compose, one_line, page_starts
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.metadata import plausible_author, plausible_date, plausible_title
from assistant.ingest.readers.tables import Cell, plain_rows, table_pieces

if TYPE_CHECKING:
    from pptx.slide import Slide

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_FURNITURE = frozenset({"DATE", "FOOTER", "SLIDE_NUMBER", "HEADER"})
_DIAGRAM = "/diagramData"
_ROW = 300_000
"""EMU, a third of an inch: shapes whose tops differ by less stand beside each other."""


def read_pptx(data: bytes) -> Draft:
    """A presentation, slide by slide. Footers, dates and slide numbers are left out.

    Raises ``ArticleError`` where it is damaged, protected, or holds macros.
    """
    open_archive(data).close()
    import pptx

    pieces: list[Piece] = []
    try:
        presentation = pptx.Presentation(io.BytesIO(data))
        properties = presentation.core_properties
        count = 0
        for count, slide in enumerate(presentation.slides, 1):
            pieces += (replace(piece, pages=((count, 0),)) for piece in _slide(slide))
    except Exception as error:  # python-pptx fails in many ways where parts are missing
        raise damaged(error) from error
    text, blocks = compose(pieces)
    titles = (piece.text for piece in pieces if piece.heading)
    return Draft(
        text,
        blocks,
        title=plausible_title(properties.title) or one_line(next(titles, None)),
        language=properties.language or None,
        published=plausible_date(properties.created),
        author=plausible_author(properties.author),
        pages=page_starts(pieces, blocks, text, count),
    )


def _slide(slide: Slide) -> Iterator[Piece]:
    title = slide.shapes.title
    if title is not None:
        yield Piece(one_line(mend(title.text_frame.text)) or "", heading=True)
    for shape in _in_order(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            yield from _shape(shape)
    if slide.has_notes_slide:
        notes = slide.notes_slide.notes_text_frame
        if notes is not None:
            yield from _paragraphs(notes)


def _in_order(shapes: Any) -> list[Any]:
    """The shapes as they are read: by rows from the top, each from the left."""

    def place(shape: Any) -> tuple[int, int]:
        return (shape.top or 0) // _ROW, shape.left or 0

    return sorted(shapes, key=place)


def _shape(shape: Any) -> Iterator[Piece]:
    if shape.is_placeholder and shape.placeholder_format.type.name in _FURNITURE:
        return
    if hasattr(shape, "shapes"):  # a group
        for member in _in_order(shape.shapes):
            yield from _shape(member)
    elif getattr(shape, "has_table", False):
        rows = [[_cell(cell) for cell in row.cells if not cell.is_spanned]
                for row in shape.table.rows]  # fmt: skip
        yield from table_pieces(rows, headings=int(shape.table.first_row))
    elif getattr(shape, "has_chart", False):
        yield from _chart(shape.chart)
    elif shape.has_text_frame:
        yield from _paragraphs(shape.text_frame)
    else:
        yield from _diagram(shape)


def _cell(cell: Any) -> Cell:
    return Cell(mend(cell.text.replace("\v", " ")), cell.span_width or 1, cell.span_height or 1)


def _paragraphs(frame: Any) -> Iterator[Piece]:
    for index, paragraph in enumerate(frame.paragraphs):
        yield Piece(mend(paragraph.text).replace("\v", "\n"), tight=index > 0)


def _chart(chart: Any) -> Iterator[Piece]:
    """The title of a chart, and its figures as a table."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield Piece(mend(chart.chart_title.text_frame.text))
    for plot in chart.plots:
        series = list(plot.series)
        rows = [["", *(one.name for one in series)]]
        columns = [list(one.values) for one in series]
        for index, category in enumerate(plot.categories):
            figures = (values[index] if index < len(values) else None for values in columns)
            rows.append([str(category), *("" if f is None else f"{f:g}" for f in figures)])
        yield from table_pieces(plain_rows([map(mend, row) for row in rows]), headings=1)


def _diagram(shape: Any) -> Iterator[Piece]:
    """The words of a SmartArt diagram, which lie in a part of their own."""
    for part in shape.element.iter():
        for name, value in part.attrib.items():
            if name.endswith("}dm") and value in shape.part.rels:
                relation = shape.part.rels[value]
                if relation.reltype.endswith(_DIAGRAM):
                    root = parse_xml(relation.target_part.blob)
                    for index, paragraph in enumerate(root.iter(_A + "p")):
                        words = "".join(run.text or "" for run in paragraph.iter(_A + "t"))
                        yield Piece(mend(words), tight=index > 0)

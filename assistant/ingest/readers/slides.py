"""Presentations: each slide is a page, its title a heading, its notes after it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from assistant.ingest.readers.archive import parse_xml
from assistant.ingest.readers.draft import Draft, Piece, one_line, page_starts
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.metadata import document
from assistant.ingest.readers.office_package import opened
from assistant.ingest.readers.slide_text import chart_pieces, frame_lines
from assistant.ingest.readers.tables import Cell, table_pieces

if TYPE_CHECKING:
    from pptx.presentation import Presentation
    from pptx.slide import Slide

logger = logging.getLogger(__name__)

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_FURNITURE = frozenset({"DATE", "FOOTER", "SLIDE_NUMBER", "HEADER"})
_DIAGRAM = "/diagramData"
_ROW = 300_000
"""EMU, a third of an inch: shapes whose tops differ by less stand beside each other."""


def read_pptx(data: bytes) -> Draft:
    """A presentation, slide by slide. Footers, dates and slide numbers are left out.

    Raises ``ArticleError`` where it is damaged or protected. A part that is missing or damaged is
    left out, with a warning.
    """
    import pptx

    presentation: Presentation = opened(data, pptx.Presentation)
    pieces: list[Piece] = []
    count = 0
    for count, slide in enumerate(presentation.slides, 1):
        pieces += (replace(piece, pages=((count, 0),)) for piece in _slide(slide))
    properties = presentation.core_properties
    draft = document(
        pieces, title=properties.title, author=properties.author, made=properties.created,
        language=properties.language,
    )  # fmt: skip
    return replace(draft, pages=page_starts(pieces, draft, count))


def _slide(slide: Slide) -> Iterator[Piece]:
    title = slide.shapes.title
    if title is not None:
        yield Piece(one_line(" ".join(frame_lines(title._element))) or "", heading=True)
    for shape in _in_order(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            yield from _unless_bad(partial(_shape, shape), slide)
    yield from _unless_bad(partial(_notes, slide), slide)


def _unless_bad(read: Callable[[], Iterator[Piece]], slide: Slide) -> list[Piece]:
    """The result of ``read``, or nothing if it fails: one bad shape costs only itself."""
    try:
        return list(read())
    except MemoryError:
        raise
    except Exception as error:  # python-pptx fails in many ways on what it does not know
        logger.warning("Left out a part of the slide %s: %s", slide.name or slide.slide_id, error)
        return []


def _notes(slide: Slide) -> Iterator[Piece]:
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
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
        yield from chart_pieces(shape.chart._chartSpace)
    elif shape.has_text_frame:
        yield from _paragraphs(shape.text_frame)
    else:
        yield from _diagram(shape)


def _cell(cell: Any) -> Cell:
    text = " ".join(frame_lines(cell._tc)).replace("\n", " ")
    return Cell(text, cell.span_width or 1, cell.span_height or 1)


def _paragraphs(frame: Any) -> Iterator[Piece]:
    for index, words in enumerate(frame_lines(frame._txBody)):
        yield Piece(words, tight=index > 0)


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

"""Jupyter notebooks: their text, their code, and what the code printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistant.ingest.readers.archive import damaged
from assistant.ingest.readers.decoding import decode
from assistant.ingest.readers.draft import Draft, Piece, compose, first_heading
from assistant.ingest.readers.json_records import parse_json
from assistant.ingest.readers.markdown import markdown_pieces
from assistant.ingest.readers.mending import mend

_LONGEST_OUTPUT = 2_000  # characters: more of it is the log of a run


def read_notebook(data: bytes) -> Draft:
    """A notebook, cell by cell. Raises ``ArticleError`` where it is none."""
    notebook = parse_json(decode(data))
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise damaged("it has no cells")
    pieces = [piece for cell in cells if isinstance(cell, dict) for piece in _cell(cell)]
    return Draft(*compose(pieces), title=first_heading(pieces))


def _cell(cell: dict[str, Any]) -> Iterator[Piece]:
    source = _joined(cell.get("source"))
    if cell.get("cell_type") == "markdown":
        yield from markdown_pieces(source)
        return
    yield Piece(mend(source))
    for output in cell.get("outputs") or ():
        if isinstance(output, dict):
            data = output.get("data")
            shown = data.get("text/plain") if isinstance(data, dict) else output.get("text")
            yield Piece(mend(_joined(shown))[:_LONGEST_OUTPUT])


def _joined(lines: object) -> str:
    """The text of a cell, which is a list of lines or one text."""
    if isinstance(lines, list):
        return "".join(line for line in lines if isinstance(line, str))
    return lines if isinstance(lines, str) else ""

"""Comma-separated values and similar: a table with its headings in the first row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

from assistant.ingest.readers.decoding import decode
from assistant.ingest.readers.draft import Draft, compose
from assistant.ingest.readers.tables import refuse_more_rows, sheet_pieces
from assistant.support.errors import ArticleError

_DELIMITERS = ",;\t|"
_SAMPLE = 200  # rows
_MARK = "sep="  # Excel's own line that names the delimiter
_LONGEST_CELL = 1_000_000


def read_csv(data: bytes) -> Draft:
    """A table in a text: its delimiter is the one that parts its rows most evenly.

    Raises ``ArticleError`` where a quotation mark is not closed, or it has too many rows.
    """
    text = decode(data)
    delimiter = None
    if text[: len(_MARK)].lower() == _MARK:
        line, _, text = text.partition("\n")
        delimiter = line[len(_MARK) :].strip(" ")[:1]
    rows = _rows(text, delimiter or _delimiter(text))
    return Draft(*compose(sheet_pieces(refuse_more_rows(rows))))


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        yield from rows
    except csv.Error as error:
        raise ArticleError(
            f"line {rows.line_num} is no row of a table: {error}. Correct its quotation marks."
        ) from error


def _delimiter(text: str) -> str:
    """The delimiter that gives most rows one width, and of those alike the widest."""

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in islice(_rows(text, delimiter), _SAMPLE) if any(row)]
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        return (widths.count(usual) if usual > 1 else 0), usual

    return max(_DELIMITERS, key=evenness)

"""Excel workbooks: each sheet a section, its rows with what is shown of their cells."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from assistant.ingest.readers.archive import open_archive, unpack
from assistant.ingest.readers.draft import Draft, compose, one_line
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.metadata import plausible_author, plausible_title
from assistant.ingest.readers.raised import struck
from assistant.ingest.readers.tables import MOST_COLUMNS, Spanned, book_pieces

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell

logger = logging.getLogger(__name__)

_MERGED = re.compile(rb'<mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_SPACING = re.compile(r"[_*].")  # as wide as a character, or filled with it
_LITERAL = re.compile(r'"([^"]*)"|\[\$([^\]-]*+)[^\]]*+(?:\]|$)|\\(.)|([€$£¥% ])')
_NO_DIGITS = re.compile(r'"[^"]*(?:"|$)|\[[^\]]*(?:\]|$)')
_DIGITS = re.compile(r"[#0?][#0?,. ]*")
_SIGNIFICANT = 11  # digits that Excel shows of a number without a format


def read_xlsx(data: bytes) -> Draft:
    """A workbook without its hidden sheets, with the results of its formulas. It says when it was
    made, not when it was published.

    Raises ``ArticleError`` where it is damaged or protected, or has too many rows.
    """
    archive = open_archive(data)
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    return Draft(
        *compose(book_pieces(_sheets(book, archive), len(book.sheetnames))),
        title=plausible_title(book.properties.title),
        language=book.properties.language or None,
        author=plausible_author(book.properties.creator),
    )


def _sheets(book: Workbook, archive: ZipFile) -> Iterator[tuple[str, Iterator[list[str]]]]:
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            logger.warning("The hidden sheet %r is not read.", sheet.title)
            continue
        sheet.reset_dimensions()  # some programs state wrong ones
        # Read row by row, openpyxl does not tell which cells are merged.
        merged = _merged(unpack(archive, sheet._worksheet_path))
        yield sheet.title, _rows(sheet, merged)


@dataclass(frozen=True, slots=True)
class _Span:
    """The last row and column, from 1, of a merged cell."""

    row: int
    column: int


def _merged(sheet: bytes) -> dict[tuple[int, int], _Span]:
    """The merged cells by row and column, from 1."""
    from openpyxl.utils import column_index_from_string

    return {
        (int(first), column_index_from_string(column.decode())): _Span(
            int(last), column_index_from_string(until.decode())
        )
        for column, first, until, last in _MERGED.findall(sheet)
    }


def _rows(sheet: Any, merged: dict[tuple[int, int], _Span]) -> Iterator[list[str]]:
    """The rows, with the text of a merged cell in each of its rows, and ``Spanned`` beside it."""
    hanging: dict[int, tuple[int, str]] = {}
    struck_out: dict[Any, bool] = {}  # by style: a sheet has few
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        line = [_as_shown(cell, struck_out) for cell in row]
        for column, (last, label) in hanging.items():
            if number <= last and any(line) and column < len(line):
                line[column] = line[column] or label
        for column, text in enumerate(tuple(line)):
            if text and (span := merged.get((number, column + 1))):
                hanging[column] = span.row, text
                beside = range(column + 1, min(span.column, len(line)))
                line[column + 1 : span.column] = [Spanned(text) for _ in beside]
        yield line


def _as_shown(cell: ReadOnlyCell | EmptyCell, struck_out: dict[Any, bool]) -> str:
    """What is shown of a cell, marked where it is struck out."""
    text = _shown(cell)
    if not text or not (style := getattr(cell, "_style_id", 0)):
        return text
    if style not in struck_out:
        struck_out[style] = bool(cell.font.strike)
    return mend(struck(text)) if struck_out[style] else text


def _shown(cell: ReadOnlyCell | EmptyCell) -> str:
    """What is shown of a cell, as far as it does not depend on whose computer shows it: dates as
    YYYY-MM-DD, numbers without separators between thousands.
    """
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    match value:
        case bool():
            return str(value).upper()
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "minutes")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("minutes")
        case int() | float():
            return _number(value, str(cell.number_format))
    return one_line(mend(str(value))) or ""


def _number(value: float, number_format: str) -> str:
    """A number with the decimals, leading zeros, unit and percent sign of its format."""
    shown = _SPACING.sub("", number_format.partition(";")[0])
    digits = _DIGITS.search(_NO_DIGITS.sub(lambda found: " " * len(found[0]), shown))
    if digits is None or "E" in shown or "/" in shown:  # "General", powers of ten and fractions
        return f"{value:.{_SIGNIFICANT}g}" if isinstance(value, float) else str(value)
    whole, _, decimals = digits[0].rstrip(", ").partition(".")
    size = abs(value) * (100 if "%" in shown else 1)
    text = f"{size:.{len(decimals)}f}"
    zeros = whole.count("0") - len(text.partition(".")[0])
    sign = "-" if value < 0 and float(text) else ""
    before, after = shown[: digits.start()], shown[digits.end() :]
    return f"{_literal(before)}{sign}{'0' * zeros}{text}{_literal(after)}".strip()


def _literal(part: str) -> str:
    return "".join("".join(found) for found in _LITERAL.findall(part))

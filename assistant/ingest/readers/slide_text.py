"""The words of a slide's paragraphs and charts, with line breaks, numbers and looks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.ingest.readers.draft import Piece
from assistant.ingest.readers.formulas import formula
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.numbering import STYLES, whole_number
from assistant.ingest.readers.raised import lowered, raised, struck
from assistant.ingest.readers.tables import plain_rows, table_pieces

if TYPE_CHECKING:
    from lxml.etree import _Element

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SIGNS = {
    "arabicPeriod": ("1", "", "."), "arabicParenR": ("1", "", ")"),
    "arabicParenBoth": ("1", "(", ")"), "arabicPlain": ("1", "", ""),
    "alphaLcPeriod": ("a", "", "."), "alphaUcPeriod": ("A", "", "."),
    "alphaLcParenR": ("a", "", ")"), "alphaUcParenR": ("A", "", ")"),
    "alphaLcParenBoth": ("a", "(", ")"), "alphaUcParenBoth": ("A", "(", ")"),
    "romanLcPeriod": ("i", "", "."), "romanUcPeriod": ("I", "", "."),
    "romanLcParenR": ("i", "", ")"), "romanUcParenR": ("I", "", ")"),
}  # fmt: skip
"""How the kinds of automatic numbers are written: the style, and what is before and after."""

_MOST_POINTS = 5_000


def frame_lines(body: _Element) -> Iterator[str]:
    """The paragraphs of a body of text, those that are numbered with their number."""
    counts: dict[str, int] = defaultdict(int)
    for paragraph in body.iter(_A + "p"):
        words = paragraph_text(paragraph)
        yield _label(paragraph, counts) + words if words.strip() else words


def paragraph_text(paragraph: _Element) -> str:
    """The words of a paragraph; a line break within it is one here."""
    return mend("".join(_runs(paragraph)))


def _runs(element: _Element) -> Iterator[str]:
    for child in element:
        if child.tag == _A + "br":
            yield "\n"
        elif child.tag in (_A + "r", _A + "fld"):
            words = (child.findtext(_A + "t") or "").replace("\v", "\n")
            yield _looking(words, child.find(_A + "rPr"))
        elif child.tag == _MATH + "oMath":
            yield formula(child)
        elif isinstance(child.tag, str) and child.tag != _FALLBACK:
            yield from _runs(child)


def _looking(words: str, properties: _Element | None) -> str:
    if properties is None:
        return words
    height = whole_number(properties.get("baseline", "").rstrip("%"), 0)
    words = raised(words) if height > 0 else lowered(words) if height < 0 else words
    return words if properties.get("strike", "noStrike") == "noStrike" else struck(words)


def _label(paragraph: _Element, counts: dict[str, int]) -> str:
    """The automatic number of a paragraph; ``counts`` are those of its body by level."""
    properties = paragraph.find(_A + "pPr")
    level = properties.get("lvl", "0") if properties is not None else "0"
    for deeper in [one for one in counts if one > level]:
        del counts[deeper]
    kind = properties.find(_A + "buAutoNum") if properties is not None else None
    if kind is None:
        counts.pop(level, None)
        return ""
    first = whole_number(kind.get("startAt"), 1)
    counts[level] = counts[level] + 1 if level in counts else first
    style, before, after = _SIGNS.get(kind.get("type", ""), ("1", "", "."))
    return f"{before}{STYLES[style](counts[level])}{after} "


def chart_pieces(chart: _Element) -> Iterator[Piece]:
    """The title of a chart of any kind, and its figures as tables."""
    title = chart.find(f"{_C}chart/{_C}title")
    for paragraph in title.iter(_A + "p") if title is not None else ():
        yield Piece(paragraph_text(paragraph))
    for plot in chart.iterfind(f"{_C}chart/{_C}plotArea/*"):
        series = list(plot.iterfind(_C + "ser"))
        if not series:
            continue
        names = [_points(one.find(_C + "tx")).get(0, "") for one in series]
        if series[0].find(_C + "xVal") is not None:
            for name, one in zip(names, series, strict=True):
                yield Piece(name)
                rows = _rows([_points(one.find(_C + axis)) for axis in _AXES])
                yield from table_pieces(plain_rows(rows))
        else:
            labels = next((c for one in series if (c := one.find(_C + "cat")) is not None), None)
            columns = [_points(labels), *(_points(one.find(_C + "val")) for one in series)]
            yield from table_pieces(plain_rows([["", *names], *_rows(columns)]), headings=1)


_AXES = ("xVal", "yVal", "bubbleSize")


def _rows(columns: list[dict[int, str]]) -> Iterator[list[str]]:
    columns = [column for index, column in enumerate(columns) if column or index < 2]
    for point in sorted({point for column in columns for point in column})[:_MOST_POINTS]:
        if any(column.get(point) for column in columns[1:]):
            yield [column.get(point, "") for column in columns]


def _points(element: _Element | None) -> dict[int, str]:
    """The values that a chart keeps of its sheet, by their place; of several levels the lowest."""
    found: dict[int, str] = {}
    for point in element.iter(_C + "pt") if element is not None else ():
        place = point.get("idx", "")
        if place.isdigit():
            value = mend(point.findtext(_C + "v") or "").strip()
            counted = point.getparent().tag in (_C + "numCache", _C + "numLit")
            found.setdefault(int(place), _figure(value) if counted else value)
    return found


def _figure(value: str) -> str:
    """``value`` without the noise that binary fractions have in their last places."""
    try:
        return f"{float(value):.12g}" if "." in value else value
    except ValueError:
        return value

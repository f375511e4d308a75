"""The words of a citation as HTML: a sentence, a list with its items, or a row under its headings.

What is shown are the article's words alone; bars between cells and marks of list items become the
table and the list that they stand for.
"""

from __future__ import annotations

import re

from assistant.models.answer import Citation, Short
from assistant.models.table import BAR, row_cells
from assistant.web.chat.escaping import escape

_ITEM = re.compile(r"(?:[-–—•·*]|(\d{1,3})[.)])\s+(?=\S)")


def quoted(citation: Citation, short: Short | None = None) -> str:
    """The words of ``citation``; ``short`` are those among them that answer, to be marked."""
    lines = [line.strip() for line in citation.text.split("\n") if line.strip()]
    marked = short.text if short and short.citation == citation.number else ""
    if all(BAR in line for line in lines):
        return _table(row_cells(citation.columns) if citation.columns else [], lines, marked)
    items = [line for line in lines if _ITEM.match(line)]
    # The first item may have lost its mark to the place where the citation begins.
    if len(lines) > 1 and len(items) >= len(lines) - 1:
        return _list(lines, marked)
    return " <br>".join(_words(line, marked) for line in lines)


def _table(headings: list[str], rows: list[str], marked: str) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th> ' for cell in headings)
    body = "".join(
        f"<tr>{''.join(f'<td>{_words(cell, marked)}</td> ' for cell in row_cells(row))}</tr> "
        for row in rows
    )
    shown = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f"<table>{shown}<tbody>{body}</tbody></table>"


def _list(lines: list[str], marked: str) -> str:
    said, items = "", lines
    if not _ITEM.match(lines[0]) and lines[0].endswith((":", "：")):
        said, items = f"{_words(lines[0], marked)} ", lines[1:]
    second = _ITEM.match(items[-1])
    tag = "ol" if second and second[1] else "ul"
    number = _ITEM.match(items[0])
    start = f' start="{int(number[1])}"' if number and number[1] and number[1] != "1" else ""
    shown = "".join(f"<li>{_words(_ITEM.sub('', item, count=1), marked)}</li> " for item in items)
    return f"{said}<{tag}{start}>{shown}</{tag}>"


def _words(text: str, marked: str) -> str:
    """``text`` with the words ``marked`` set apart where they stand first."""
    before, found, after = text.partition(marked) if marked else (text, "", "")
    if not found:
        return escape(text)
    return f"{_kept(before)}<mark>{escape(found)}</mark>{_kept(after)}"


def _kept(text: str) -> str:
    """``text`` escaped, the space at its ends kept: it stands beside marked words."""
    if not text.strip():
        return " " if text else ""
    before = " " if text[0].isspace() else ""
    return f"{before}{escape(text)}{' ' if text[-1].isspace() else ''}"

"""Renders a citation's words as HTML: a sentence, a list, or table rows under their headings.

Only the article's words are shown; the bars between cells and the bullets of items become the
table or list that they denote.
"""

from __future__ import annotations

import re

from assistant.models.answer import Citation, Short
from assistant.models.table import BAR, row_cells
from assistant.web.chat.escaping import escape

_ITEM = re.compile(r"(?:[-–—•·*]|(\d{1,3})[.)])\s+(?=\S)")

_ANNOUNCES = (":", "：")


def quoted(citation: Citation, short: Short | None = None) -> str:
    """The words of ``citation``, with those of ``short`` highlighted."""
    lines = [line.strip() for line in citation.text.split("\n") if line.strip()]
    marked = short.text if short and short.citation == citation.number else ""
    if all(BAR in line for line in lines):
        return _table(row_cells(citation.columns) if citation.columns else [], lines, marked)
    items = [line for line in lines if _ITEM.match(line)]
    # A citation may begin behind the bullet of its first item, and paragraphs be items without.
    announced = len(lines) > 2 and lines[0].endswith(_ANNOUNCES)
    if len(lines) > 1 and (announced or len(items) >= len(lines) - 1):
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
    if not _ITEM.match(lines[0]) and lines[0].endswith(_ANNOUNCES):
        said, items = f"{_words(lines[0], marked)} ", lines[1:]
    second = _ITEM.match(items[-1])
    tag = "ol" if second and second[1] else "ul"
    number = _ITEM.match(items[0])
    start = f' start="{int(number[1])}"' if number and number[1] and number[1] != "1" else ""
    shown = "".join(f"<li>{_words(_ITEM.sub('', item, count=1), marked)}</li> " for item in items)
    return f"{said}<{tag}{start}>{shown}</{tag}>"


def _words(text: str, marked: str) -> str:
    """``text`` with the first occurrence of ``marked`` highlighted."""
    before, found, after = text.partition(marked) if marked else (text, "", "")
    if not found:
        return escape(text)
    return f"{_kept(before)}<mark>{escape(found)}</mark>{_kept(after)}"


def _kept(text: str) -> str:
    """``text`` escaped, keeping a space at each end, where highlighted words adjoin."""
    if not text.strip():
        return " " if text else ""
    before = " " if text[0].isspace() else ""
    return f"{before}{escape(text)}{' ' if text[-1].isspace() else ''}"

"""Rich Text Format. Headings are paragraphs with a level in the outline or the style of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from assistant.ingest.readers.archive import damaged
from assistant.ingest.readers.draft import Draft, Piece, one_line
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.metadata import document
from assistant.ingest.readers.rtf_marks import shown
from assistant.ingest.readers.tables import plain_rows, table_pieces

_MARK = "\ue0f0"  # of private use: no text holds it
_MARKED = r"\u57584 ?"
_HEADING_STYLE = re.compile(r"\{\\s(\d+)\b[^{}]*?(?:heading \d|\btitle)\s*;\}", re.I)
_LEVEL = re.compile(r"\\(?:outlinelevel[0-8](?!\d)|s(?P<style>\d+)) ?")
_CREATED = re.compile(r"\{\\creatim\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")
_PICTURE = re.compile(r"\{\\\*?\\?pict\b[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")
_ACCOUNT = re.compile(r"\{\\info\b")
_LONGEST_ACCOUNT = 20_000
_SAID = {
    name: re.compile(rf"\{{\\{name} ((?:[^{{}}\\]|\\.)*)\}}", re.S) for name in ("title", "author")
}
_CODE_PAGE = re.compile(r"\\ansicpg(\d+)")


def read_rtf(data: bytes) -> Draft:
    """A rich text, its notes at its end. Raises ``ArticleError`` where it is damaged."""
    from striprtf.striprtf import rtf_to_text

    source = data.decode("latin-1")
    if not source.lstrip().startswith("{\\rtf"):
        raise damaged("it does not begin as a rich text")
    found = _CREATED.search(source)
    return document(
        list(_pieces(mend(rtf_to_text(_marked(source), errors="replace")))),
        title=_said(source, "title", rtf_to_text),
        author=_said(source, "author", rtf_to_text),
        made="{}-{:0>2}-{:0>2}".format(*found.groups()) if found else None,
    )


def _marked(source: str) -> str:
    """What ``source`` shows, without pictures, and with ``_MARK`` at the start of each heading."""
    headings = set(_HEADING_STYLE.findall(source))

    def marked(found: re.Match[str]) -> str:
        is_heading = found["style"] is None or found["style"] in headings
        return found[0] + _MARKED if is_heading else found[0]

    return _LEVEL.sub(marked, shown(_PICTURE.sub("", source)))


def _pieces(text: str) -> Iterator[Piece]:
    table: list[list[str]] = []
    for line in text.split("\n"):
        words = line.replace(_MARK, "").rstrip()
        if words.endswith("|"):
            table.append([cell.strip() for cell in words[:-1].split("|")])
            continue
        yield from table_pieces(plain_rows(table))
        table = []
        yield Piece(words, heading=_MARK in line)
    yield from table_pieces(plain_rows(table))


def _said(source: str, name: str, to_text: Callable[..., str]) -> str | None:
    """The value of ``name`` in the file's own account of itself."""
    account = _ACCOUNT.search(source)
    if account is None:
        return None
    found = _SAID[name].search(source, account.end(), account.end() + _LONGEST_ACCOUNT)
    if found is None:
        return None
    page = _CODE_PAGE.search(source)
    value = to_text(
        rf"{{\rtf1\ansi\ansicpg{page[1] if page else 1252} {found[1]}}}", errors="replace"
    )
    return one_line(value)

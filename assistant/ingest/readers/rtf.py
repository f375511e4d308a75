"""Rich Text Format. Headings are paragraphs with a level in the outline or the style of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from assistant.ingest.readers.archive import damaged
from assistant.ingest.readers.draft import Draft, Piece, compose, one_line
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.metadata import plausible_author, plausible_date, plausible_title
from assistant.ingest.readers.rtf_marks import shown
from assistant.ingest.readers.tables import plain_rows, table_pieces
from assistant.support.errors import ArticleError

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
    try:
        text = mend(rtf_to_text(_marked(source), errors="replace"))
        title = plausible_title(_said(source, "title", rtf_to_text))
        author = plausible_author(_said(source, "author", rtf_to_text))
    except (ValueError, LookupError, IndexError, RecursionError, OverflowError) as error:
        raise damaged(error) from error
    if not any(char.isalnum() for char in text):
        raise ArticleError("it holds no text. Write some, or remove it from the corpus.")
    pieces = list(_pieces(text))
    composed, blocks = compose(pieces)
    titles = (piece.text for piece in pieces if piece.heading)
    return Draft(
        composed,
        blocks,
        title=title or one_line(next(titles, None)),
        published=_created(source),
        author=author,
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


def _created(source: str) -> date | None:
    found = _CREATED.search(source)
    if found is None:
        return None
    try:
        return plausible_date(date(int(found[1]), int(found[2]), int(found[3])))
    except ValueError:
        return None

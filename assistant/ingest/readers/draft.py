"""The result of a reader, and functions that the readers share."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from typing import Literal

from assistant.models.article import Block, Shape

logger = logging.getLogger(__name__)

_ISO_DATE = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?!\d)")
LONGEST_HEADING = 100
_GOES_ON = (".", "…", "!", ":", ";", ",", "。", "！", "：", "；", "，", "、")
_CLOSES = "\"'»”’)]」』】"
_AMBIGUOUS_DATE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ]\d{4}$")
_LAST_MONTH = 12


@dataclass(frozen=True, slots=True)
class Draft:
    """The text and metadata of a file; None for metadata that it lacks."""

    text: str
    blocks: tuple[Block, ...]
    title: str | None = None
    language: str | None = None
    published: date | None = None
    author: str | None = None
    url: str | None = None
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of a block to be. ``tight`` follows its predecessor on the next line, as the items
    of a list and the rows of a table do; the others after a blank line. ``pages`` are the pages
    that it stands on: the number of each, from 1, and where in ``text`` it begins. ``row`` is set
    for those of a table (``tables.py`` makes them), ``bold`` where all of it is in bold.
    """

    text: str
    heading: bool = False
    tight: bool = False
    pages: tuple[tuple[int, int], ...] = ()
    row: Literal["row", "columns"] | None = None
    bold: bool = False


def compose(pieces: Iterable[Piece]) -> tuple[str, tuple[Block, ...]]:
    """The text that ``pieces`` make together, and where each is in it. Empty ones are left out.

    A bold line over others that are not is a heading.
    """
    parts: list[str] = []
    blocks: list[Block] = []
    length = 0
    kept = [piece for piece in pieces if piece.text.strip()]
    for piece, after in zip_longest(kept, kept[1:]):
        words = piece.text.strip()
        over_text = after is not None and not (after.heading or after.bold)
        heading = piece.heading or (piece.bold and over_text and heads(words))
        gap = "" if not parts else "\n" if piece.tight else "\n\n"
        start = length + len(gap)
        length = start + len(words)
        parts += (gap, words)
        listed = piece.tight and not piece.row and not heading
        if listed and blocks and blocks[-1] == Block(blocks[-1].start, blocks[-1].end):
            blocks[-1] = replace(blocks[-1], shape="item")  # the first of the list
        shape: Shape = piece.row or ("item" if listed else "text")
        blocks.append(Block(start, length, heading, shape))
    return "".join(parts), tuple(blocks)


def heads(words: str) -> bool:
    """Whether ``words`` in bold may be a heading: one short line that ends like no sentence but a
    question.
    """
    is_short = len(words) <= LONGEST_HEADING and "\n" not in words
    return is_short and not words.rstrip(_CLOSES).endswith(_GOES_ON)


def page_starts(pieces: Iterable[Piece], draft: Draft, count: int) -> tuple[int, ...]:
    """Where each of ``count`` pages begins in the text of the ``draft`` made of ``pieces``.

    The first begins at 0, a page without text where the next one does.
    """
    starts: dict[int, int] = {}
    kept = (piece for piece in pieces if piece.text.strip())
    for piece, block in zip(kept, draft.blocks, strict=True):
        for number, offset in piece.pages:
            starts.setdefault(number, min(block.start + offset, block.end))
    begins = len(draft.text)
    found: list[int] = []
    for number in range(count, 1, -1):
        begins = min(begins, starts.get(number, begins))
        found.append(begins)
    return (0, *reversed(found)) if count else ()


def first_heading(pieces: Iterable[Piece]) -> str | None:
    """The first heading among ``pieces``, on one line."""
    return next((one_line(piece.text) for piece in pieces if piece.heading), None)


def one_line(text: str | None) -> str | None:
    """``text`` with white space collapsed, or None where nothing is left."""
    return " ".join((text or "").split()) or None


def web_address(value: str | None) -> str | None:
    """``value`` if it is an http(s) address, else None: it becomes a link that people click."""
    address = (value or "").strip()
    return address if re.match(r"https?://[^\s/]", address) else None


def publication_date(value: str | None, language: str = "en") -> date | None:
    """The day in ``value``: ISO 8601 with or without a time, or written out in English or in
    ``language`` ("17 mai 2024").

    None, with a warning in the log, where it is no date, lacks the day, or can be read both as
    day/month and as month/day.
    """
    written = one_line(value)
    if written is None:
        return None
    found = _iso_date(written) if _ISO_DATE.match(written) else _written_date(written, language)
    if found is None:
        logger.warning("Ignored the date %r: write it as YYYY-MM-DD.", written)
    return found


def _iso_date(written: str) -> date | None:
    match = _ISO_DATE.match(written)
    if match is None:
        return None
    year, month, day = (int(group) for group in match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None  # the caller warns: no such day


def _written_date(written: str, language: str) -> date | None:
    ambiguous = _AMBIGUOUS_DATE.match(written)
    if ambiguous:
        first, second = int(ambiguous[1]), int(ambiguous[2])
        if first != second and max(first, second) <= _LAST_MONTH:
            return None
    import dateparser  # 0.3 s, for the few dates that are not ISO
    from dateparser.data.languages_info import language_order

    # Absolute dates with all their parts only: "yesterday" and "May 2012" would depend on today.
    settings = {"REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"]}
    # In all its languages it would search for seconds.
    known = [code for code in dict.fromkeys((language, "en")) if code in language_order]
    found = dateparser.parse(written, languages=known, settings=settings)
    return found.date() if found else None

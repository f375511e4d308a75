"""Feeds saved as files: one article, with a heading for each entry."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from time import struct_time
from typing import Any

from assistant.ingest.readers.archive import damaged, refuse_entities
from assistant.ingest.readers.draft import Draft, Piece, compose, one_line, web_address
from assistant.ingest.readers.markup import markup_pieces
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.metadata import plausible_author, plausible_date
from assistant.support.errors import ArticleError


def read_feed(data: bytes) -> Draft:
    """An RSS or Atom feed, its entries in their order: title, then day and author, then text.

    The day of publication is that of the newest entry. Raises ``ArticleError`` where it is no feed
    or declares entities.
    """
    refuse_entities(data)
    import feedparser

    # It is given a file, since it takes bytes that look like an address for one.
    found = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    if not found.get("version"):
        if found.bozo:
            raise damaged(found.get("bozo_exception"))
        raise ArticleError("it is neither an RSS nor an Atom feed. Remove it from the corpus.")
    pieces = [piece for entry in found.entries for piece in _entry(entry)]
    summary = found.feed.get("subtitle") or ""
    days = [day for entry in found.entries if (day := _day(entry))]
    return Draft(
        *compose([*markup_pieces(summary), *pieces]),
        title=_line(found.feed.get("title")),
        language=found.feed.get("language"),
        published=max(days, default=_day(found.feed)),
        author=plausible_author(found.feed.get("author")),
        url=web_address(found.feed.get("link")),
    )


def _entry(entry: Any) -> Iterator[Piece]:
    yield Piece(_line(entry.get("title")) or "", heading=True)
    day, author = _day(entry), plausible_author(entry.get("author"))
    yield Piece(", ".join(str(part) for part in (day, author) if part))
    contents = [part.get("value") or "" for part in entry.get("content", ())]
    yield from markup_pieces(max([*contents, entry.get("summary") or ""], key=len))


def _line(value: str | None) -> str | None:
    """A title, which may be written in HTML."""
    if value and ("<" in value or "&" in value):
        value = " ".join(piece.text for piece in markup_pieces(value))
    return one_line(mend(value or ""))


def _day(said: Any) -> date | None:
    # Not by the dictionary's own methods, which take one day for the other, with a warning.
    days = (dict.get(said, name) for name in ("published_parsed", "updated_parsed"))
    moment: struct_time | None = next((day for day in days if day), None)
    try:
        return plausible_date(date(*moment[:3])) if moment else None
    except ValueError:
        return None

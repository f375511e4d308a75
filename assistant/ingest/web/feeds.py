"""Reads RSS and Atom feeds: their pages, with the full text of those that include it."""

from __future__ import annotations

import calendar
import io
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from typing import Any

from assistant.ingest.web.source_list import Entry, web_url
from assistant.support.errors import FetchError

logger = logging.getLogger(__name__)


def read_feed(data: bytes, url: str, content_type: str = "") -> list[Entry]:
    """The entries of the feed at ``url``, in order, without those that have no page.

    Raises ``FetchError`` if the bytes are not a feed.
    """
    import feedparser

    # Pass a file object: feedparser could take bytes or text for a path or URL to open.
    try:
        parsed = feedparser.parse(
            io.BytesIO(data),
            response_headers={"content-location": url, "content-type": content_type},
        )
    except Exception as error:  # feedparser fails in many ways on malformed markup
        raise FetchError(f"it is a damaged feed: {error}.") from error
    if not parsed.get("version") and not parsed.entries:
        raise FetchError("it is not an RSS or Atom feed. If it is a page, list it under pages.")
    return list(_entries(parsed.entries, url))


def _entries(found: list[Any], base: str) -> Iterator[Entry]:
    for one in found:
        try:
            url = web_url(one.get("link") or "", base)
        except ValueError as error:
            logger.info("An entry of %s has no page: %s", base, error)
            continue
        yield Entry(url, _time(one), str(one.get("title") or ""), _content(one))


def _time(entry: Any) -> str:
    # Only if present: otherwise feedparser falls back to the other one, and warns.
    given = entry.get("updated_parsed") if "updated_parsed" in entry else None
    given = given or entry.get("published_parsed")
    if given is None:
        return ""
    try:
        return datetime.fromtimestamp(calendar.timegm(given), UTC).isoformat()
    except (OverflowError, ValueError):  # feeds can contain anything
        return ""


def _content(entry: Any) -> str:
    """The full text of an entry; summaries do not count."""
    parts = (
        part.value if "html" in part.get("type", "") else f"<p>{escape(part.value)}</p>"
        for part in entry.get("content", ())
    )
    return "\n".join(parts)


def as_page(entry: Entry) -> bytes:
    """The full text in an entry as an HTML page of its own."""
    date = f'<meta property="article:published_time" content="{escape(entry.changed)}">'
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        f"<title>{escape(entry.title)}</title>{date if entry.changed else ''}"
        f'<link rel="canonical" href="{escape(entry.url)}"></head>'
        f"<body><article><h1>{escape(entry.title)}</h1>{entry.content}</article></body></html>"
    ).encode()

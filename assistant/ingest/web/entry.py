"""Entries of feeds and sitemaps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A page named by a feed or sitemap. ``changed`` is the time it gives, in ISO 8601 and UTC, or
    "" if none. A feed may carry a page's whole text, as HTML in ``content``, with its ``title``.
    """

    url: str
    changed: str = ""
    title: str = ""
    content: str = ""

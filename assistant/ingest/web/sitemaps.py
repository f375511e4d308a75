"""Reads sitemaps and sitemap indexes."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.ingest.web.source_list import Entry, web_url
from assistant.ingest.web.unpacking import GZIP, joined, unpacked
from assistant.support.errors import FetchError

if TYPE_CHECKING:
    from lxml.etree import _Element

logger = logging.getLogger(__name__)

_ROOTS = ("urlset", "sitemapindex")

MOST_BYTES = 50_000_000
"""The largest sitemap that the standard allows, decompressed."""
MOST_ENTRIES = 50_000
"""Most entries that the standard allows; further ones are ignored."""


def read_sitemap(data: bytes, url: str) -> tuple[list[Entry], list[str]]:
    """The pages and the further sitemaps listed by the sitemap at ``url``.

    Raises ``FetchError`` if the bytes are not a sitemap, compressed or not.
    """
    from lxml import etree

    if data.startswith(GZIP):
        data = joined(unpacked([data]), MOST_BYTES)
    pages: list[Entry] = []
    further: list[str] = []
    root = None
    try:
        # Sitemaps need no entities, so none are resolved or expanded.
        for _, element in etree.iterparse(
            io.BytesIO(data), resolve_entities=False, no_network=True, load_dtd=False
        ):
            root, name = element, etree.QName(element).localname
            if name in ("url", "sitemap"):
                for address in _addresses(element, url):
                    if name == "url":
                        pages.append(Entry(address, _child(element, "lastmod")))
                    else:
                        further.append(address)
                element.clear()
                if len(pages) + len(further) == MOST_ENTRIES:
                    break
    except etree.XMLSyntaxError as error:
        raise FetchError(f"it is not a sitemap: its XML is malformed ({error.msg}).") from error
    found = pages or further or (root is not None and etree.QName(root).localname in _ROOTS)
    if not found:
        raise FetchError("it is not a sitemap. If it is a feed or a page, list it as that.")
    return pages, further


def _addresses(element: _Element, base: str) -> Iterator[str]:
    """The address of an entry; none if it is not a web address."""
    try:
        yield web_url(_child(element, "loc"), base)
    except ValueError as error:
        logger.info("Skipping an entry of %s: %s", base, error)


def _child(element: _Element, name: str) -> str:
    # Extensions (images, videos) have children of the same name in another namespace.
    namespace = element.tag.rpartition("}")[0] + "}" if "}" in element.tag else ""
    return (element.findtext(f"{namespace}{name}") or "").strip()

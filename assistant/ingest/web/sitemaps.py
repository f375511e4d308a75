"""Sitemaps, and indexes of sitemaps: the pages of a site, as it lists them itself."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.ingest.web.entry import Entry
from assistant.ingest.web.source_list import web_url
from assistant.ingest.web.unpacking import GZIP, joined, unpacked
from assistant.support.errors import FetchError

if TYPE_CHECKING:
    from lxml.etree import _Element

logger = logging.getLogger(__name__)

_ROOTS = ("urlset", "sitemapindex")

MOST_BYTES = 50_000_000
"""The largest sitemap that its standard allows, unpacked."""
MOST_ENTRIES = 50_000
"""As many as its standard allows; what comes after is left out."""


def read_sitemap(data: bytes, url: str) -> tuple[list[Entry], list[str]]:
    """The pages, and the addresses of the further sitemaps, that the sitemap at ``url`` lists.

    Raises ``FetchError`` for bytes that are no sitemap, packed or not.
    """
    from lxml import etree

    if data.startswith(GZIP):
        data = joined(unpacked([data]), MOST_BYTES)
    pages: list[Entry] = []
    further: list[str] = []
    root = None
    try:
        # Nothing of a sitemap needs entities, so none is looked up or unfolded.
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
        raise FetchError(f"it is no sitemap: its XML is broken ({error.msg}).") from error
    found = pages or further or (root is not None and etree.QName(root).localname in _ROOTS)
    if not found:
        raise FetchError("it is no sitemap. If it is a feed or a page, list it as that.")
    return pages, further


def _addresses(element: _Element, base: str) -> Iterator[str]:
    """The one address of an entry; none where it is no address of the web."""
    try:
        yield web_url(_child(element, "loc"), base)
    except ValueError as error:
        logger.info("An entry of %s is left out: %s", base, error)


def _child(element: _Element, name: str) -> str:
    # Extensions (images, videos) have children of the same name in a namespace of their own.
    namespace = element.tag.rpartition("}")[0] + "}" if "}" in element.tag else ""
    return (element.findtext(f"{namespace}{name}") or "").strip()

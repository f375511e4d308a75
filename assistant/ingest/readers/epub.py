"""Books in EPUB: their chapters in the order of the spine."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from posixpath import dirname
from typing import TYPE_CHECKING
from zipfile import ZipFile

from assistant.ingest.readers.archive import (
    damaged,
    open_archive,
    parse_xml,
    unpack,
    within,
    without_entities,
)
from assistant.ingest.readers.decoding import decode
from assistant.ingest.readers.draft import Draft, Piece, one_line
from assistant.ingest.readers.markup import markup_pieces
from assistant.ingest.readers.metadata import document, plausible_date
from assistant.support.errors import ArticleError

if TYPE_CHECKING:
    from lxml.etree import _Element

logger = logging.getLogger(__name__)

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_DC = "{http://purl.org/dc/elements/1.1/}"
_DECLARED = re.compile(rb"\A\s*<\?xml[^>]*encoding=[\"']([\w-]+)", re.I)
_PAGES = (".xhtml", ".html", ".htm")
_YEAR = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_epub(data: bytes) -> Draft:
    """A book. Chapters that are missing are left out, with a warning. Pages that are no part
    of its run of reading are left out, as is its navigation.

    Raises ``ArticleError`` where it is damaged, or protected against copying.
    """
    with open_archive(data) as archive:
        found = parse_xml(unpack(archive, _CONTAINER)).find(".//{*}rootfile")
        place = found.get("full-path") if found is not None else None
        if not place:
            raise damaged("its container names no package")
        package = parse_xml(unpack(archive, place))
        pieces = list(_chapters(archive, package, dirname(place)))

    def said(name: str) -> list[str]:
        values = (one_line("".join(node.itertext())) for node in package.iter(_DC + name))
        return [value for value in values if value]

    dates = (plausible_date(value) for value in said("date") if _YEAR.match(value))
    return document(
        pieces,
        title=next(iter(said("title")), None),
        author=", ".join(dict.fromkeys(said("creator"))),
        made=next((day for day in dates if day), None),
        language=next(iter(said("language")), None),
    )


def _chapters(archive: ZipFile, package: _Element, folder: str) -> Iterator[Piece]:
    names = set(archive.namelist())
    locked = _encrypted(archive) if _ENCRYPTION in names else frozenset()
    items = {item.get("id"): item for item in package.iter("{*}item")}
    for reference in package.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or reference.get("linear") == "no":
            continue
        if "nav" in item.get("properties", "").split():
            continue
        name = within(folder, item.get("href", ""))
        kind = item.get("media-type", "html")
        if "html" not in kind and not name.lower().endswith(_PAGES):
            continue
        if name in locked:
            raise ArticleError("it is protected against copying. Put in an unprotected copy.")
        if name not in names:
            logger.warning("Left out %s, which is missing.", name)
            continue
        data = without_entities(unpack(archive, name))
        declared = _DECLARED.match(data)
        yield from markup_pieces(decode(data, declared[1].decode() if declared else None))


def _encrypted(archive: ZipFile) -> frozenset[str]:
    root = parse_xml(unpack(archive, _ENCRYPTION))
    return frozenset(within("", node.get("URI", "")) for node in root.iter("{*}CipherReference"))

"""Opens documents of Office despite damaged parts."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Callable
from posixpath import basename, dirname
from typing import TypeVar

from assistant.ingest.readers.archive import open_archive, parse_xml, unpack, within
from assistant.support.errors import ArticleError

logger = logging.getLogger(__name__)

Document = TypeVar("Document")

_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_TYPES = "[Content_Types].xml"
_MAIN = frozenset({"officeDocument"})
_STRICT = (
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships",
     b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
    (b"http://purl.oclc.org/ooxml/officeDocument/",
     b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main",
     b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/presentationml/main",
     b"http://schemas.openxmlformats.org/presentationml/2006/main"),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main",
     b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)  # fmt: skip
"""Namespaces of "Strict Open XML", and those of the usual kind in their place."""

_KINDS = (
    (re.compile(rb"application/vnd\.ms-word\.(?:document|template)\.macroEnabled\.main\+xml|"
                rb"application/vnd\.openxmlformats-officedocument\.wordprocessingml\.template\.main\+xml"),
     b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"),
    (re.compile(rb"application/vnd\.ms-powerpoint\.(?:presentation|slideshow|template)\."
                rb"macroEnabled\.main\+xml|application/vnd\.openxmlformats-officedocument\."
                rb"presentationml\.(?:template|slideshow)\.main\+xml"),
     b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"),
    (re.compile(rb"application/vnd\.ms-excel\.(?:sheet|template)\.macroEnabled\.main\+xml|"
                rb"application/vnd\.openxmlformats-officedocument\.spreadsheetml\.template\.main\+xml"),
     b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
)  # fmt: skip
"""Templates, and documents with macros, which are never run: they are read as documents."""


def opened(data: bytes, library: Callable[[io.BytesIO], Document]) -> Document:
    """The document in ``data`` as ``library`` opens it, if need be after repair.

    Raises ``ArticleError`` as ``open_archive``, and what ``library`` raises.
    """
    open_archive(data).close()
    try:
        return library(io.BytesIO(data))
    except MemoryError:
        raise
    except Exception:  # whatever it is: a second time without what may be the reason
        return library(io.BytesIO(_repaired(data)))


def _repaired(data: bytes) -> bytes:
    """The document in ``data`` without what keeps it from being opened.

    Relations that lead nowhere or to a part that is no XML are dropped, with a warning; "Strict"
    documents, templates and those with macros become usual ones. Raises ``ArticleError`` where the
    archive itself is damaged.
    """
    made = io.BytesIO()
    with open_archive(data) as archive, zipfile.ZipFile(made, "w") as kept:
        names = frozenset(archive.namelist())
        for name in names:
            try:
                content = unpack(archive, name)
            except ArticleError:
                logger.warning("Left out %s, which is damaged.", name)
                content = b""
            if name.endswith((".xml", ".rels")):
                content = _usual(content)
            if name == _TYPES:
                for pattern, kind in _KINDS:
                    content = pattern.sub(kind, content)
            if name.endswith(".rels"):
                content = _leading_somewhere(archive, name, content, names)
            kept.writestr(name, content)
    return made.getvalue()


def _usual(content: bytes) -> bytes:
    if b"purl.oclc.org/ooxml" in content:
        for strict, usual in _STRICT:
            content = content.replace(strict, usual)
    return content


def _leading_somewhere(
    archive: zipfile.ZipFile, name: str, content: bytes, names: frozenset[str]
) -> bytes:
    """The relations in ``content`` without those to parts that are missing or damaged."""
    from lxml import etree

    try:
        relations = parse_xml(content)
    except ArticleError:
        logger.warning("Left out %s, which is damaged.", name)
        return b'<Relationships xmlns="' + _PACKAGE[1:-1].encode() + b'"/>'
    folder = dirname(dirname(name))
    for relation in list(relations):
        if relation.get("TargetMode") == "External":
            continue
        target = within(folder, relation.get("Target", ""))
        main = relation.get("Type", "").rpartition("/")[2] in _MAIN
        if not main and not (target in names and _is_sound(archive, target)):
            logger.warning("Left out %s, which is missing or damaged.", basename(target))
            relations.remove(relation)
    written: bytes = etree.tostring(relations)
    return written


def _is_sound(archive: zipfile.ZipFile, name: str) -> bool:
    try:
        content = unpack(archive, name)
        if name.endswith(".xml"):
            parse_xml(content)
    except ArticleError:
        return False
    return True

"""Opens zip archives and their XML safely: no decompression bombs, no external entities."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from posixpath import join, normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from assistant.support.errors import ArticleError

if TYPE_CHECKING:
    from lxml.etree import _Element

LARGEST = 200_000_000
"""Most bytes an archive may unpack to in all."""

LARGEST_MARKUP = 40_000_000
"""Most bytes its XML and HTML may unpack to: parsed, they take ten times that in memory."""

MOST_FILES = 10_000

_MARKUP = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx")
_ENTITY = re.compile(rb"<!ENTITY", re.I)
_LETTERS = re.compile(
    rb"<!ENTITY\s+(\w{1,40})\s+([\"'])((?:&#x?[0-9A-Fa-f]{1,6};|[^&%<>\"']){0,16})\2\s*>"
)
_REFERENCE = re.compile(rb"&(\w{1,40});")
_MOST_ENTITIES = 300
_LONGEST_LETTERS = 160  # bytes
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DAMAGED = "it is damaged: {reason}. Open it in the program that made it and save it again."


def damaged(reason: object) -> ArticleError:
    """The error for a file whose structure is broken; a lack of memory is raised as it is."""
    if isinstance(reason, MemoryError):
        raise reason
    words = " ".join(str(reason).split())[:200].rstrip(".")
    return ArticleError(_DAMAGED.format(reason=words or "its structure is broken"))


def open_archive(data: bytes) -> zipfile.ZipFile:
    """The document that is a zip archive in ``data``, none of it unpacked yet.

    Raises ``ArticleError`` as ``open_zip``, and where its XML would unpack to too much or declares
    entities that are not harmless.
    """
    archive = open_zip(data)
    entries = [one for one in archive.infolist() if one.filename.lower().endswith(_MARKUP)]
    markup = sum(entry.file_size for entry in entries)
    if markup > LARGEST_MARKUP:
        raise ArticleError(
            f"its text unpacks to {markup / 1e6:.0f} MB, more than the {LARGEST_MARKUP / 1e6:.0f} "
            "MB that are read. Split it into smaller files."
        )
    for entry in entries:
        refuse_entities(unpack(archive, entry.filename))
    return archive


def open_zip(data: bytes) -> zipfile.ZipFile:
    """The zip archive in ``data``, none of it unpacked yet.

    Raises ``ArticleError`` where it is damaged, protected by a password, or would unpack to more
    than ``LARGEST``.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise damaged(error) from error
    size = sum(entry.file_size for entry in entries)
    if size > LARGEST or len(entries) > MOST_FILES:
        raise ArticleError(
            f"it unpacks to {size / 1e6:.0f} MB in {len(entries)} files, more than the "
            f"{LARGEST / 1e6:.0f} MB and {MOST_FILES} files that are read. Split it into smaller "
            "files."
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise ArticleError("it is protected by a password. Save it without one.")
    return archive


def unpack(archive: zipfile.ZipFile, name: str) -> bytes:
    """The file ``name`` of ``archive``. Raises ``ArticleError`` where it is missing or damaged."""
    try:
        return archive.read(name)
    except KeyError as error:
        raise damaged(f"{name} is missing in it") from error
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError,
            RuntimeError, ValueError, struct.error) as error:  # fmt: skip
        raise damaged(f"{name}: {error}") from error


def refuse_entities(data: bytes) -> None:
    """Raise ``ArticleError`` for XML that declares entities which name other files, or others
    again and so grow without end. Those that stand for a few letters are harmless.
    """
    disguised = data.startswith(_MARKS) or data[1:2] == b"\0" or data[:1] == b"\0"
    if disguised:
        data = data.replace(b"\0", b"")  # UTF-16 or UTF-32
    declared = len(_ENTITY.findall(data))
    harmless = 0 if disguised else len(_LETTERS.findall(data))
    if declared > min(harmless, _MOST_ENTITIES):
        raise ArticleError("its XML declares entities, which are not read. Save it without them.")


def without_entities(data: bytes) -> bytes:
    """The XML or HTML in ``data`` with the letters that its entities stand for in their place.

    Raises ``ArticleError`` for those that are not harmless.
    """
    refuse_entities(data)
    letters = {found[1]: found[3] for found in _LETTERS.finditer(data)}
    if not letters:
        return data
    if len(_REFERENCE.findall(data)) * _LONGEST_LETTERS > LARGEST_MARKUP:
        raise ArticleError("its XML names entities too often. Save it without them.")
    data = _LETTERS.sub(b"", data)
    return _REFERENCE.sub(lambda found: letters.get(found[1], found[0]), data)


def parse_xml(data: bytes) -> _Element:
    """The root of the XML document in ``data``, in which nothing is looked up elsewhere.

    Raises ``ArticleError`` where it is no XML or declares entities that are not harmless.
    """
    from lxml import etree

    data = without_entities(data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged(error) from error


def within(folder: str, reference: str) -> str:
    """The name in an archive of what a file in ``folder`` refers to, without its fragment."""
    return normpath(join(folder, unquote(reference.partition("#")[0]))).lstrip("/")

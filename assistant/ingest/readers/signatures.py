"""Detects a file's format by its first bytes, whatever its name."""

from __future__ import annotations

import codecs
import io
import re
import zipfile

from assistant.support.errors import ArticleError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
_MAIL = "__properties_version1.0".encode("utf-16-le")
_STREAMS = {
    ".doc": "WordDocument".encode("utf-16-le"),
    ".ppt": "PowerPoint Document".encode("utf-16-le"),
    ".xls": "Workbook".encode("utf-16-le"),
}
"""What tells the format of an OLE file: the first of these names that is in it. A document may hold
others, such as a sheet."""

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PAGE = re.compile(
    # Possessive and atomic: what was passed over is not tried again, whatever follows.
    rb"\s*+(?:<\?xml[^>]*+>\s*+)?+(?><!--.*?-->\s*+)*+<(?:!doctype\s+html|html)\b",
    re.I | re.S,
)
_HEAD = 4_096
_MIMETYPES = {
    b"application/vnd.oasis.opendocument.presentation": ".odp",
    b"application/vnd.oasis.opendocument.text": ".odt",
    b"application/vnd.oasis.opendocument.spreadsheet": ".ods",
    b"application/epub+zip": ".epub",
}
_HELD = {"word/": ".docx", "ppt/": ".pptx", "xl/": ".xlsx", "META-INF/container.xml": ".epub"}
"""What tells the format of an archive: how the name of a file in it begins."""

_WORDY = 0.5  # share of a text that is letters, figures and spaces
_BINARY = frozenset(
    {
        "", ".pdf", ".docx", ".docm", ".dotx", ".dotm", ".pptx", ".pptm", ".potx", ".ppsx", ".odt",
        ".xlsx", ".xlsm", ".xltx", ".xltm", ".ods", ".doc", ".ppt", ".pps", ".xls", ".odp",
    }
)  # fmt: skip
"""Suffixes of binary formats, and none."""

_MARKUP = frozenset({".html", ".htm", ".md", ".markdown", ".txt", ".mht", ".mhtml", ".csv", ".tsv"})


def kind_of(data: bytes, suffix: str) -> str:
    """The suffix that fits ``data``: that of its signature if it has one, else ``suffix``.

    So a PDF named .txt is read as a PDF, a page named .docx as a page, a
    text named .pdf as text. Raises ``ArticleError`` for OLE files of other programs, and for
    encrypted documents of Office.
    """
    if data.startswith(OLE):
        return _kind_of_ole(data, suffix)
    if data.startswith(b"%PDF-"):
        return ".pdf"
    if data.startswith(b"{\\rtf"):
        return ".rtf"
    if data.startswith(ZIP):
        return _kind_of_archive(data, suffix)
    if suffix not in _MARKUP and _PAGE.match(data[:_HEAD]):
        return ".html"
    if suffix in _BINARY and looks_like_text(data[:_HEAD]):
        return ".txt"
    return suffix


def _kind_of_ole(data: bytes, suffix: str) -> str:
    if suffix == ".msg" or (not suffix and _MAIL in data):
        return ".msg"
    if _ENCRYPTED in data:
        raise ArticleError("it is protected by a password. Save it without one.")
    kind = next((kind for kind, name in _STREAMS.items() if name in data), None)
    if kind is None:
        raise ArticleError(
            "it is in an old format of another program. Save it as .docx, .pptx, .xlsx or PDF."
        )
    return kind


def looks_readable(head: bytes) -> bool:
    """Whether a file that begins so may be of a format that is read, though its name tells none."""
    signed = (b"%PDF-", b"{\\rtf", ZIP, OLE)
    return head.startswith(signed) or looks_like_text(head)


def looks_like_text(head: bytes) -> bool:
    """Whether a file that begins so is a text in one of the usual encodings."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    controls = sum(byte < 32 and byte not in b"\t\n\v\f\r\x1b" for byte in head)
    letters = sum(chr(byte).isalnum() or byte in b" \n" for byte in head if byte < 128)
    high = sum(byte >= 128 for byte in head)
    return controls == 0 and letters + high > _WORDY * len(head)


def _kind_of_archive(data: bytes, suffix: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            first = archive.open("mimetype").read(100).strip() if "mimetype" in names else b""
    except Exception:  # a damaged archive: the reader of its format says what is wrong
        return suffix
    if first in _MIMETYPES:
        return _MIMETYPES[first]
    for begins, kind in _HELD.items():
        if any(name.startswith(begins) for name in names):
            return kind
    return suffix

"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import io
import re
import zipfile

from assistant.support.errors import ArticleError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PAGE = re.compile(
    rb"\s*(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html)\b", re.I | re.S
)
_HEAD = 4_096
_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": ".odt",
    b"application/vnd.oasis.opendocument.spreadsheet": ".ods",
    b"application/epub+zip": ".epub",
}
_MARKUP = frozenset({".html", ".htm", ".md", ".markdown", ".txt", ".mht", ".mhtml", ".csv", ".tsv"})


def kind_of(data: bytes, suffix: str) -> str:
    """The suffix that fits ``data``: that of its signature if it has one, else ``suffix``.

    So a PDF named .txt is read as a PDF, a page named .docx as a page. Raises ``ArticleError`` for
    the formats of old that only their own programs read, and for encrypted documents of Office.
    """
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise ArticleError("it is protected by a password. Save it without one.")
        raise ArticleError(
            "it is in an old format of Microsoft Office. Save it as .docx, .pptx, .xlsx or PDF."
        )
    if data.startswith(b"%PDF-"):
        return ".pdf"
    if data.startswith(b"{\\rtf"):
        return ".rtf"
    if data.startswith(_ZIP):
        return _kind_of_archive(data, suffix)
    if suffix not in _MARKUP and _PAGE.match(data[:_HEAD]):
        return ".html"
    return suffix


def _kind_of_archive(data: bytes, suffix: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            first = archive.open("mimetype").read(100).strip() if "mimetype" in names else b""
    except Exception:  # a damaged archive: the reader of its format says what is wrong
        return suffix
    if first in _MIMETYPES:
        return _MIMETYPES[first]
    if any(name.startswith("word/") for name in names):
        return ".docx"
    if any(name.startswith("ppt/") for name in names):
        return ".pptx"
    if any(name.startswith("xl/") for name in names):
        return ".xlsx"
    if "META-INF/container.xml" in names:
        return ".epub"
    return suffix

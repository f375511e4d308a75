"""Turns a response into a file for the readers."""

from __future__ import annotations

import codecs
from pathlib import PurePosixPath

from httpx2 import URL

from assistant.ingest.readers.formats import SUFFIXES
from assistant.ingest.web.response import Response
from assistant.support.errors import FetchError

_SUFFIX_OF = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "application/pdf": ".pdf",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "application/epub+zip": ".epub",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "multipart/related": ".mhtml",
}
_SAYS_NOTHING = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_LISTS = frozenset({"application/rss+xml", "application/atom+xml"})
_HTML_STARTS = (b"<!doctype html", b"<html")
_HEAD = 1_000


def as_file(response: Response) -> tuple[bytes, str]:
    """The bytes to store of a page, and the suffix that tells the readers its format.

    Raises ``FetchError`` for an unsupported format.
    """
    suffix = _suffix(response)
    if suffix in (".html", ".txt", ".md"):
        return _in_utf8(response.body, response.charset), suffix
    return response.body, suffix


def _suffix(response: Response) -> str:
    named = PurePosixPath(URL(response.url).path).suffix.lower()
    if response.content_type in _SAYS_NOTHING:
        if response.body[:_HEAD].lstrip().lower().startswith(_HTML_STARTS):
            return ".html"
        suffix = named
    else:
        suffix = _SUFFIX_OF.get(response.content_type, "")
        if suffix == ".txt" and named in (".md", ".markdown"):  # servers seldom know Markdown
            suffix = ".md"
    if suffix in SUFFIXES:
        return suffix
    if response.content_type in _LISTS:
        raise FetchError("it is a feed, not a page. List it under feeds.")
    what = repr(response.content_type) if response.content_type else "a kind that it does not name"
    raise FetchError(f"it is of a kind that is not read: {what}.")


def _in_utf8(body: bytes, charset: str | None) -> bytes:
    """``body`` converted to UTF-8 if the server declares another encoding, which overrides the
    page's own declaration. If it is wrong, detection is left to the reader.
    """
    try:
        name = codecs.lookup(charset or "utf-8").name
        # Like browsers, read Latin-1 as its Windows extension.
        text = body.decode("cp1252" if name in ("iso8859-1", "ascii") else name)
    except (LookupError, UnicodeError, ValueError):
        return body
    return body if name == "utf-8" else text.encode("utf-8", "replace")

"""Web pages saved whole, as one message of mail with the page and its pictures."""

from __future__ import annotations

import codecs
from dataclasses import replace
from itertools import islice

from assistant.ingest.readers.draft import Draft, one_line, web_address
from assistant.ingest.readers.webpage import read_html
from assistant.support.errors import ArticleError

_MOST_PARTS = 10_000
_PAGES = ("text/html", "application/xhtml+xml")


def read_mhtml(data: bytes) -> Draft:
    """The article of the page, as ``read_html`` finds it, and the address it was saved from.

    Raises ``ArticleError`` where the message is damaged or holds no page.
    """
    from email import message_from_bytes, policy  # 0.1 s, for these pages only
    from email.message import EmailMessage

    message = message_from_bytes(data, EmailMessage, policy=policy.default)
    parts = islice(message.walk(), _MOST_PARTS)  # after the page comes what it frames
    page = next((part for part in parts if part.get_content_type() in _PAGES), None)
    if page is None:
        raise ArticleError(
            "it holds no web page. Save the page again, or as .html, from the browser."
        )
    body = page.get_payload(decode=True)
    draft = read_html(
        _in_utf8(body if isinstance(body, bytes) else b"", page.get_content_charset())
    )
    address = page["Content-Location"] or message["Snapshot-Content-Location"]
    return replace(
        draft,
        url=draft.url or web_address(address),
        title=draft.title or one_line(message["Subject"]),
    )


def _in_utf8(body: bytes, charset: str | None) -> bytes:
    """``body`` with a mark that tells its encoding, where the message does and is right."""
    try:
        return codecs.BOM_UTF8 + body.decode(charset).encode() if charset else body
    except (LookupError, ValueError):  # also of a name with a null character in it
        return body

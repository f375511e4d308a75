"""Mail saved as a file: its headers, then the text of the message."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from email.errors import MessageError
from email.utils import getaddresses
from typing import TYPE_CHECKING

from assistant.ingest.readers.decoding import decode
from assistant.ingest.readers.draft import Draft, Piece, compose, one_line
from assistant.ingest.readers.markup import markup_pieces
from assistant.ingest.readers.mending import mend
from assistant.ingest.readers.metadata import plausible_author, plausible_date
from assistant.ingest.readers.plain import find_blocks
from assistant.support.errors import ArticleError

if TYPE_CHECKING:
    from email.message import EmailMessage, MIMEPart

logger = logging.getLogger(__name__)

HEADERS = ("From", "To", "Cc", "Subject", "Date")
"""Those that are text of the article, in this order."""

_STUB = 3  # times the plain text: then the HTML is the message, and that only says so
_MALFORMED = (
    ArithmeticError, ValueError, LookupError, TypeError, AttributeError, RecursionError,
    MessageError,
)  # fmt: skip
"""What the library's parsers raise on headers and parts that are out of order."""


def read_mail(data: bytes) -> Draft:
    """A message: its headers, a line each, then its text. Raises ``ArticleError`` where it is none.

    The text is the plain one, unless only HTML is there or the plain one is a stub of it.
    """
    message = parse_mail(data)
    said = [(name, one_line(mend(_header(message, name)))) for name in HEADERS]
    names = [name or address for name, address in getaddresses([dict(said)["From"] or ""])]
    return mail_draft(said, list(_body(message)), ", ".join(names), _day(message))


def _header(message: EmailMessage, name: str) -> str:
    """The value of a header, as it stands there where it is malformed."""
    try:
        return str(message[name] or "")
    except _MALFORMED:
        raw = (str(value) for key, value in message.raw_items() if key.lower() == name.lower())
        return next(raw, "")


def _day(message: EmailMessage) -> date | None:
    try:
        moment = message["Date"].datetime if message["Date"] else None
    except _MALFORMED:
        return None
    return moment.date() if moment else None


def attachments(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The files that came with a message, each with its name; a message among them as ``.eml``."""
    for part in _attached(parse_mail(data)):
        try:
            if part.get_content_type() == "message/rfc822":
                inner = part.get_content()
                subject = one_line(str(inner["Subject"] or "")) or "message"
                yield f"{subject.replace('/', '-')}.eml", inner.as_bytes()
            elif name := part.get_filename():
                content = part.get_payload(decode=True)
                if isinstance(content, bytes):
                    yield mend(name), content
        except _MALFORMED as error:
            logger.warning("Left out an attachment: %s", error)


def _attached(message: MIMEPart) -> Iterator[MIMEPart]:
    """The parts of a message that are no part of its text, at any depth but in other messages."""
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        yield message
        return
    for part in message.iter_parts():
        yield from _attached(part)


def parse_mail(data: bytes) -> EmailMessage:
    """The message in ``data``. Raises ``ArticleError`` where it has none of a message's headers."""
    from email import message_from_bytes, policy  # 0.1 s, for mail only
    from email.message import EmailMessage

    message = message_from_bytes(data, EmailMessage, policy=policy.default)
    if not any(_header(message, name).strip() for name in HEADERS):
        raise ArticleError("it is no mail: it names no sender, receiver, subject or date.")
    return message


def mail_draft(
    headers: list[tuple[str, str | None]], body: list[Piece], author: str, day: date | None
) -> Draft:
    """The article of a message, given its headers and the pieces of its text."""
    head = [
        Piece(f"{name}: {value}", tight=index > 0)
        for index, (name, value) in enumerate((name, value) for name, value in headers if value)
    ]
    return Draft(
        *compose([*head, *body]),
        title=dict(headers).get("Subject"),
        published=plausible_date(day),
        author=plausible_author(author),
    )


def plain_pieces(text: str) -> Iterator[Piece]:
    """The paragraphs and headings of a plain text."""
    text = mend(text)
    for block in find_blocks(text):
        yield Piece(text[block.start : block.end], block.heading)


def _body(message: EmailMessage) -> Iterator[Piece]:
    plain, page = (message.get_body((kind,)) for kind in ("plain", "html"))
    pieces = list(plain_pieces(_text(plain))) if plain else []
    if page:
        marked = list(markup_pieces(_text(page)))
        if _length(pieces) * _STUB < _length(marked):
            return iter(marked)
    return iter(pieces)


def _length(pieces: list[Piece]) -> int:
    return sum(len(piece.text) for piece in pieces)


def _text(part: MIMEPart) -> str:
    content = part.get_payload(decode=True)
    return decode(content, part.get_content_charset()) if isinstance(content, bytes) else ""

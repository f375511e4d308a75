"""Mail as Outlook saves it (.msg): an OLE file with a stream for each property of the message."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from assistant.ingest.readers.archive import damaged
from assistant.ingest.readers.decoding import decode
from assistant.ingest.readers.draft import Draft, Piece, one_line
from assistant.ingest.readers.mail import mail_draft, plain_pieces
from assistant.ingest.readers.markup import markup_pieces
from assistant.ingest.readers.mending import mend

if TYPE_CHECKING:
    from olefile import OleFileIO

_TEXT, _NARROW, _BYTES = "001F", "001E", "0102"  # how a property is kept
_SUBJECT, _BODY, _HTML = "0037", "1000", "1013"
_SENDER, _ADDRESS, _SMTP, _TO, _CC = "0C1A", "0C1F", "5D01", "0E04", "0E03"
_LONG_NAME, _NAME, _DATA = "3707", "3704", "3701"
_TIMES = (0x0039, 0x0E06)  # sent, received
_SINCE_1601 = 10_000_000  # parts of a second
_PROPERTIES = "__properties_version1.0"


def read_msg(data: bytes) -> Draft:
    """A message: its headers, a line each, then its text. Raises ``ArticleError`` where it is
    damaged.
    """
    with _opened(data) as ole:
        sender = _text(ole, "", _SENDER)
        address = next((a for name in (_SMTP, _ADDRESS) if "@" in (a := _text(ole, "", name))), "")
        day = _day(ole)
        headers = [
            ("From", f"{sender} <{address}>" if sender and address else sender or address),
            ("To", _text(ole, "", _TO)),
            ("Cc", _text(ole, "", _CC)),
            ("Subject", _text(ole, "", _SUBJECT)),
            ("Date", day.isoformat() if day else ""),
        ]
        body = list(_body(ole))
    named = [(name, one_line(mend(value))) for name, value in headers]
    return mail_draft(named, body, sender, day)


def msg_attachments(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The files that came with a message, each with its name."""
    with _opened(data) as ole:
        folders = {entry[0] for entry in ole.listdir() if entry[0].startswith("__attach")}
        for folder in sorted(folders):
            name = _text(ole, folder, _LONG_NAME) or _text(ole, folder, _NAME)
            if name and (data := _stream(ole, folder, _DATA, _BYTES)):
                yield mend(name), data


def _opened(data: bytes) -> OleFileIO:
    from olefile import OleFileIO

    try:
        return OleFileIO(io.BytesIO(data))
    except Exception as error:  # olefile fails in many ways on files that are cut short
        raise damaged(error) from error


def _stream(ole: OleFileIO, folder: str, name: str, kind: str) -> bytes:
    path = f"{folder}/__substg1.0_{name}{kind}".lstrip("/")
    return bytes(ole.openstream(path).read()) if ole.exists(path) else b""


def _text(ole: OleFileIO, folder: str, name: str) -> str:
    wide = _stream(ole, folder, name, _TEXT)
    if wide:
        return wide.decode("utf-16-le", "replace").rstrip("\0")
    narrow = _stream(ole, folder, name, _NARROW).rstrip(b"\0")
    return decode(narrow) if narrow else ""


def _body(ole: OleFileIO) -> Iterator[Piece]:
    plain = _text(ole, "", _BODY)
    if plain.strip():
        yield from plain_pieces(plain)
        return
    page = _stream(ole, "", _HTML, _BYTES)
    yield from markup_pieces(decode(page) if page else _text(ole, "", _HTML))


def _day(ole: OleFileIO) -> date | None:
    """The day of the message, from the table of its properties of fixed size."""
    if not ole.exists(_PROPERTIES):
        return None
    table = ole.openstream(_PROPERTIES).read()
    for wanted in _TIMES:
        for at in range(32, len(table) - 15, 16):
            kind, name = struct.unpack_from("<HH", table, at)
            if (kind, name) == (0x0040, wanted):
                ticks = struct.unpack_from("<Q", table, at + 8)[0]
                with suppress(OverflowError):
                    return (datetime(1601, 1, 1) + timedelta(seconds=ticks / _SINCE_1601)).date()
    return None

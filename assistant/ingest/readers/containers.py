"""Files that contain other files, each its own article: archives, and mail with attachments."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import PurePosixPath

from assistant.ingest.readers.archive import open_zip, unpack
from assistant.ingest.readers.mail import attachments
from assistant.ingest.readers.outlook import msg_attachments
from assistant.models.article import Article
from assistant.support.errors import ArticleError

MOST_PARTS = 500
"""Most parts of one file; further ones are skipped, with a warning."""

DEEPEST = 3
"""Deepest nesting: an attachment of a mail in an archive is at level 2."""

ARCHIVES = frozenset({".zip"})
"""Formats that contain only other files."""

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Content:
    """What was found in a file: its article, None where it is an archive, the names of the files
    in it that may be read, and what was left out, a sentence each.
    """

    article: Article | None
    parts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


Part = tuple[str, int, Callable[[], bytes]]
"""The name of a file in another, its size in bytes, and how to have it."""


def part_names(kind: str, data: bytes, suffixes: frozenset[str]) -> tuple[str, ...]:
    """The names of the files in ``data`` that end in one of ``suffixes``; none for most kinds."""
    names = (name for name, _, _ in _parts(kind, data))
    found = (name for name in names if PurePosixPath(name).suffix.lower() in suffixes)
    return tuple(islice(found, MOST_PARTS))


def part(kind: str, data: bytes, name: str, most: int) -> bytes:
    """The file ``name`` in ``data``. Raises ``ArticleError`` where it is gone, damaged or larger
    than ``most`` bytes.
    """
    for known, size, read in _parts(kind, data):
        if known == name and size <= most:
            return read()
        if known == name:
            raise ArticleError(
                f"it is {size / 1e6:.0f} MB, more than the {most / 1e6:.0f} MB allowed."
            )
    raise ArticleError("it is gone from the file that held it. Sync again to forget it.")


def _zipped(data: bytes) -> Iterator[Part]:
    with open_zip(data) as archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                yield _text_of(entry), entry.file_size, partial(unpack, archive, entry.filename)


def _attached(
    attachments: Callable[[bytes], Iterator[tuple[str, bytes]]], data: bytes
) -> Iterator[Part]:
    for name, content in attachments(data):
        yield name, len(content), partial(bytes, content)


_OPENERS: dict[str, Callable[[bytes], Iterator[Part]]] = {
    ".zip": _zipped,
    ".eml": partial(_attached, attachments),
    ".msg": partial(_attached, msg_attachments),
}


def _parts(kind: str, data: bytes) -> Iterator[Part]:
    """The parts by names that are paths below a folder, each once; without hidden files."""
    seen: set[str] = set()
    for said, size, read in _OPENERS[kind](data) if kind in _OPENERS else ():
        steps = [step for step in said.replace("\\", "/").split("/") if step not in ("", ".", "..")]
        hidden = any(step.startswith((".", "__MACOSX")) for step in steps)
        path = PurePosixPath(*steps) if steps else None
        if path is None or hidden or len(str(path)) > _LONGEST_NAME:
            continue
        name, number = str(path), 2
        while name in seen:
            name, number = str(path.with_stem(f"{path.stem} ({number})")), number + 1
        seen.add(name)
        yield name, size, read


def _text_of(entry: zipfile.ZipInfo) -> str:
    """The name of an entry: in UTF-8 where that is what it is, though it does not say so."""
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename

"""Files that contain other files, each its own article: archives, and mail with attachments."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import TypeVar

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

Held = TypeVar("Held")


@dataclass(frozen=True, slots=True)
class Content:
    """What was found in a file: its article, None where it is an archive, the names of the files
    in it that may be read, and what was left out, a sentence each.
    """

    article: Article | None
    parts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def part_names(kind: str, data: bytes, suffixes: frozenset[str]) -> tuple[str, ...]:
    """The names of the files in ``data`` that end in one of ``suffixes``; none for most kinds."""
    if kind not in _OPENERS:
        return ()
    named = (name for name, _ in _OPENERS[kind](data))
    return tuple(name for name in named if PurePosixPath(name).suffix.lower() in suffixes)[
        :MOST_PARTS
    ]


def part(kind: str, data: bytes, name: str, most: int) -> bytes:
    """The file ``name`` in ``data``. Raises ``ArticleError`` where it is gone, damaged or larger
    than ``most`` bytes.
    """
    for known, read in _OPENERS[kind](data) if kind in _OPENERS else ():
        if known == name:
            return read(most)
    raise ArticleError("it is gone from the file that held it. Sync again to forget it.")


Part = tuple[str, Callable[[int], bytes]]
"""The name of a file in another, and how to have its bytes, given the most that they may be."""


def _zipped(data: bytes) -> Iterator[Part]:
    with open_zip(data) as archive:
        for name, entry in _named((_text_of(e), e) for e in archive.infolist() if not e.is_dir()):

            def read(most: int, entry: zipfile.ZipInfo = entry) -> bytes:
                _check_size(entry.file_size, most)
                return unpack(archive, entry.filename)

            yield name, read


def _attached(
    attachments: Callable[[bytes], Iterator[tuple[str, bytes]]], data: bytes
) -> Iterator[Part]:
    for name, content in _named(attachments(data)):

        def read(most: int, content: bytes = content) -> bytes:
            _check_size(len(content), most)
            return content

        yield name, read


_OPENERS: dict[str, Callable[[bytes], Iterator[Part]]] = {
    ".zip": _zipped,
    ".eml": partial(_attached, attachments),
    ".msg": partial(_attached, msg_attachments),
}


def _named(parts: Iterable[tuple[str, Held]]) -> Iterator[tuple[str, Held]]:
    """``parts`` by names that are paths below a folder, each once; without hidden files."""
    seen: set[str] = set()
    for said, held in parts:
        steps = [step for step in said.replace("\\", "/").split("/") if step not in ("", ".", "..")]
        hidden = any(step.startswith((".", "__MACOSX")) for step in steps)
        path = PurePosixPath(*steps) if steps else None
        if path is None or hidden or len(str(path)) > _LONGEST_NAME:
            continue
        name, number = str(path), 2
        while name in seen:
            name, number = str(path.with_stem(f"{path.stem} ({number})")), number + 1
        seen.add(name)
        yield name, held


def _text_of(entry: zipfile.ZipInfo) -> str:
    """The name of an entry: in UTF-8 where that is what it is, though it does not say so."""
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise ArticleError(f"it is {size / 1e6:.0f} MB, more than the {most / 1e6:.0f} MB allowed.")

"""Stores fetched pages in the data folder: a file with the bytes, and a record beside it."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Container
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from assistant.ingest.web.response import Validators
from assistant.ingest.web.source_list import Entry, SourceKind
from assistant.support.atomic_files import PRIVATE, private_folder, replace_bytes
from assistant.support.errors import LibraryError

logger = logging.getLogger(__name__)

_RECORD = ".json"
_NAME = 32  # hexadecimal digits: enough to rule out collisions
_CONTENT = 16


@dataclass(frozen=True, slots=True)
class Record:
    """The state of one address after its last request.

    ``url`` is the listed address, ``final_url`` the one after redirects. ``fetched`` is when its
    content was last received or confirmed (ISO 8601, UTC), None if never; ``status`` that of the
    last response, None without one. ``error`` says what was wrong, or is None. ``file`` is the name
    of the file with a page's bytes, which come from the feed's full text if ``from_feed``;
    ``entries`` and ``further`` are the pages and the sitemaps that a feed or sitemap lists.
    """

    kind: SourceKind
    url: str
    final_url: str
    etag: str | None = None
    last_modified: str | None = None
    fetched: str | None = None
    status: int | None = None
    error: str | None = None
    file: str | None = None
    from_feed: bool = False
    entries: tuple[Entry, ...] = ()
    further: tuple[str, ...] = ()

    @property
    def gone(self) -> bool:
        """Whether the server said that it does not exist (any more)."""
        return self.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)

    @property
    def validators(self) -> Validators | None:
        """The validators for the next request; None if the content is not stored."""
        if self.fetched is None:
            return None
        return Validators(self.final_url, self.etag, self.last_modified)


class Store:
    """The fetched pages and lists in ``folder``. Each change is atomic. Raises ``LibraryError`` if
    the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, kind: SourceKind, url: str) -> Record | None:
        """The record of ``url``, or None."""
        return self._read(self._folder / _record_name(kind, url))

    def put(self, record: Record) -> None:
        """Add or replace the record of an address."""
        text = json.dumps(asdict(record), ensure_ascii=False)
        self._write(_record_name(record.kind, record.url), text.encode("utf-8", "replace"))

    def keep(self, url: str, data: bytes, suffix: str) -> str:
        """Store a page's bytes; return the name of their file, which depends only on the bytes."""
        digest = hashlib.sha256(data).hexdigest()[:_CONTENT]
        name = f"{_stem(SourceKind.PAGE, url)}-{digest}{suffix}"
        if not (self._folder / name).exists():
            self._write(name, data)
        return name

    def path(self, record: Record) -> Path | None:
        """The file with a page's bytes, or None if there is none."""
        path = self._folder / record.file if record.file else None
        return path if path is not None and path.is_file() else None

    def records(self) -> list[Record]:
        """All records."""
        found = (self._read(file) for file in sorted(self._folder.glob(f"*{_RECORD}")))
        return [record for record in found if record is not None]

    def sweep(self, wanted: Container[tuple[SourceKind, str]]) -> None:
        """Remove records of addresses not in ``wanted``, and bytes without a record."""
        kept: set[str | None] = set()
        for record in self.records():
            if (record.kind, record.url) in wanted:
                kept |= {_record_name(record.kind, record.url), record.file}
        try:
            for file in self._folder.iterdir() if self._folder.is_dir() else ():
                if file.name not in kept:
                    file.unlink(missing_ok=True)
        except OSError as error:
            raise LibraryError(
                f"Outdated pages cannot be removed from {self._folder}: {error}. Allow "
                "writing there, then sync again."
            ) from error

    def _read(self, file: Path) -> Record | None:
        try:
            return _record(json.loads(file.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            logger.warning("%s is damaged and will be fetched again: %r", file, error)
            return None

    def _write(self, name: str, data: bytes) -> None:
        try:
            private_folder(self._folder)
            replace_bytes(self._folder / name, data, PRIVATE)
        except OSError as error:
            raise LibraryError(
                f"Fetched pages cannot be stored in {self._folder}: {error}. See that the disk is "
                "not full and the folder can be written."
            ) from error


def _stem(kind: SourceKind, url: str) -> str:
    return hashlib.sha256(f"{kind} {url}".encode()).hexdigest()[:_NAME]


def _record_name(kind: SourceKind, url: str) -> str:
    return _stem(kind, url) + _RECORD


def _record(values: dict[str, Any]) -> Record:
    return Record(
        **{
            **values,
            "kind": SourceKind(values["kind"]),
            "entries": tuple(Entry(**entry) for entry in values["entries"]),
            "further": tuple(values["further"]),
        }
    )

"""What was fetched, kept in the data folder: a file with the bytes, and a record beside it."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Container
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from assistant.ingest.web.entry import Entry
from assistant.ingest.web.response import Validators
from assistant.ingest.web.source_list import SourceKind
from assistant.support.atomic_files import private_folder
from assistant.support.errors import LibraryError

logger = logging.getLogger(__name__)

_RECORD = ".json"
_NAME = 32  # hexadecimal digits: enough that no two addresses share a name
_CONTENT = 16


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one address, as it was when it was last asked for.

    ``url`` is the address as it is listed, ``final_url`` where redirects led. ``fetched`` is when
    its content last came or was confirmed (ISO 8601, UTC), None if it never did; ``status`` that
    of the last answer, None without one. ``error`` says what was wrong with it, or is None.
    ``file`` is the name of the file with a page's bytes, which hold the text that its feed carries
    if ``from_feed``; ``entries`` and ``further`` are what a
    feed or sitemap lists: pages, and more sitemaps.
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
        """Whether the server said that there is no such thing (any more)."""
        return self.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)

    @property
    def validators(self) -> Validators | None:
        """What the next request is made conditional with; None where the content is not here."""
        if self.fetched is None:
            return None
        return Validators(self.final_url, self.etag, self.last_modified)


class Store:
    """The fetched pages and lists in ``folder``. Each change is atomic: a kill leaves the old or
    the new. Raises ``LibraryError`` when the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, kind: SourceKind, url: str) -> Record | None:
        """What is known of ``url``, or None."""
        return self._read(self._folder / _record_name(kind, url))

    def put(self, record: Record) -> None:
        """Add or replace what is known of an address."""
        text = json.dumps(asdict(record), ensure_ascii=False)
        self._write(_record_name(record.kind, record.url), text.encode("utf-8", "replace"))

    def keep(self, url: str, data: bytes, suffix: str) -> str:
        """Keep the bytes of a page; return the name of their file, the same for the same bytes."""
        digest = hashlib.sha256(data).hexdigest()[:_CONTENT]
        name = f"{_stem(SourceKind.PAGE, url)}-{digest}{suffix}"
        if not (self._folder / name).exists():
            self._write(name, data)
        return name

    def path(self, record: Record) -> Path | None:
        """The file with the bytes of a page, or None if there is none."""
        path = self._folder / record.file if record.file else None
        return path if path is not None and path.is_file() else None

    def records(self) -> list[Record]:
        """Everything that is known."""
        found = (self._read(file) for file in sorted(self._folder.glob(f"*{_RECORD}")))
        return [record for record in found if record is not None]

    def sweep(self, wanted: Container[tuple[SourceKind, str]]) -> None:
        """Remove what belongs to no address of ``wanted``, and bytes that no record names."""
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
                f"What is no longer wanted cannot be removed from {self._folder}: {error}. Allow "
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
            with NamedTemporaryFile(dir=self._folder, prefix=".", delete=False) as file:
                try:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                    Path(file.name).replace(self._folder / name)
                except BaseException:
                    Path(file.name).unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise LibraryError(
                f"What was fetched cannot be kept in {self._folder}: {error}. See that the disk is "
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

"""The Chroma index: for a question's vector, the nearest passages of every language.

It is derived from the library, so it may be lost. Each generation has a folder; the file
``CURRENT`` names the one in use, the library revision it holds and a checksum of each of its files,
and is replaced atomically. A process killed during a change leaves files that do not match their
checksums; the next one to open the index sees that before Chroma reads them, and builds a new
generation.

One process at a time owns the folder, because Chroma's files do not support two. All others, and
the owner while the index is not at the library's revision, compare every vector of the library
instead.
There is one collection per language: filtering a common one is some twenty times slower.
"""

from __future__ import annotations

import logging
import shutil
import threading
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings as ChromaSettings

from assistant.models.records import Vectors
from assistant.store.index_collections import Collections, Entry
from assistant.store.index_files import IndexFiles
from assistant.store.process_lock import FileProcessLock
from assistant.support.atomic_files import private_folder
from assistant.support.errors import LibraryError

logger = logging.getLogger(__name__)

_PREFIX = "language-"
"""Prefix of a collection's name, before the language."""

_ERRORS = (chromadb.errors.ChromaError, ValueError, RuntimeError, OSError, LookupError, TypeError,
           AttributeError)  # fmt: skip
"""What Chroma raises on a damaged folder, or after it was closed."""


class Index:
    """The index in ``folder``. One thread may change it while others query it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = IndexFiles(folder)
        self._owner = FileProcessLock(folder / "owner.lock")
        self._client: Any = None
        self._generation = ""
        self._collections = Collections(None, _PREFIX)
        self._revision: int | None = None
        self._lock = threading.Lock()

    @property
    def revision(self) -> int | None:
        """The library revision it holds; None if it cannot be queried."""
        return self._revision

    def own(self) -> bool:
        """Take ownership of the folder; False if another process has it.

        Raises ``LibraryError`` if the folder cannot be written.
        """
        try:
            if self._folder.is_file():  # not ours, and in the way of an index
                self._folder.unlink()
            private_folder(self._folder)
            return self._owner.held or self._owner.take()
        except OSError as error:
            raise LibraryError(
                f"The index {self._folder} cannot be written: {error}. Allow writing there, or "
                "choose another folder with --data."
            ) from error

    def open(self, revision: int, sizes: dict[str, int]) -> bool:
        """Open the generation in use if it is intact and holds this library.

        ``revision`` is the library's, ``sizes`` its number of passages by language. False means
        that ``rebuild`` is needed, or that another process owns it.
        """
        if not self.own():
            return False
        try:
            current = self._files.current()
            if current.revision != revision:
                return False
            if current.sums != self._files.sums(current.name):
                raise ValueError("its files do not match their checksums")
            self._client, self._generation = self._connect(current.name), current.name
            names = (found.name for found in self._client.list_collections())
            languages = [name.removeprefix(_PREFIX) for name in names]
            self._collections = Collections(self._client, _PREFIX, languages)
            self._collections.check(sizes)
        except FileNotFoundError:
            return False
        except _ERRORS as error:
            logger.warning("The index in %s is damaged; rebuilding it: %s", self._folder, error)
            return False
        self._revision = revision
        self.seal()
        self._files.remove_others(self._generation)
        return True

    def rebuild(self, entries: Iterable[list[Entry]], revision: int) -> None:
        """Build a new generation from batches of ``entries``, check it, swap it in, drop the old.

        Raises ``LibraryError``, leaving the old one as it was, if it cannot be written, does not
        hold or find all entries, or if another process owns the index.
        """
        if not self.own():
            raise LibraryError(f"Another process uses the index {self._folder}. Stop it first.")
        generation = uuid.uuid4().hex[:12]
        try:
            client = self._connect(generation)
            collections = Collections(client, _PREFIX)
            collections.fill(entries)
        except _ERRORS as error:
            shutil.rmtree(self._folder / generation, ignore_errors=True)
            raise LibraryError(
                f"The index {self._folder} cannot be built: {error}. Questions are answered "
                "without it, more slowly. See that the disk is not full, then sync again."
            ) from error
        with self._lock:
            old, self._client = self._client, client
            self._generation, self._collections = generation, collections
            self._revision = revision
        self.seal()
        if old is not None:
            old.close()
        self._files.remove_others(generation)

    def apply(self, dropped: dict[int, str], added: list[Entry], revision: int) -> None:
        """Remove and add passages in place; ``dropped`` maps ids to languages.

        Does nothing if it cannot be queried (``revision`` None). If Chroma fails, it cannot be
        queried until it is rebuilt.
        """
        if self._revision is None:
            return
        self._revision = None  # while half changed, it would return removed passages
        try:
            collections = self._collections.changed(dropped, added)
        except _ERRORS as error:
            logger.warning("The index in %s failed during a change: %s", self._folder, error)
            return
        with self._lock:
            self._collections, self._revision = collections, revision

    def query(self, vector: Vectors, limit: int, revision: int) -> list[int] | None:
        """Ids of the passages nearest to ``vector``, at most ``limit`` a language, unordered.

        None if the index is not at ``revision``.
        """
        with self._lock:
            collections, held = self._collections, self._revision
        if held != revision:
            return None
        try:
            found = collections.nearest(vector, limit)
        except _ERRORS as error:
            logger.warning("The index in %s failed; rebuilding it: %s", self._folder, error)
            with self._lock:
                if self._collections is collections:
                    self._revision = None
            return None
        return found if self._revision == revision else None

    def ids(self) -> dict[int, str]:
        """The language of every passage it holds, by id."""
        return self._collections.ids()

    def lost(self, entries: Iterable[Entry]) -> list[int]:
        """The ids of the ``entries`` whose search finds neither themselves nor an equal vector."""
        return self._collections.lost(entries)

    def seal(self) -> None:
        """Record the checksums of the files as valid.

        Not done after each change: it reads every changed file whole.
        """
        if self._revision is None or not self._owner.held:
            return
        try:
            self._files.point(self._generation, self._revision)
        except OSError as error:
            logger.warning("The index in %s will be rebuilt: %s", self._folder, error)

    def close(self) -> None:
        """Close the files and release ownership."""
        self.seal()
        self._revision = None
        if self._client is not None:
            self._client.close()
        self._client, self._collections = None, Collections(None, _PREFIX)
        if self._owner.held:
            self._owner.release()

    def _connect(self, generation: str) -> Any:
        folder = self._folder / generation
        folder.mkdir(parents=True, exist_ok=True)
        return chromadb.PersistentClient(
            folder, settings=ChromaSettings(anonymized_telemetry=False, is_persistent=True)
        )

"""The same index on a Chroma server, for processes on several machines.

A generation is a collection for each language, made beside the old one. A document names the one in
use, the library revision it holds and its languages; it is replaced when all of them are made and
checked. One process at a time changes the index, those on other machines query it. Whenever it does
not hold the library's revision, or the server is away, every vector of the library is compared
instead.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

import chromadb
from chromadb.config import Settings as ChromaSettings

from assistant.models.records import Vectors
from assistant.store.index_collections import Collections, Entry
from assistant.store.process_lock import ProcessLock
from assistant.support.documents import Document
from assistant.support.errors import LibraryError

logger = logging.getLogger(__name__)

_TIMEOUT_S = 10.0
"""Seconds for the server to answer, after which the library's vectors are compared."""

_AWAY_S = 5.0
"""Seconds without a request to a server that has failed."""


@dataclass(frozen=True, slots=True)
class ServerGeneration:
    """The generation in use; ``revision`` is that of the library it holds."""

    name: str
    revision: int
    languages: tuple[str, ...]


class ServerIndex:
    """The index on the Chroma server at ``url``, whose generation in use ``current`` names.

    ``headers`` are sent with every request. A process without an ``owner`` never changes it. One
    thread may change it while others query it.
    """

    def __init__(
        self,
        url: str,
        headers: dict[str, str],
        current: Document,
        owner: ProcessLock | None,
    ) -> None:
        self._url = url
        self._headers = headers
        self._current = current
        self._owner = owner
        self._lock = threading.Lock()
        self._client: Any = None
        self._seen: object = None
        self._generation: ServerGeneration | None = None
        self._collections: Collections | None = None
        self._away_until = 0.0

    @property
    def revision(self) -> int | None:
        """The library revision it holds; None if it cannot be queried."""
        generation = self._look()
        return generation.revision if generation else None

    def own(self) -> bool:
        """Take the right to change it; False if another process has it. Raises ``LibraryError``."""
        try:
            return self._owner is not None and (self._owner.held or self._owner.take())
        except OSError as error:
            raise LibraryError(f"The index at {self._url} cannot be changed: {error}.") from error

    def open(self, revision: int, sizes: dict[str, int]) -> bool:
        """Whether the generation in use is intact and holds this library; see ``Index.open``."""
        if not self.own() or self.revision != revision:
            return False
        try:
            self._opened().check(sizes)
        except Exception as error:
            self._fail("is damaged; rebuilding it", error)
            return False
        return True

    def rebuild(self, entries: Iterable[list[Entry]], revision: int) -> None:
        """Make a new generation, check it, use it, remove the old one.

        Raises ``LibraryError``, leaving the old one in use, if that fails.
        """
        if not self.own():
            raise LibraryError(f"Another process changes the index at {self._url}. Stop it first.")
        before = self._look()
        name = f"index-{uuid.uuid4().hex}"
        collections: Collections | None = None
        try:
            collections = Collections(self._connected(), f"{name}-")
            collections.fill(entries)
            self._point(ServerGeneration(name, revision, collections.languages))
        except Exception as error:
            self._remove(name, collections.languages if collections else ())
            raise LibraryError(
                f"The index at {self._url} cannot be built: {error}. Questions are answered "
                "without it, more slowly. See that the Chroma server runs and has room."
            ) from error
        if before is not None:
            self._remove(before.name, before.languages)

    def apply(self, dropped: dict[int, str], added: list[Entry], revision: int) -> None:
        """Remove and add passages in place, if this process may change it; see ``Index.apply``.

        Until it is done, the library is of another revision, so that nobody queries it.
        """
        owned = self._owner is not None and self._owner.held
        if not owned or (generation := self._look()) is None:
            return
        try:
            changed = self._opened().changed(dropped, added)
            self._point(ServerGeneration(generation.name, revision, changed.languages))
        except Exception as error:
            self._fail("failed during a change", error)

    def query(self, vector: Vectors, limit: int, revision: int) -> list[int] | None:
        """Ids of the passages nearest to ``vector``, at most ``limit`` a language, unordered.

        None if the index is not at ``revision``, or the server is away.
        """
        if self.revision != revision or time.monotonic() < self._away_until:
            return None
        try:
            return self._opened().nearest(vector, limit)
        except Exception as error:
            self._fail("is away; comparing all vectors", error)
            return None

    def ids(self) -> dict[int, str]:
        """The language of every passage it holds, by id."""
        return self._opened().ids()

    def lost(self, entries: Iterable[Entry]) -> list[int]:
        """The ids of the ``entries`` whose search finds neither themselves nor an equal vector."""
        return self._opened().lost(entries)

    def seal(self) -> None:
        """Nothing: the server keeps its files."""

    def close(self) -> None:
        """Give up the right to change it."""
        if self._owner is not None:
            self._owner.release()

    def _look(self) -> ServerGeneration | None:
        """The generation in use, as other processes may have changed it."""
        try:
            state = self._current.state()
            if state != self._seen:
                content = self._current.read()
                found = json.loads(content) if content else None
                with self._lock:
                    self._seen, self._collections = state, None
                    self._generation = found and ServerGeneration(
                        found["name"], found["revision"], tuple(found["languages"])
                    )
        except (OSError, ValueError, LookupError, TypeError) as error:
            logger.warning("The index at %s is not known: %s", self._url, error)
            return None
        return self._generation

    def _point(self, generation: ServerGeneration) -> None:
        self._current.change(lambda _: json.dumps(asdict(generation)))
        self._look()

    def _opened(self) -> Collections:
        """The generation in use; an empty one if there is none."""
        generation = self._look()
        with self._lock:
            collections = self._collections
        if generation is None:
            return Collections(None, "")
        if collections is None:
            made = Collections(self._connected(), f"{generation.name}-", generation.languages)
            with self._lock:
                if self._generation is generation:
                    self._collections = made
            return made
        return collections

    def _connected(self) -> Any:
        if self._client is None:
            place = urlsplit(self._url)
            secure = place.scheme == "https"
            client: Any = chromadb.HttpClient(
                host=place.hostname or "", port=place.port or (443 if secure else 80), ssl=secure,
                headers=self._headers, settings=ChromaSettings(anonymized_telemetry=False),
            )  # fmt: skip
            # It has no limit of its own, and no setting for one.
            client._server._session.timeout = _TIMEOUT_S
            self._client = client
        return self._client

    def _remove(self, name: str, languages: Iterable[str]) -> None:
        for language in languages:
            try:
                self._connected().delete_collection(f"{name}-{language}")
            except Exception as error:
                logger.warning("The old index %s-%s stays: %s", name, language, error)

    def _fail(self, what: str, error: Exception) -> None:
        logger.warning("The index at %s %s: %s", self._url, what, error)
        self._away_until = time.monotonic() + _AWAY_S
        with self._lock:
            self._client, self._collections = None, None

"""The Chroma index: for a question's vector, the nearest passages of every language.

It is built from the library and holds nothing of its own, so it may be lost. Each generation has a
folder; the file ``CURRENT`` names the one in use and the revision of the library that it holds, and
is replaced atomically. A process killed between a change of the library and the same change of the
index leaves the two at different revisions; the next start sees that and builds a new generation.
There is one collection a language: filtering a common one is some twenty times slower.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings as ChromaSettings

from assistant.storage.records import Vectors

logger = logging.getLogger(__name__)

Entry = tuple[int, str, Vectors]
"""A passage's id, its language, and its centred vector."""

_HNSW = {"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200}}
_BATCH = 2_000
_PREFIX = "language-"
_ERRORS = (chromadb.errors.ChromaError, ValueError, RuntimeError, OSError, KeyError)
"""What Chroma raises on a damaged folder; its Rust part maps some failures to RuntimeError."""


class Index:
    """The index in ``folder``. One thread may change it while others query it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pointer = folder / "CURRENT"
        self._client: Any = None
        self._generation = ""
        self._collections: dict[str, Any] = {}
        self._lock = threading.Lock()

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have passages, sorted."""
        return tuple(sorted(self._collections))

    def open(self, revision: int, sizes: dict[str, int]) -> bool:
        """Open the generation in use; say whether it is whole and holds this library.

        ``revision`` is the library's, ``sizes`` its number of passages by language. False means
        that ``rebuild`` is needed; what could be opened can be queried until then.
        """
        try:
            current = json.loads(self._pointer.read_text("utf-8"))
            self._load(str(current["generation"]))
            found = {language: c.count() for language, c in self._collections.items()}
            self._probe()
        except FileNotFoundError:
            return False
        except _ERRORS as error:
            logger.warning("The index in %s is damaged, it is built anew: %s", self._folder, error)
            self._collections = {}
            return False
        whole = {language: size for language, size in found.items() if size} == sizes
        return whole and current["revision"] == revision

    def rebuild(self, entries: Iterable[list[Entry]], revision: int) -> None:
        """Build a new generation from batches of ``entries`` and swap it in; drop the old ones.

        Queries are answered by the old generation until the swap.
        """
        if self._folder.is_file():  # not ours, and in the way of what can be made again
            self._folder.unlink()
        generation = uuid.uuid4().hex[:12]
        client = self._connect(generation)
        collections: dict[str, Any] = {}
        for batch in entries:
            _add(client, collections, batch)
        with self._lock:
            self._client, self._generation, self._collections = client, generation, collections
        self._point(revision)
        for old in self._folder.iterdir():
            if old.is_dir() and old.name != generation:
                # Another process may still read it (or hold it open, on Windows): then the next
                # rebuild removes it.
                shutil.rmtree(old, ignore_errors=True)

    def apply(self, dropped: dict[int, str], added: list[Entry], revision: int) -> None:
        """Remove and add passages in place; ``dropped`` maps ids to languages."""
        by_language: dict[str, list[str]] = defaultdict(list)
        for passage_id, language in dropped.items():
            by_language[language].append(str(passage_id))
        for language, ids in by_language.items():
            if language in self._collections:
                for some in _batches(ids):
                    self._collections[language].delete(ids=some)
        collections = dict(self._collections)
        for some in _batches(added):
            _add(self._client, collections, some)
        self._collections = collections
        self._point(revision)

    def query(
        self, vector: Vectors, limit: int, languages: Iterable[str] | None = None
    ) -> list[int]:
        """Ids of the passages nearest to ``vector``, at most ``limit`` a language, unordered.

        ``languages`` None asks all of them.
        """
        with self._lock:
            collections = self._collections
        ids: list[int] = []
        for language in collections if languages is None else languages:
            if language in collections:
                found = collections[language].query(
                    query_embeddings=[vector], n_results=limit, include=[]
                )
                ids += [int(passage_id) for passage_id in found["ids"][0]]
        return ids

    def close(self) -> None:
        """Close the files."""
        if self._client is not None:
            self._client.close()
        self._client, self._collections = None, {}

    def _connect(self, generation: str) -> Any:
        folder = self._folder / generation
        folder.mkdir(parents=True, exist_ok=True)
        return chromadb.PersistentClient(
            folder, settings=ChromaSettings(anonymized_telemetry=False, is_persistent=True)
        )

    def _load(self, generation: str) -> None:
        if not (self._folder / generation).is_dir():
            raise FileNotFoundError(generation)
        self._client, self._generation = self._connect(generation), generation
        self._collections = {
            collection.name.removeprefix(_PREFIX): collection
            for collection in (
                self._client.get_collection(found.name, embedding_function=None)
                for found in self._client.list_collections()
            )
        }

    def _probe(self) -> None:
        """Raise if a collection cannot answer: a kill during a write can leave it so."""
        for collection in self._collections.values():
            some = collection.get(limit=1, include=["embeddings"])
            if some["ids"]:
                found = collection.query(
                    query_embeddings=some["embeddings"], n_results=1, include=[]
                )
                if not found["ids"][0]:
                    raise ValueError(f"collection {collection.name} finds nothing")

    def _point(self, revision: int) -> None:
        written = self._pointer.with_suffix(f".{os.getpid()}.tmp")
        written.write_text(
            json.dumps({"generation": self._generation, "revision": revision}), encoding="utf-8"
        )
        written.replace(self._pointer)


def _add(client: Any, collections: dict[str, Any], entries: list[Entry]) -> None:
    by_language: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_language[entry[1]].append(entry)
    for language, some in by_language.items():
        if language not in collections:
            collections[language] = client.get_or_create_collection(
                _PREFIX + language, configuration=_HNSW, embedding_function=None
            )
        collections[language].add(
            ids=[str(entry[0]) for entry in some],
            embeddings=np.stack([entry[2] for entry in some]),
        )


def _batches(items: list[Any]) -> Iterator[list[Any]]:
    return (items[i : i + _BATCH] for i in range(0, len(items), _BATCH))

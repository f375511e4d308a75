"""The index's Chroma collections, one per language: filling, searching and checking them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from assistant.models.records import Vectors

Entry = tuple[int, str, Vectors]
"""A passage's id, its language, and its centred vector."""

_HNSW = {
    "hnsw": {
        "space": "cosine",
        "ef_construction": 200,
        "ef_search": 200,
        # Vectors not yet persisted in the graph file are inserted again at the next opening, in one
        # call that blocks all other threads: by default, up to a thousand.
        "sync_threshold": 250,
    }
}
_BATCH = 2_000

_FEW = 100
"""Number of passages of a language up to which ``nearest`` remembers their ids."""

_SAMPLES = 20
"""Passages per language that are searched for to check a new generation."""

_FOUND = 0.9
"""Share of them that must be found: the graph search is approximate."""

_NEAR = 1e-3
"""Cosine distance of a vector from itself, allowing for rounding."""


class Collections:
    """A generation of the index: the collections of ``client`` whose names are ``prefix`` and a
    language. At first it has those of ``languages``, which must be there.

    Methods raise what Chroma raises.
    """

    def __init__(self, client: Any, prefix: str, languages: Iterable[str] = ()) -> None:
        self._client = client
        self._prefix = prefix
        self._of: dict[str, Any] = {
            language: client.get_collection(prefix + language, embedding_function=None)
            for language in languages
        }
        self._few: dict[str, list[int]] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have a collection, sorted."""
        return tuple(sorted(self._of))

    def ids(self) -> dict[int, str]:
        """The language of every passage, by id."""
        return {id_: language for language in self._of for id_ in self._ids(language)}

    def nearest(self, vector: Vectors, limit: int) -> list[int]:
        """Ids of the passages nearest to ``vector``, at most ``limit`` a language, unordered.

        A language with no more passages than ``limit`` is not searched, as every search wakes
        several of Chroma's threads, however little it compares.
        """
        found: list[int] = []
        for language, collection in self._of.items():
            if language not in self._few:
                small = collection.count() <= _FEW
                self._few[language] = list(self._ids(language)) if small else []
            if 0 < len(self._few[language]) <= limit:
                found += self._few[language]
            else:
                near_it = collection.query(query_embeddings=[vector], n_results=limit, include=[])
                found += map(int, near_it["ids"][0])
        return found

    def fill(self, entries: Iterable[list[Entry]]) -> None:
        """Add batches of ``entries``, the first. Raises ``ValueError`` unless all are found."""
        sizes = Counter[str]()
        for batch in entries:
            self._add(batch)
            sizes.update(language for _, language, _ in batch)
        self.check(sizes, _SAMPLES)

    def changed(self, dropped: Mapping[int, str], added: list[Entry]) -> Collections:
        """The generation without the ids in ``dropped``, given with their languages, and with the
        entries ``added``. This one must not be used any more.
        """
        changed = Collections(self._client, self._prefix)
        changed._of = dict(self._of)
        gone: dict[str, list[str]] = defaultdict(list)
        for passage_id, language in dropped.items():
            gone[language].append(str(passage_id))
        for language in gone.keys() & changed._of.keys():
            for some in _batches(gone[language]):
                changed._of[language].delete(ids=some)
        for some in _batches(added):
            changed._add(some)
        return changed

    def check(self, sizes: Mapping[str, int], samples: int = 1) -> None:
        """Raise ``ValueError`` unless the languages have these ``sizes`` and find their own."""
        counts = {language: count for language, c in self._of.items() if (count := c.count())}
        if counts != dict(sizes):
            raise ValueError(f"it holds {counts} passages, not {dict(sizes)}")
        for language in sizes:
            collection = self._of[language]
            # From both ends: a failure loses what was added last.
            last = max(sizes[language] - samples // 2, 0)
            some = [
                vector
                for at in {0, last}
                for vector in collection.get(limit=samples, offset=at, include=["embeddings"])[
                    "embeddings"
                ][:samples]
            ]
            found = _are_found(collection, some)
            if sum(found) < _FOUND * len(found):
                raise ValueError(f"{found.count(False)} of {len(found)} passages are not found")

    def lost(self, entries: Iterable[Entry]) -> list[int]:
        """The ids of the ``entries`` whose search finds neither themselves nor an equal vector."""
        return [
            id_ for id_, language, vector in entries
            if language not in self._of or not all(_are_found(self._of[language], [vector]))
        ]  # fmt: skip

    def _ids(self, language: str) -> Iterator[int]:
        collection = self._of[language]
        for at in range(0, collection.count(), _BATCH):
            yield from map(int, collection.get(limit=_BATCH, offset=at, include=[])["ids"])

    def _add(self, entries: list[Entry]) -> None:
        by_language: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            by_language[entry[1]].append(entry)
        for language, some in by_language.items():
            if language not in self._of:
                self._of[language] = self._client.get_or_create_collection(
                    self._prefix + language, configuration=_HNSW, embedding_function=None
                )
            self._of[language].add(
                ids=[str(entry[0]) for entry in some],
                embeddings=np.stack([entry[2] for entry in some]),
            )


def _are_found(collection: Any, vectors: list[Vectors]) -> list[bool]:
    """Whether a search for each of ``vectors`` finds it, or an equal one."""
    found = collection.query(query_embeddings=vectors, n_results=1, include=["distances"])
    return [bool(distances) and distances[0] < _NEAR for distances in found["distances"]]


def _batches(items: list[Any]) -> Iterator[list[Any]]:
    """Split ``items`` into lists of the size Chroma accepts."""
    return (items[i : i + _BATCH] for i in range(0, len(items), _BATCH))

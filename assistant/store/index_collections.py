"""The index's Chroma collections, one per language: filling, listing and checking them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from assistant.models.records import Vectors

Entry = tuple[int, str, Vectors]
"""A passage's id, its language, and its centred vector."""

PREFIX = "language-"
"""Prefix of a collection's name, before the language."""

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

SAMPLES = 20
"""Passages per language that are searched for to check a new generation."""

_FOUND = 0.9
"""Share of them that must be found: the graph search is approximate."""

_NEAR = 1e-3
"""Cosine distance of a vector from itself, allowing for rounding."""


def ids(collections: dict[str, Any]) -> dict[int, str]:
    """The language of every passage in ``collections``, by id."""
    held: dict[int, str] = {}
    for language, collection in collections.items():
        for at in range(0, collection.count(), _BATCH):
            some = collection.get(limit=_BATCH, offset=at, include=[])["ids"]
            held.update(dict.fromkeys(map(int, some), language))
    return held


def nearest(
    collections: dict[str, Any], few: dict[str, list[int]], vector: Vectors, limit: int
) -> list[int]:
    """Ids of the passages nearest to ``vector``, at most ``limit`` a language, unordered.

    A language with no more passages than ``limit`` is not searched, as every search wakes several
    of Chroma's threads, however little it compares. ``few`` caches the ids of such languages; start
    with an empty one after each change.
    """
    found: list[int] = []
    for language, collection in collections.items():
        if language not in few:
            small = collection.count() <= _FEW
            few[language] = list(ids({language: collection})) if small else []
        if 0 < len(few[language]) <= limit:
            found += few[language]
        else:
            near_it = collection.query(query_embeddings=[vector], n_results=limit, include=[])
            found += map(int, near_it["ids"][0])
    return found


def check(collections: dict[str, Any], sizes: dict[str, int], samples: int) -> None:
    """Raise ``ValueError`` unless ``collections`` have these ``sizes`` and find their own."""
    counts = {language: count for language, c in collections.items() if (count := c.count())}
    if counts != dict(sizes):
        raise ValueError(f"it holds {counts} passages, not {dict(sizes)}")
    for language in sizes:
        collection = collections[language]
        # From both ends: a failure loses what was added last.
        last = max(sizes[language] - samples // 2, 0)
        some = [
            vector
            for at in {0, last}
            for vector in collection.get(limit=samples, offset=at, include=["embeddings"])[
                "embeddings"
            ][:samples]
        ]
        found = near(collection, some)
        if sum(found) < _FOUND * len(found):
            raise ValueError(f"{found.count(False)} of {len(found)} passages are not found")


def add(
    client: Any, collections: dict[str, Any], entries: list[Entry], prefix: str = PREFIX
) -> None:
    """Add ``entries``; create collections in ``client`` for new languages."""
    by_language: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_language[entry[1]].append(entry)
    for language, some in by_language.items():
        if language not in collections:
            collections[language] = client.get_or_create_collection(
                prefix + language, configuration=_HNSW, embedding_function=None
            )
        collections[language].add(
            ids=[str(entry[0]) for entry in some],
            embeddings=np.stack([entry[2] for entry in some]),
        )


def change(
    client: Any,
    collections: dict[str, Any],
    dropped: dict[int, str],
    added: list[Entry],
    prefix: str = PREFIX,
) -> None:
    """Remove passages, given as ids with their languages, and add others."""
    by_language: dict[str, list[str]] = defaultdict(list)
    for passage_id, language in dropped.items():
        by_language[language].append(str(passage_id))
    for language, gone in by_language.items():
        if language in collections:
            for some in batches(gone):
                collections[language].delete(ids=some)
    for some in batches(added):
        add(client, collections, some, prefix)


def lost(collections: dict[str, Any], entries: Iterable[Entry]) -> list[int]:
    """The ids of the ``entries`` whose search finds neither themselves nor an equal vector."""
    return [
        id_ for id_, language, vector in entries
        if language not in collections or not all(near(collections[language], [vector]))
    ]  # fmt: skip


def near(collection: Any, vectors: list[Vectors]) -> list[bool]:
    """Whether a search for each of ``vectors`` finds it, or an equal one."""
    found = collection.query(query_embeddings=vectors, n_results=1, include=["distances"])
    return [bool(distances) and distances[0] < _NEAR for distances in found["distances"]]


def batches(items: list[Any]) -> Iterator[list[Any]]:
    """Split ``items`` into lists of the size Chroma accepts."""
    return (items[i : i + _BATCH] for i in range(0, len(items), _BATCH))

"""Syncs the index with the library, without embedding anything."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from itertools import islice

from assistant.embedding.centring import Centring
from assistant.store.index_collections import Entry
from assistant.store.library import Library
from assistant.store.passage_index import PassageIndex

logger = logging.getLogger(__name__)

_MOST_CHANGED = 0.5
"""Share of changed passages up to which updating the index is faster than rebuilding it."""

_BATCH = 2_000


def refresh(library: Library, index: PassageIndex, centring: Centring) -> bool:
    """Sync ``index`` with ``library``; False if another process owns the index.

    Updates it in place if it is intact and another process has changed the library; builds a new
    generation if it is missing or damaged. Raises ``LibraryError`` if that fails.
    """
    with library.snapshot():
        revision = library.revision
        if index.revision == revision:
            return True
        if not index.own():
            return False
        if index.revision is not None and _catch_up(library, index, centring, revision):
            return True
        if index.revision is None and index.open(revision, library.passages.sizes()):
            return True
        count = library.passages.count()
        if count:
            logger.info("Building the index from the library: %d passages", count)
        index.rebuild(_entries(library, centring), revision)
        return True


def _catch_up(library: Library, index: PassageIndex, centring: Centring, revision: int) -> bool:
    """Update ``index`` in place; False if that is not worthwhile, or failed."""
    held, wanted = index.ids(), library.passages.languages()
    dropped = {id_: language for id_, language in held.items() if id_ not in wanted}
    added = sorted(wanted.keys() - held.keys())
    if len(dropped) + len(added) > _MOST_CHANGED * len(wanted):
        return False
    index.apply(dropped, list(entries(library, centring, added)), revision)
    index.seal()
    return index.revision == revision


def entries(library: Library, centring: Centring, ids: Iterable[int]) -> Iterator[Entry]:
    """Index entries of the passages with these ids; missing ids are skipped."""
    rest = iter(ids)
    while some := list(islice(rest, _BATCH)):
        for language, found in library.passages.vectors_of(some).items():
            vectors = centring.passages(found.vectors, language)
            for id_, vector in zip(found.ids.tolist(), vectors, strict=True):
                yield id_, language, vector


def _entries(library: Library, centring: Centring) -> Iterator[list[Entry]]:
    for batch in library.passages.vectors():
        yield [(id_, language, centring.passages(v, language)) for id_, language, v in batch]

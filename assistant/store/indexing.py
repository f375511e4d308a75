"""Brings the index to the state of the library, without embedding anything."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from itertools import islice

from assistant.embedding.centring import Centring
from assistant.store.index import Index
from assistant.store.index_collections import Entry
from assistant.store.library import Library

logger = logging.getLogger(__name__)

_MOST_CHANGED = 0.5
"""The share of the passages up to which it is quicker to change the index than to build it."""

_BATCH = 2_000


def refresh(library: Library, index: Index, centring: Centring) -> bool:
    """Make ``index`` hold what ``library`` does; False if another process owns the index.

    It is changed in place where it is whole and another process has written to the library; where
    it is missing or damaged, a new generation is built. Raises ``LibraryError`` if that fails.
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
            logger.info("The index is being built from the library: %d passages", count)
        index.rebuild(_entries(library, centring), revision)
        return True


def _catch_up(library: Library, index: Index, centring: Centring, revision: int) -> bool:
    """Change ``index`` in place; False if that is not worth it, or failed."""
    held, wanted = index.ids(), library.passages.languages()
    dropped = {id_: language for id_, language in held.items() if id_ not in wanted}
    added = sorted(wanted.keys() - held.keys())
    if len(dropped) + len(added) > _MOST_CHANGED * len(wanted):
        return False
    index.apply(dropped, list(entries(library, centring, added)), revision)
    index.seal()
    return index.revision == revision


def entries(library: Library, centring: Centring, ids: Iterable[int]) -> Iterator[Entry]:
    """What the index holds of the passages with these ids; ids not there are left out."""
    rest = iter(ids)
    while some := list(islice(rest, _BATCH)):
        for language, found in library.passages.vectors_of(some).items():
            vectors = centring.passages(found.vectors, language)
            for id_, vector in zip(found.ids.tolist(), vectors, strict=True):
                yield id_, language, vector


def _entries(library: Library, centring: Centring) -> Iterator[list[Entry]]:
    for batch in library.passages.vectors():
        yield [(id_, language, centring.passages(v, language)) for id_, language, v in batch]

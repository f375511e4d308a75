"""What needs the embedding model, opened together: model, index and retriever."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from assistant.centring import Centring
from assistant.embedding import Embedder, load_embedder
from assistant.errors import LibraryBusyError
from assistant.ingest import RECIPE
from assistant.retrieval import Retriever
from assistant.settings import Settings
from assistant.storage.index import Index
from assistant.storage.library import Library

logger = logging.getLogger(__name__)

Writing = Callable[[], AbstractContextManager[None]]
"""Holds the data folder's lock against other processes; raises ``LibraryBusyError``."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The loaded model and the opened index over one library."""

    embedder: Embedder
    centring: Centring
    index: Index
    retriever: Retriever


def start_engine(
    settings: Settings, library: Library, embedder: Embedder | None, writing: Writing
) -> Engine:
    """Load the model (unless ``embedder`` is given) and open the index.

    What another model or version has made is forgotten, to be made anew by the next sync; an index
    that is missing, damaged or out of step is built again from the library. Raises ``ModelError``,
    ``LibraryError``.
    """
    embedder = embedder or load_embedder(
        settings.embedding_model, settings.cache, settings.jobs, progress=logger.info
    )
    _forget_other_recipe(library, f"{embedder.identity} {RECIPE}", writing)
    centring = Centring(embedder, settings.cache / "means")
    index = Index(settings.data / "index")
    if not index.open(library.revision, library.passages.sizes()):
        _rebuild(library, index, centring, writing)
    return Engine(embedder, centring, index, Retriever(library, index, embedder, centring))


def _forget_other_recipe(library: Library, recipe: str, writing: Writing) -> None:
    made_with = library.get("recipe")
    if made_with != recipe:
        with writing(), library.change():
            if made_with is not None:
                logger.warning("Another model or version made this library: reading all anew.")
                library.clear()
            library.put("recipe", recipe)


def _rebuild(library: Library, index: Index, centring: Centring, writing: Writing) -> None:
    entries = (
        [(i, language, centring.passages(vector, language)) for i, language, vector in batch]
        for batch in library.passages.vectors()
    )
    try:
        with writing():
            index.rebuild(entries, library.revision)
    except LibraryBusyError:
        # Another process is syncing. What it has written so far can be asked meanwhile.
        if not index.languages:
            raise

"""A library with the model that made it and the index over it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.embedding import Embedder, load_embedder
from assistant.embedding.centring import Centring
from assistant.models.recipe import RECIPE
from assistant.store.generations import INDEX
from assistant.store.index import Index
from assistant.store.index_server import ServerIndex
from assistant.store.indexing import entries
from assistant.store.library import Library
from assistant.store.passage_index import PassageIndex
from assistant.store.storage import document_of, index_owner_of
from assistant.support.errors import ModelError, OldModelError
from assistant.support.settings import Settings

logger = logging.getLogger(__name__)

_RECIPE = "recipe"
_MODEL = "model"


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Engine:
    """The library in ``folder`` with its model and its index."""

    folder: Path
    library: Library
    embedder: Embedder
    centring: Centring
    index: PassageIndex

    def put_into_index(self, dropped: Mapping[int, str], added: Iterable[int]) -> None:
        """Take the ids in ``dropped``, given with their languages, out of the index, and put those
        ``added`` to the library into it.

        As the library holds them, rounded: an index rebuilt from it later must find the same.
        """
        found = list(entries(self.library, self.centring, added))
        self.index.apply(dropped, found, self.library.revision)


def open_engine(settings: Settings, folder: Path, library: Library, embedder: Embedder) -> Engine:
    """The engine over ``library``; ``indexing.refresh`` opens or builds its index."""
    centring = Centring(embedder, settings.cache / "means")
    return Engine(folder, library, embedder, centring, index_of(settings, folder))


def index_of(settings: Settings, folder: Path) -> PassageIndex:
    """The index of the library in ``folder``, not opened."""
    if settings.chroma_url is None:
        return Index(folder / INDEX)
    headers = dict([settings.chroma_header]) if settings.chroma_header else {}
    current = document_of(settings, f"{folder.name}.index.json")
    owner = index_owner_of(settings, folder)
    return ServerIndex(settings.chroma_url, headers, current, owner)


def recipe_of(embedder: Embedder) -> str:
    """The recipe of a library made now with ``embedder``."""
    return f"{embedder.identity} {RECIPE}"


def made_with(library: Library) -> str | None:
    """The recipe ``library`` was made with; None if it is still empty."""
    return library.get(_RECIPE)


def stamp(library: Library, embedder: Embedder, model: str) -> None:
    """Record the recipe in a new ``library``; ``model`` is the model's name in the settings."""
    with library.change():
        library.put(_RECIPE, recipe_of(embedder))
        library.put(_MODEL, model)


def embedder_of(library: Library, wanted: Embedder, settings: Settings) -> Embedder:
    """The model that made ``library``: ``wanted``, or else the one recorded in the library.

    Raises ``OldModelError`` if the recorded one cannot be loaded or has changed.
    """
    recipe = made_with(library)
    identity = recipe.rpartition(" ")[0] if recipe else wanted.identity
    if identity == wanted.identity:
        return wanted
    name = library.get(_MODEL)
    reason = "its name was not recorded"
    if name is not None:
        try:
            old = load_embedder(name, settings.cache, settings.jobs, progress=logger.info)
        except ModelError as error:
            reason = str(error)
        else:
            if old.identity == identity:
                return old
            reason = f"{name} is now another model"
    raise OldModelError(
        f"The articles were read with another embedding model ({identity}), which cannot be "
        f"loaded: {reason}. They must be read again: run assistant sync."
    )

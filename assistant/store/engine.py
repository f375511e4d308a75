"""What is live together: a library, the model that made it, and the index over it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from assistant.embedding import Embedder, load_embedder
from assistant.embedding.centring import Centring
from assistant.models.recipe import RECIPE
from assistant.store.generations import INDEX
from assistant.store.index import Index
from assistant.store.library import Library
from assistant.support.errors import ModelError, OldModelError
from assistant.support.settings import Settings

logger = logging.getLogger(__name__)

_RECIPE = "recipe"
_MODEL = "model"


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Engine:
    """The library in ``folder``, the model that made it, the index over it."""

    folder: Path
    library: Library
    embedder: Embedder
    centring: Centring
    index: Index


def open_engine(settings: Settings, folder: Path, library: Library, embedder: Embedder) -> Engine:
    """The engine over ``library``; its index is opened or built by ``indexing.refresh``."""
    centring = Centring(embedder, settings.cache / "means")
    return Engine(folder, library, embedder, centring, Index(folder / INDEX))


def recipe_of(embedder: Embedder) -> str:
    """What a library made now with ``embedder`` is made with."""
    return f"{embedder.identity} {RECIPE}"


def made_with(library: Library) -> str | None:
    """What ``library`` was made with, or None if nothing was put into it yet."""
    return library.get(_RECIPE)


def stamp(library: Library, embedder: Embedder, model: str) -> None:
    """Note in a new ``library`` what it is made with; ``model`` is the setting's name of it."""
    with library.change():
        library.put(_RECIPE, recipe_of(embedder))
        library.put(_MODEL, model)


def embedder_of(library: Library, wanted: Embedder, settings: Settings) -> Embedder:
    """The model that made ``library``: ``wanted``, or the one that the library names.

    Raises ``OldModelError`` if that one cannot be loaded, or is no longer the same.
    """
    recipe = made_with(library)
    identity = recipe.rpartition(" ")[0] if recipe else wanted.identity
    if identity == wanted.identity:
        return wanted
    name = library.get(_MODEL)
    reason = "its name was not kept"
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

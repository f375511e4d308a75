"""The live engine; swapped without failing requests.

Other processes may sync, compact or restore at the same time: the next question sees their changes,
and the index follows.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from assistant.embedding import Embedder, load_embedder
from assistant.store.engine import Engine, embedder_of, made_with, open_engine, recipe_of, stamp
from assistant.store.indexing import refresh
from assistant.store.library import Library
from assistant.store.storage import generations_of
from assistant.support.errors import LibraryError, OldModelError
from assistant.support.settings import Settings

logger = logging.getLogger(__name__)


class LiveEngine:
    """Opens the library in use and its engine on first use.

    A replaced library is not closed but released: the last question that reads it closes it.
    Thread-safe, except that ``target``, ``adopt`` and ``tidy`` need the writer's lock.
    """

    def __init__(self, settings: Settings, embedder: Embedder | None) -> None:
        self._settings = settings
        self._embedder = embedder
        self._generations = generations_of(settings)
        self._opening = threading.Lock()
        self._starting = threading.RLock()  # a lock of its own: loading a model takes seconds
        self._opened: tuple[Path, Library] | None = None
        self._engine: Engine | None = None
        self.rebuilding = False

    @property
    def library(self) -> Library:
        """The library in use. Raises ``LibraryError`` if it cannot be opened."""
        return self._in_use()[1]

    @property
    def wanted(self) -> Embedder:
        """The model in the settings, loaded once. Raises ``ModelError`` if it cannot be."""
        with self._starting:
            if self._embedder is None:
                self._embedder = load_embedder(
                    self._settings.embedding_model,
                    self._settings.cache,
                    self._settings.jobs,
                    progress=logger.info,
                )
            return self._embedder

    @property
    def opened(self) -> bool:
        """Whether an engine is open."""
        return self._engine is not None

    def engine(self) -> Engine:
        """The engine over the library in use.

        Raises ``ModelError`` if the model in the settings cannot be loaded, ``OldModelError`` if
        the library was made with another one and that cannot be.
        """
        with self._starting:
            folder, library = self._in_use()
            if self._engine is None or self._engine.library is not library:
                self._let_go()
                embedder = embedder_of(library, self.wanted, self._settings)
                if made_with(library) not in (None, recipe_of(self.wanted)):
                    logger.warning(
                        "The articles were read with another embedding model or version. The old "
                        "library answers until a sync has read them again."
                    )
                self._engine = open_engine(self._settings, folder, library, embedder)
            return self._engine

    def target(self) -> Engine:
        """The engine a sync writes to: the one in use, or one over a new library beside it.

        The latter if the one in use was made with another model or version.
        """
        library, recipe = self.library, recipe_of(self.wanted)
        if made_with(library) is None:
            stamp(library, self.wanted, self._settings.embedding_model)
        if made_with(library) == recipe:
            return self.engine()
        logger.warning("Another model or version made this library: making a new one beside it.")
        folder = self._generations.beside(recipe)
        beside = self._generations.library(folder)
        if made_with(beside) is None:
            stamp(beside, self.wanted, self._settings.embedding_model)
        return open_engine(self._settings, folder, beside, self.wanted)

    def adopt(self, engine: Engine) -> None:
        """Switch to ``engine``, whose library is complete."""
        with self._starting, self._opening:
            if engine is self._engine:
                return
            self._generations.use(engine.folder)
            self._let_go()
            self._opened, self._engine = (engine.folder, engine.library), engine

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._generations.size()

    @property
    def has_others(self) -> bool:
        """Whether there are libraries not in use."""
        return bool(self._generations.others())

    def tidy(self) -> None:
        """Remove libraries no longer in use, except one being made."""
        self._generations.remove_others(self._generations.beside(recipe_of(self.wanted)))

    def refresh(self, engine: Engine) -> None:
        """Sync the index of ``engine`` with its library; log a failure.

        Meanwhile questions are answered without the index.
        """
        if engine.index.revision == engine.library.revision:
            return
        self.rebuilding = engine.index.revision is None
        try:
            refresh(engine.library, engine.index, engine.centring)
        except LibraryError as error:
            logger.error("%s", error)
        finally:
            self.rebuilding = False

    def follow(self) -> None:
        """Pick up changes by other processes. Raises ``AssistantError``."""
        try:
            self.refresh(self.engine())
        except OldModelError as error:
            logger.debug("%s", error)

    def close(self) -> None:
        """Close the files."""
        with self._starting, self._opening:
            self._let_go()
            if self._opened is not None:
                self._opened[1].close()
                self._opened = None

    def _in_use(self) -> tuple[Path, Library]:
        with self._opening:
            if self._opened is None or self._opened[0] != self._generations.current():
                self._opened = self._generations.open()
            return self._opened

    def _let_go(self) -> None:
        """Close the index only: running questions compare the vectors of the library."""
        if self._engine is not None:
            self._engine.index.close()
            self._engine = None

"""The libraries of a data folder: the one in use, and others being built beside it.

The first lies in the data folder itself, each later one in a folder of its own. The file
``CURRENT`` names the one in use and is replaced atomically, so that a crash leaves either the old
one or the new one in use, complete. Libraries no longer used are removed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import uuid
from contextlib import suppress
from pathlib import Path

from assistant.store.library import Library
from assistant.store.sqlite import FILE, holds_articles, is_open
from assistant.support.atomic_files import replace_text
from assistant.support.errors import LibraryError

logger = logging.getLogger(__name__)

INDEX = "index"
"""The index folder, next to the library's file."""

_POINTER = "CURRENT"
PREFIX = "library-"
"""Prefix of the folder of a library, but for the first."""


class Generations:
    """The libraries in the folder ``data``. To change which is in use, hold the writer's lock.

    Raises ``LibraryError`` if ``data`` or its parent is not a folder.
    """

    def __init__(self, data: Path) -> None:
        for path in (data, *data.parents):
            if os.path.exists(path) and not os.path.isdir(path):
                raise LibraryError(
                    f"The data folder {data} cannot be used: {path} is not a folder. Move it away, "
                    "or name another with --data."
                )
        self.data = data

    @property
    def name(self) -> str:
        """What messages call the place of all libraries."""
        return str(self.data)

    def exist(self) -> bool:
        """Whether there is a library to be used."""
        return (self.current() / FILE).exists()

    def current(self) -> Path:
        """The folder of the library in use."""
        try:
            name = (self.data / _POINTER).read_text("utf-8").strip()
        except FileNotFoundError:
            return self.data
        folder = self.data / name
        if not (name.startswith(PREFIX) and folder.parent == self.data and folder.is_dir()):
            logger.warning("%s does not name a library: %r.", self.data / _POINTER, name[:80])
            return self.data
        return folder

    def open(self) -> tuple[Path, Library]:
        """The library in use and its folder. Raises ``LibraryError`` if it cannot be opened."""
        while True:
            folder = self.current()
            library = self.library(folder)
            if self.current() == folder:  # otherwise it was replaced, perhaps removed, meanwhile
                return folder, library
            library.close()

    def library(self, folder: Path) -> Library:
        """The library in ``folder``, made if it is missing. Raises ``LibraryError``."""
        return Library(folder)

    def beside(self, purpose: str) -> Path:
        """The folder to build a library for ``purpose`` in: always the same, to resume."""
        return self.data / f"{PREFIX}{hashlib.sha256(purpose.encode()).hexdigest()[:12]}"

    def new(self) -> Path:
        """A new path for a library that is built in one go."""
        return self.data / f"{PREFIX}{uuid.uuid4().hex[:12]}"

    def use(self, folder: Path) -> None:
        """Switch to the complete library in ``folder``."""
        replace_text(self.data / _POINTER, folder.name)

    def others(self) -> list[Path]:
        """The folders of libraries that are not in use."""
        current = self.current()
        found = [path for path in self.data.glob(f"{PREFIX}*") if path.is_dir()]
        if (self.data / FILE).exists() or (self.data / INDEX).exists():
            found.append(self.data)
        return sorted(path for path in found if path != current)

    def remove_others(self, keep: Path | None = None) -> None:
        """Remove libraries not in use, except ``keep`` and those still being read."""
        for folder in self.others():
            if folder != keep:
                self._remove(folder)

    def holds_articles(self) -> bool:
        """Whether the library in use holds any article. Does not modify it.

        True also if it cannot be read: opening it reports why.
        """
        return holds_articles(self.current() / FILE)

    def size(self) -> int:
        """Total bytes of the files under ``data``; others may write meanwhile."""
        total = 0
        for folder, _, names in os.walk(self.data):
            for name in names:
                with suppress(OSError):
                    total += os.stat(os.path.join(folder, name)).st_size
        return total

    def _remove(self, folder: Path) -> None:
        """Remove a library that nobody reads: its folder, or in the data folder only the files that
        belong to it.
        """
        if is_open(folder / FILE):
            return
        logger.debug("Removing the library in %s, which is not in use", folder)
        for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder if folder != self.data else folder / INDEX, ignore_errors=True)

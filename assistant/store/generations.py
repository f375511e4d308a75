"""The libraries of a data folder: the one in use, and another that is made beside it.

The first lies in the data folder itself, each later one in a folder of its own. The file
``CURRENT`` names the one in use and is replaced atomically, so that a kill at any moment leaves
either the old one or the new one in use, whole. A library that nobody uses any more is removed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import uuid
from contextlib import suppress
from pathlib import Path

from assistant.store.database import FILE, is_open
from assistant.store.library import Library
from assistant.support.atomic_files import replace_text
from assistant.support.errors import LibraryError

logger = logging.getLogger(__name__)

INDEX = "index"
"""The folder of a library's index, beside its file."""

_POINTER = "CURRENT"
_PREFIX = "library-"


class Generations:
    """The libraries in the folder ``data``. To change which is in use, hold the writer's lock.

    Raises ``LibraryError`` if ``data``, or what it should be in, is no folder.
    """

    def __init__(self, data: Path) -> None:
        for path in (data, *data.parents):
            if os.path.exists(path) and not os.path.isdir(path):
                raise LibraryError(
                    f"The data folder {data} cannot be used: {path} is no folder. Move it away, or "
                    "name another with --data."
                )
        self.data = data

    def current(self) -> Path:
        """The folder of the library in use."""
        try:
            name = (self.data / _POINTER).read_text("utf-8").strip()
        except FileNotFoundError:
            return self.data
        folder = self.data / name
        if not (name.startswith(_PREFIX) and folder.parent == self.data and folder.is_dir()):
            logger.warning("%s names no library: %r.", self.data / _POINTER, name[:80])
            return self.data
        return folder

    def open(self) -> tuple[Path, Library]:
        """The library in use and its folder. Raises ``LibraryError`` if it cannot be opened."""
        while True:
            folder = self.current()
            library = Library(folder)
            if self.current() == folder:  # else it was replaced, and perhaps removed, meanwhile
                return folder, library
            library.close()

    def beside(self, purpose: str) -> Path:
        """Where a library for ``purpose`` is made: the same folder each time, to go on in it."""
        return self.data / f"{_PREFIX}{hashlib.sha256(purpose.encode()).hexdigest()[:12]}"

    def new(self) -> Path:
        """A folder for a library that is made in one go; it does not exist yet."""
        return self.data / f"{_PREFIX}{uuid.uuid4().hex[:12]}"

    def use(self, folder: Path) -> None:
        """Make the library in ``folder``, which is whole, the one in use."""
        replace_text(self.data / _POINTER, folder.name)

    def others(self) -> list[Path]:
        """The folders with a library that is not in use."""
        current = self.current()
        found = [path for path in self.data.glob(f"{_PREFIX}*") if path.is_dir()]
        if (self.data / FILE).exists() or (self.data / INDEX).exists():
            found.append(self.data)
        return sorted(path for path in found if path != current)

    def remove_others(self, keep: Path | None = None) -> None:
        """Remove the libraries that are not in use, but for ``keep`` and those still being read."""
        for folder in self.others():
            if folder != keep and not is_open(folder / FILE):
                _remove(folder, whole=folder != self.data)


def size_of(data: Path) -> int:
    """Bytes of the files in the folder ``data`` and beneath it; others may write meanwhile."""
    total = 0
    for folder, _, names in os.walk(data):
        for name in names:
            with suppress(OSError):
                total += os.stat(os.path.join(folder, name)).st_size
    return total


def _remove(folder: Path, *, whole: bool) -> None:
    """Remove a library: the folder, or in the data folder what belongs to the library alone."""
    logger.debug("Removing the library in %s, which is not in use", folder)
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder if whole else folder / INDEX, ignore_errors=True)

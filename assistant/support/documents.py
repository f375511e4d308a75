"""Small documents that are read and replaced whole, by several processes."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from assistant.support.atomic_files import PRIVATE, replace_text

LOCK_S = 5
"""Seconds that a writer waits for another one's lock."""


class Document(Protocol):
    """A document, or the place for one. Methods raise ``OSError``."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def state(self) -> object:
        """A value that changes with the content; None while there is no document. Cheap."""

    def read(self) -> bytes | None:
        """The content; None if there is no document."""

    def change(self, edit: Callable[[bytes | None], str]) -> None:
        """Replace the content with what ``edit`` makes of it, while no other process does.

        Raises ``TimeoutError`` if another one takes too long; what ``edit`` raises.
        """


class FileDocument:
    """The file ``path``, private to its owner, and to its group if that may read it already."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)

    def state(self) -> object:
        """Of the file, by one ``stat``."""
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size, found.st_ctime_ns

    def read(self) -> bytes | None:
        """The file's content."""
        try:
            return self.path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def change(self, edit: Callable[[bytes | None], str]) -> None:
        """Replace the file under a lock beside it; atomic."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.path.with_name(f"{self.path.name}.lock"), timeout=LOCK_S):
                self._replace(edit(self.read()))
        except Timeout as error:
            raise TimeoutError(f"another process is changing {self.name}") from error

    def _replace(self, text: str) -> None:
        """Write the file; keep its group, by which a server may have access."""
        try:
            before = self.path.stat()
        except FileNotFoundError:
            replace_text(self.path, text, PRIVATE)
            return
        replace_text(self.path, text, PRIVATE)
        after = self.path.stat()
        if (after.st_uid, after.st_gid) != (before.st_uid, before.st_gid):
            os.chown(self.path, before.st_uid, before.st_gid)
        self.path.chmod(stat.S_IMODE(before.st_mode) & 0o640 | PRIVATE)

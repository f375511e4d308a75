"""The right to change an index on a server, which one process at a time has."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout


class Owner(Protocol):
    """See the module."""

    @property
    def held(self) -> bool:
        """Whether this process has it."""

    def take(self) -> bool:
        """Take it; False if another process has it. Raises ``OSError``."""

    def release(self) -> None:
        """Give it up."""


class FileOwner:
    """The owner of a file, for the processes of one machine."""

    def __init__(self, file: Path) -> None:
        self._folder = file.parent
        self._file = FileLock(file, thread_local=False)

    @property
    def held(self) -> bool:
        """Whether this process has it."""
        return bool(self._file.is_locked)

    def take(self) -> bool:
        """Take it; False if another process has it. Raises ``OSError``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not self.held:
            try:
                self._file.acquire(timeout=0)
            except Timeout:
                return False
        return True

    def release(self) -> None:
        """Give it up."""
        self._file.release()

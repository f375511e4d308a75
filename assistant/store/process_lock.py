"""Locks between processes: for the one that writes to a library, and the one that changes its
index.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from assistant.support.errors import LibraryBusyError, LibraryError

logger = logging.getLogger(__name__)

_RETRY_S = 0.2

_SILENT_S = 1.0
"""Seconds to wait before saying so."""


class ProcessLock(Protocol):
    """What one process has at a time. It ends with the process, however that ends."""

    @property
    def held(self) -> bool:
        """Whether this process has it."""

    def take(self) -> bool:
        """Take it; False if another process has it. Raises ``OSError``."""

    def release(self) -> None:
        """Give it up."""


class FileProcessLock:
    """A lock of ``file``, for the processes of one machine. The threads of one share it."""

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
        try:
            self._file.acquire(timeout=0)
        except Timeout:
            return False
        return True

    def release(self) -> None:
        """Give it up."""
        self._file.release()


class Writer:
    """The right to write to the library at ``place``, which messages name; ``remedy`` tells what to
    do if it cannot be written.
    """

    def __init__(self, lock: ProcessLock, place: str, remedy: str) -> None:
        self._lock = lock
        self._place = place
        self._remedy = remedy

    @contextmanager
    def held(
        self, *, wait: bool = False, stopped: Callable[[], bool] = lambda: False
    ) -> Iterator[None]:
        """Hold the lock against other processes.

        Raises ``LibraryBusyError`` if another process holds it: at once, or, with ``wait``, once
        ``stopped`` returns true; ``LibraryError`` if the place cannot be written.
        """
        began, told = time.monotonic(), False
        while not self._taken():
            if not wait or stopped():
                raise LibraryBusyError(
                    f"Another process is writing to {self._place}. Wait until it is done, or "
                    "choose another."
                )
            if not told and time.monotonic() - began > _SILENT_S:
                logger.warning("Waiting for another process that is writing to %s.", self._place)
                told = True
            time.sleep(_RETRY_S)
        try:
            yield
        finally:
            self._lock.release()

    def _taken(self) -> bool:
        try:
            return self._lock.take()
        except OSError as error:
            raise LibraryError(
                f"No process can write to {self._place}: {error}. {self._remedy}"
            ) from error

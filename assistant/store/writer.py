"""The writer's lock of a data folder: one process at a time writes to its library."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from assistant.support.errors import LibraryBusyError, LibraryError

logger = logging.getLogger(__name__)

LOCK = "sync.lock"

_PATIENCE_S = 1.0
"""Seconds to wait silently, and seconds between checks of whether to keep waiting."""


class WriterLock(Protocol):
    """The lock of whoever writes to a library: one process at a time."""

    def held(
        self, *, wait: bool = False, stopped: Callable[[], bool] = lambda: False
    ) -> AbstractContextManager[None]:
        """Hold the lock against other processes.

        Raises ``LibraryBusyError`` if another process holds it: at once, or, with ``wait``, once
        ``stopped`` returns true; ``LibraryError`` if the library cannot be written.
        """


class Writer:
    """The writer's lock of the folder ``data``, shared by the threads of a process."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._lock = FileLock(data / LOCK, thread_local=False)

    @contextmanager
    def held(
        self, *, wait: bool = False, stopped: Callable[[], bool] = lambda: False
    ) -> Iterator[None]:
        """Hold the lock against other processes.

        Raises ``LibraryBusyError`` if another process holds it: at once, or, with ``wait``, once
        ``stopped`` returns true; ``LibraryError`` if the folder cannot be written.
        """
        told = False
        while True:
            try:
                self._data.mkdir(parents=True, exist_ok=True)
                lock = self._lock.acquire(timeout=_PATIENCE_S if wait else 0)
                break
            except Timeout as error:  # a subclass of OSError, so it comes first
                if not wait or stopped():
                    raise LibraryBusyError(
                        f"Another process is writing to {self._data}. Wait until it is done, or "
                        "choose another folder with --data."
                    ) from error
            except OSError as error:
                raise LibraryError(
                    f"The data folder {self._data} cannot be written: {error}. Allow writing "
                    "there, or choose another with --data."
                ) from error
            if not told:
                logger.warning("Waiting for another process that is writing to %s.", self._data)
                told = True
        with lock:
            yield

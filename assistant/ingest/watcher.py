"""Watches the corpus folder and reports changes once they have settled."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType

logger = logging.getLogger(__name__)

QUIET_MS = 500
"""A burst of changes ends after so many quiet seconds..."""
LONGEST_BURST_MS = 10_000
"""...or after so many seconds in all."""
LOOK_S = 1.0
"""Seconds between checks of whether the folder is there, and is the same."""

_TEMPORARY = re.compile(
    r"[.~].*|.*~|#.*#|.*\.(sw[a-z]|tmp|temp|bak|part|partial|crdownload)|4913", re.IGNORECASE
)
"""Patterns of temporary files of editors, browsers and office programs."""


def is_temporary(name: str) -> bool:
    """Whether a file of that name is hidden or temporary."""
    return _TEMPORARY.fullmatch(name) is not None


class Watch:
    """Iterates over changes below ``folder``, ignoring those below ``apart``.

    Yields once as soon as it watches, then after each burst of changes and each ``wake``; those
    that come while an item is being processed make one item. The folder may be missing at first,
    disappear and return: its return counts as a change, its disappearance does not. If it does not
    ``follow`` the folder, it yields once and after each ``wake``. Use it in a ``with``.
    """

    def __init__(self, folder: Path, apart: Path, *, follow: bool = True) -> None:
        self._folder = folder
        self._apart = apart.resolve()
        self._polling: bool | None = None  # None: let watchfiles decide
        self._stopped = threading.Event()
        self._changes: SimpleQueue[bool] = SimpleQueue()
        target = self._follow if follow else partial(self._changes.put, True)
        self._thread = threading.Thread(target=target, name="watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._thread.join()

    def __iter__(self) -> Iterator[None]:
        while self._changes.get() and not self._stopped.is_set():
            self._drain()
            if not self._stopped.is_set():
                yield

    def stop(self) -> None:
        """End the iteration; may be called from any thread."""
        self._stopped.set()
        self._changes.put(False)

    def wake(self) -> None:
        """Yield once more, as after a change; may be called from any thread."""
        self._changes.put(True)

    @property
    def waits(self) -> bool:
        """Whether a change came after the item that is being processed."""
        return not self._changes.empty()

    def _drain(self) -> None:
        try:
            while True:
                self._changes.get_nowait()
        except Empty:
            return

    def _follow(self) -> None:
        self._changes.put(True)
        there = True
        while not self._stopped.is_set():
            before, there = there, self._identity() is not None
            if there:
                self._follow_present()
                continue
            if before:
                logger.warning(
                    "The corpus folder %s is missing. The library stays as it is until it is back.",
                    self._folder,
                )
            self._stopped.wait(LOOK_S)

    def _follow_present(self) -> None:
        """Watch the current folder until it is replaced or disappears."""
        from watchfiles import watch

        before = self._identity()
        bursts = watch(
            self._folder,
            watch_filter=lambda _, path: self._counts(Path(path)),
            debounce=LONGEST_BURST_MS,
            step=QUIET_MS,
            rust_timeout=int(1000 * LOOK_S),
            yield_on_timeout=True,
            stop_event=self._stopped,
            raise_interrupt=False,
            force_polling=self._polling,
            poll_delay_ms=int(1000 * LOOK_S),
            ignore_permission_denied=True,
        )
        try:
            with closing(bursts):
                for number, burst in enumerate(bursts):
                    if self._identity() != before:
                        return
                    # Changes before the watch was established may have been missed.
                    if burst or number == 0:
                        self._changes.put(True)
        except (OSError, RuntimeError) as error:  # such as inotify's limit on watches
            if self._identity() is not None:
                logger.warning("Polling %s, because: %s", self._folder, error)
                self._polling = True
            self._stopped.wait(LOOK_S)

    def _identity(self) -> tuple[int, int] | None:
        """Identifies the folder among others at the same path; None if there is none."""
        try:
            status = os.stat(self._folder)
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _counts(self, path: Path) -> bool:
        """Whether a change of ``path`` may affect the articles."""
        for folder in (self._folder.absolute(), self._folder.resolve()):
            if path.is_relative_to(folder):
                hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
                lasting = not hidden and not is_temporary(path.name)
                return lasting and not path.resolve().is_relative_to(self._apart)
        return True

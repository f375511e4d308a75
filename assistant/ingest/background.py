"""Runs syncs in the background: at once, when asked, and after changes of the corpus folder."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from assistant.ingest.report import SyncReport
from assistant.ingest.watcher import Watch
from assistant.models.status import LastSync
from assistant.support.errors import AssistantError, StoppedError

logger = logging.getLogger(__name__)


class BackgroundSync:
    """Calls ``sync`` in a thread of its own for each item of ``changes``, until ``close``. Its
    exceptions end up in ``error`` and the log; ``last`` describes the last one that ended.
    """

    def __init__(self, sync: Callable[[], SyncReport], changes: Watch) -> None:
        self.error: str | None = None
        self.last: LastSync | None = None
        self._sync = sync
        self._changes = changes
        self._idle = threading.Event()  # not set yet, so that nobody takes the first for finished
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a sync is running or about to start."""
        return not self._idle.is_set()

    @property
    def waits(self) -> bool:
        """Whether another sync was asked for, or the folder changed, since this one began."""
        return self._changes.waits

    def again(self) -> None:
        """Sync once more, unless stopped; busy from now on."""
        self._idle.clear()
        self._changes.wake()

    def join(self) -> None:
        """Wait until no sync is running or about to start."""
        self._idle.wait()

    def stop(self) -> None:
        """Start no further sync."""
        self._changes.stop()

    def close(self) -> None:
        """Stop, and wait for the sync that is running."""
        self.stop()
        self._thread.join()

    def _run(self) -> None:
        with self._changes as changes:
            for _ in changes:
                self._idle.clear()
                self._once()
                if not self.waits:
                    self._idle.set()
        self._idle.set()

    def _once(self) -> None:
        self.error = None
        started = time.monotonic()
        try:
            report = self._sync()
            if report.changed:
                logger.info("%s", report.summary())
        except StoppedError as stopped:
            self.error = str(stopped)
            logger.info("%s", stopped)
        except AssistantError as error:
            self.error = str(error)
            logger.error("%s", error)
        except Exception as error:
            self.error = f"The sync failed: {type(error).__name__}: {error}."
            logger.exception("The sync failed")
        finally:
            self.last = LastSync(time.monotonic() - started, self.error is None)

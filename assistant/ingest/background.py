"""Runs syncs in the background: at once, when asked, and after changes of the corpus folder."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from assistant.ingest.sync import SyncReport
from assistant.ingest.watcher import Watch
from assistant.models.status import LastSync
from assistant.support.errors import AssistantError, StoppedError

logger = logging.getLogger(__name__)


class BackgroundSync:
    """Calls ``sync`` in a thread of its own. Its exceptions end up in ``error`` and the log;
    ``last`` describes the last one that ended.

    With ``watch`` it is called again for each item, until ``stop``.
    """

    def __init__(self, sync: Callable[[], SyncReport], watch: Watch | None = None) -> None:
        self.error: str | None = None
        self.last: LastSync | None = None
        self._sync = sync
        self._watch = watch
        self._busy = threading.Event()
        self._busy.set()  # before the thread starts, so that nobody takes it for finished
        self._changing = threading.Lock()
        self._wanted = 1  # syncs still to be made, without a watch
        self._served = 0  # by the one that is being made
        self._begin()

    @property
    def busy(self) -> bool:
        """Whether a sync is running or about to start."""
        return self._busy.is_set()

    @property
    def waits(self) -> bool:
        """Whether another sync was asked for, or the folder changed, since this one began."""
        return self._watch.waits if self._watch is not None else self._wanted > self._served

    def stop(self) -> None:
        """Start no further sync."""
        if self._watch is not None:
            self._watch.stop()

    def again(self) -> None:
        """Sync once more, unless stopped; busy from now on."""
        self._busy.set()
        if self._watch is not None:
            self._watch.wake()
            return
        with self._changing:
            ended, self._wanted = self._wanted == 0, self._wanted + 1
            if ended:
                self._begin()

    def join(self) -> None:
        """Wait for the last sync."""
        self._thread.join()

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        if self._watch is None:
            while self._wanted:
                self._served = self._wanted
                self._once()
                with self._changing:
                    self._wanted -= self._served
            return
        with self._watch as changes:
            for _ in changes:
                self._once()

    def _once(self) -> None:
        self._busy.set()
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
            self._busy.clear()

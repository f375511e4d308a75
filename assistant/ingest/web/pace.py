"""Spaces out the requests to one host."""

from __future__ import annotations

import threading
import time
from collections import defaultdict

from assistant.support.errors import StoppedError

STOPPED = "Fetching was stopped. The next run continues from there."


class Pace:
    """Schedules requests per host. Waiting ends early when ``stopped`` is set."""

    def __init__(self, stopped: threading.Event) -> None:
        self._stopped = stopped
        self._lock = threading.Lock()
        self._free_at: defaultdict[str, float] = defaultdict(float)

    def wait(self, host: str, delay: float) -> None:
        """Wait for the next slot at ``host``, ``delay`` seconds after the last one.

        Raises ``StoppedError`` if stopped.
        """
        with self._lock:
            turn = max(self._free_at[host], time.monotonic())
            self._free_at[host] = turn + delay
        if self._stopped.wait(turn - time.monotonic()):
            raise StoppedError(STOPPED)

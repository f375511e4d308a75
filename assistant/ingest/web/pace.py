"""Waiting between two requests to one host."""

from __future__ import annotations

import threading
import time
from collections import defaultdict

from assistant.support.errors import StoppedError

STOPPED = "Fetching was stopped. The next run goes on from there."


class Pace:
    """Gives each host's visitors their turns. Waiting ends early when ``stopped`` is set."""

    def __init__(self, stopped: threading.Event) -> None:
        self._stopped = stopped
        self._lock = threading.Lock()
        self._free_at: defaultdict[str, float] = defaultdict(float)

    def wait(self, host: str, delay: float) -> None:
        """Wait for the next turn at ``host``, which is ``delay`` seconds after the last one.

        Raises ``StoppedError`` if that was stopped.
        """
        with self._lock:
            turn = max(self._free_at[host], time.monotonic())
            self._free_at[host] = turn + delay
        if self._stopped.wait(turn - time.monotonic()):
            raise StoppedError(STOPPED)

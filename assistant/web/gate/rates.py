"""How often one asker may ask: a bucket of tokens for each, refilled with time, kept in memory."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_ASKERS = 10_000
"""Askers that are remembered; the one not heard of for the longest time is forgotten first."""


class Rate:
    """Lets each asker through ``per_minute`` times a minute, and as often at once after a rest.

    To be used from one thread, the event loop's. ``clock`` gives seconds that never go back.
    """

    def __init__(
        self,
        per_minute: int,
        most_askers: int = MOST_ASKERS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.per_minute = per_minute
        self._most_askers = most_askers
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, asker: str | None) -> int:
        """0 if ``asker`` may go on, which is counted; otherwise the seconds until they may again.

        Nothing is counted for None, nor at a rate of 0.
        """
        if asker is None or self.per_minute == 0:
            return 0
        now = self._clock()
        tokens, then = self._buckets.pop(asker, (float(self.per_minute), now))
        tokens = min(self.per_minute, tokens + (now - then) * self.per_minute / 60)
        allowed = tokens >= 1
        self._buckets[asker] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > self._most_askers:
            self._buckets.popitem(last=False)
        return 0 if allowed else math.ceil((1 - tokens) * 60 / self.per_minute)

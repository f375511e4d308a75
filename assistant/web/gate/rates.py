"""Rate limiting: an in-memory token bucket per asker."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_ASKERS = 10_000
"""Most askers tracked; the least recently seen is dropped first."""


class Rate:
    """Allows each asker ``per_minute`` requests a minute, with bursts of as many.

    Not thread-safe: use it on the event loop. ``clock`` returns monotonic seconds.
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
        """Count a request and return 0 if ``asker`` is within the limit; otherwise the seconds to
        wait.

        None, or a rate of 0, means no limit.
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

"""Rate limiting: a token bucket per asker, in memory, settled with other processes' each second."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence

from assistant.store.storage import Spent

logger = logging.getLogger(__name__)

MOST_ASKERS = 10_000
"""Most askers tracked; the least recently seen is dropped first."""


SETTLE_S = 1.0
"""Seconds after which what was spent here counts in other processes, and the other way round."""


class Rate:
    """Allows each asker ``per_minute`` requests a minute, with bursts of as many, or of ``burst``.

    With ``shared``, what is spent in other processes counts, as far as ``settle`` knows of it. Not
    thread-safe: use it on the event loop. ``clock`` returns monotonic seconds.
    """

    def __init__(
        self,
        per_minute: float,
        most_askers: int = MOST_ASKERS,
        clock: Callable[[], float] = time.monotonic,
        *,
        burst: int | None = None,
        shared: Spent | None = None,
    ) -> None:
        self.per_minute = per_minute
        self.shared = shared
        self._burst = per_minute if burst is None else burst
        self._most_askers = most_askers
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._spent: Counter[str] = Counter()

    def wait(self, asker: str | None) -> int:
        """Count a request and return 0 if ``asker`` is within the limit; otherwise the seconds to
        wait.

        None, or a rate of 0, means no limit.
        """
        if asker is None or self.per_minute == 0:
            return 0
        due = self.due(asker)
        if not due:
            self.spend(asker)
        return due

    def due(self, asker: str) -> int:
        """The seconds until ``asker`` is within the limit; 0 if it is now. Counts nothing."""
        seconds = (1 - self._left(asker)) * 60 / self.per_minute
        return max(0, math.ceil(round(seconds, 6)))  # sums of fractions are a little off

    def spend(self, asker: str, requests: int = 1) -> None:
        """Count so many requests; fewer than none give back what was counted before."""
        left = min(self._burst, self._left(asker) - requests)
        self._buckets[asker] = (left, self._clock())
        self._spent[asker] += requests
        if len(self._buckets) > self._most_askers:
            self._spent.pop(self._buckets.popitem(last=False)[0], None)

    def spent(self) -> dict[str, int]:
        """What each asker spent since this was called last."""
        spent, self._spent = self._spent, Counter()
        return dict(spent)

    def correct(self, left: Mapping[str, float]) -> None:
        """Take over what askers have ``left`` now, counted over all processes."""
        now = self._clock()
        for asker, tokens in left.items():
            if asker in self._buckets:
                self._buckets[asker] = (tokens - self._spent[asker], now)

    def _left(self, asker: str) -> float:
        """What ``asker`` may spend now; they are the latest seen."""
        now = self._clock()
        left, then = self._buckets.pop(asker, (self._burst, now))
        left = min(self._burst, left + (now - then) * self.per_minute / 60)
        self._buckets[asker] = (left, now)
        return left


async def settle(rates: Sequence[Rate]) -> None:
    """Keep ``rates`` in step with those of other processes, until cancelled."""
    while True:
        await asyncio.sleep(SETTLE_S)
        for rate in rates:
            if rate.shared is not None and (spent := rate.spent()):
                try:
                    rate.correct(await asyncio.to_thread(rate.shared.settle, spent))
                except OSError as error:
                    logger.warning("Rates are not counted over all processes: %s", error)

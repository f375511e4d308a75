"""Rate limiting: a token bucket per asker, in memory, settled with other processes' each second."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping

from assistant.store.storage import Spent

logger = logging.getLogger(__name__)

MOST_ASKERS = 10_000
"""Most askers tracked; the least recently seen is dropped first."""


SETTLE_S = 1.0
"""Seconds after which what was spent here counts in other processes, and the other way round."""


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
        self._spent: Counter[str] = Counter()

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
        self._spent[asker] += allowed
        if len(self._buckets) > self._most_askers:
            self._spent.pop(self._buckets.popitem(last=False)[0], None)
        return 0 if allowed else math.ceil((1 - tokens) * 60 / self.per_minute)

    def spent(self) -> dict[str, int]:
        """What each asker was allowed since this was called last."""
        spent, self._spent = self._spent, Counter()
        return dict(spent)

    def correct(self, left: Mapping[str, float]) -> None:
        """Take over what askers have ``left`` now, counted over all processes."""
        now = self._clock()
        for asker, tokens in left.items():
            if asker in self._buckets:
                self._buckets[asker] = (tokens - self._spent[asker], now)


async def settle(rate: Rate, shared: Spent) -> None:
    """Keep ``rate`` in step with those of other processes, until cancelled."""
    while True:
        await asyncio.sleep(SETTLE_S)
        if spent := rate.spent():
            try:
                rate.correct(await asyncio.to_thread(shared.settle, spent))
            except OSError as error:
                logger.warning("Rates are not counted over all processes: %s", error)

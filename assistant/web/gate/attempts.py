"""Limits login attempts."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from assistant.store.storage import Spent
from assistant.web.gate.rates import Rate

WINDOW_S = 300
PER_NAME = 10
PER_ADDRESS = 30
"""Attempts at once, and per ``WINDOW_S`` seconds. An office may share an address."""

MOST_KEPT = 20_000
"""Most names and addresses tracked; beyond, the least recently seen are dropped."""


class Attempts:
    """Recent login attempts by name and by address (``clients.network``), over all processes, which
    ``shared`` gives the counts of by the name and the rate per minute.

    They are counted when they begin, so that concurrent ones cannot get around the limit; one that
    succeeds, or is turned away unchecked, is uncounted. A name is counted separately at each
    address that it logged in from before, so that flooding it from elsewhere does not lock out its
    owner.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        shared: Callable[[str, float, int], Spent | None] = lambda *_: None,
    ) -> None:
        def rate(name: str, attempts: int) -> Rate:
            per_minute = attempts * 60 / WINDOW_S
            counted = shared(name, per_minute, attempts)
            return Rate(per_minute, MOST_KEPT, clock, burst=attempts, shared=counted)

        self._names, self._addresses = rate("names", PER_NAME), rate("addresses", PER_ADDRESS)
        self._usual: OrderedDict[tuple[str, str], None] = OrderedDict()

    @property
    def rates(self) -> tuple[Rate, ...]:
        """Those that count over all processes."""
        return self._names, self._addresses

    def begin(self, name: str, address: str) -> int:
        """Count an attempt and return 0; or, if there were too many, the seconds to wait."""
        named = self._named(name, address)
        wait = max(self._names.due(named), self._addresses.due(address))
        if not wait:
            self._names.spend(named)
            self._addresses.spend(address)
        return wait

    def take_back(self, name: str, address: str) -> None:
        """Uncount the last attempt with this name from this address: it was turned away."""
        self._names.spend(self._named(name, address), -1)
        self._addresses.spend(address, -1)

    def succeed(self, name: str, address: str) -> None:
        """Clear the attempts with this name and uncount the last one from this address, which from
        now on is one of the name's own.
        """
        self._names.spend(self._named(name, address), -PER_NAME)
        self._addresses.spend(address, -1)
        home = (name[:100], address)
        self._usual[home] = None
        self._usual.move_to_end(home)
        if len(self._usual) > MOST_KEPT:
            self._usual.popitem(last=False)

    def _named(self, name: str, address: str) -> str:
        """What an attempt is counted for: the name, alone or at an address that is its own."""
        home = (name[:100], address)
        return f"{home[0]}\0{address}" if home in self._usual else home[0]

"""Limits login attempts."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW_S = 300
PER_NAME = 10
PER_ADDRESS = 30
"""Attempts per ``WINDOW_S`` seconds. An office may share an address."""

MOST_KEPT = 20_000
"""Most names and addresses tracked; beyond, the least recently seen are dropped."""

Key = tuple[str, ...]


class Attempts:
    """Recent login attempts by name and by address (``clients.network``).

    They are counted when they begin, so that concurrent ones cannot get around the limit; one that
    succeeds, or is turned away unchecked, is uncounted. A name is counted separately at each
    address that it logged in from before, so that flooding it from elsewhere does not lock out its
    owner.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._made: OrderedDict[Key, deque[float]] = OrderedDict()
        self._usual: OrderedDict[Key, None] = OrderedDict()

    def begin(self, name: str, address: str) -> int:
        """Count an attempt and return 0; or, if there were too many, the seconds to wait."""
        now = self._clock()
        limits = self._limits(name, address)
        wait = max(self._wait(key, most, now) for key, most in limits.items())
        if wait <= 0:
            for key in limits:
                self._made.setdefault(key, deque()).append(now)
                self._made.move_to_end(key)
            while len(self._made) > MOST_KEPT:
                self._made.popitem(last=False)
        return math.ceil(wait)

    def take_back(self, name: str, address: str) -> None:
        """Uncount the last attempt with this name from this address: it was turned away."""
        for key in self._limits(name, address):
            if made := self._made.get(key):
                made.pop()

    def succeed(self, name: str, address: str) -> None:
        """Clear the attempts with this name and uncount the last one from this address, which from
        now on is one of the name's own.
        """
        self.take_back(name, address)
        for key in self._limits(name, address):
            if key[0] != "address":
                self._made.pop(key, None)
        home = (name[:100], address)
        self._usual[home] = None
        self._usual.move_to_end(home)
        if len(self._usual) > MOST_KEPT:
            self._usual.popitem(last=False)

    def _limits(self, name: str, address: str) -> dict[Key, int]:
        home = (name[:100], address)
        named = ("home", *home) if home in self._usual else ("name", name[:100])
        return {named: PER_NAME, ("address", address): PER_ADDRESS}

    def _wait(self, key: Key, most: int, now: float) -> float:
        made = self._made.get(key)
        while made and made[0] <= now - WINDOW_S:
            made.popleft()
        return made[0] + WINDOW_S - now if made and len(made) >= most else 0.0

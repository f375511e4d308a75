"""How often somebody may try to sign in."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import ip_address, ip_network

WINDOW_S = 300
PER_NAME = 10
PER_ADDRESS = 30
"""Attempts in ``WINDOW_S`` seconds. An office may share an address."""

MOST_KEPT = 20_000
"""Names and addresses remembered at once; beyond, the ones not seen for longest are forgotten."""


class Attempts:
    """The attempts to sign in of the last minutes, by name and by address.

    They are counted when they begin, so that many at once are no way around; one that succeeds is
    taken back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._made: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def begin(self, name: str, address: str) -> int:
        """Count an attempt and return 0; or, where there were too many, the seconds to wait."""
        now = self._clock()
        limits = {("name", name[:100]): PER_NAME, ("address", _network(address)): PER_ADDRESS}
        wait = max(self._wait(key, most, now) for key, most in limits.items())
        if wait <= 0:
            for key in limits:
                self._made.setdefault(key, deque()).append(now)
                self._made.move_to_end(key)
            while len(self._made) > MOST_KEPT:
                self._made.popitem(last=False)
        return math.ceil(wait)

    def succeed(self, name: str, address: str) -> None:
        """Forget the attempts with this name, and the last one from this address."""
        self._made.pop(("name", name[:100]), None)
        if made := self._made.get(("address", _network(address))):
            made.pop()

    def _wait(self, key: tuple[str, str], most: int, now: float) -> float:
        made = self._made.get(key)
        while made and made[0] <= now - WINDOW_S:
            made.popleft()
        return made[0] + WINDOW_S - now if made and len(made) >= most else 0.0


def _network(address: str) -> str:
    """The address, or where one customer has very many (IPv6) the network that is theirs."""
    bare = address.partition("%")[0]
    try:
        version = ip_address(bare).version
    except ValueError:
        return address[:100]
    return str(ip_network(f"{bare}/64", strict=False)) if version == 6 else bare

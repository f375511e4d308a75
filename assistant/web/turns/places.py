"""Places for work: so many at once, no more than half of them for one asker."""

from __future__ import annotations

import asyncio
from collections import Counter


class Places:
    """``most`` places. Whoever has half of them waits, so that a flood leaves the others some.

    Those who wait are served in the order in which they came. An asker of None, the owner, may have
    all. Not thread-safe: use it on the event loop.
    """

    def __init__(self, most: int) -> None:
        self._free = most
        self._share = max(1, most // 2)
        self._held: Counter[str | None] = Counter()
        self._line: list[tuple[str | None, asyncio.Future[None]]] = []

    async def take(self, asker: str | None) -> None:
        """Wait for a place, which must be given back."""
        turn = asyncio.get_running_loop().create_future()
        self._line.append((asker, turn))
        self._serve()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._line.remove((asker, turn))
            else:  # it was this one's turn just then
                self.give_back(asker)
            raise

    def give_back(self, asker: str | None) -> None:
        """Give back a place that ``asker`` took."""
        self._free += 1
        self._held[asker] -= 1
        if not self._held[asker]:
            del self._held[asker]
        self._serve()

    def _serve(self) -> None:
        """Give the free places to the first in line who may have one."""
        for asker, turn in list(self._line):
            if not self._free:
                return
            if turn.cancelled() or (asker is not None and self._held[asker] >= self._share):
                continue
            self._line.remove((asker, turn))
            self._free -= 1
            self._held[asker] += 1
            turn.set_result(None)

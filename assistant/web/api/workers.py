"""The assistant's blocking work, done in threads so that the event loop never waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager
from typing import TypeVar

from anyio import CancelScope, CapacityLimiter
from anyio.to_thread import run_sync

from assistant.errors import OverloadError

T = TypeVar("T")

AT_ONCE = 16
"""Questions answered at the same time; others wait."""

MOST_WAITING = 256
"""Questions that wait at the same time; others are turned away."""


class Workers:
    """Does what it is given in threads, ``at_once`` pieces of work at a time.

    A piece beyond ``at_once + most_waiting`` raises ``OverloadError``.
    """

    def __init__(self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._threads = CapacityLimiter(at_once)
        self._most = at_once + most_waiting
        self._taken = 0

    async def run(self, work: Callable[[], T]) -> T:
        """What ``work`` returns."""
        async with self._place():
            return await run_sync(work, limiter=self._threads)

    async def stream(self, items: Generator[T, None, None]) -> AsyncGenerator[T, None]:
        """The items of ``items``, none of which is None. Closing this one closes ``items``.

        A place is held from the first item to the last. Whoever is cancelled waits for the item
        that is being made, as a generator cannot be closed while it runs.
        """
        try:
            async with self._place():
                while (
                    item := await run_sync(next, items, None, limiter=self._threads)
                ) is not None:
                    yield item
        finally:
            with CancelScope(shield=True):
                await run_sync(items.close)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._taken >= self._most:
            raise OverloadError(
                "Too many questions are being answered at this moment. Ask again in a little while."
            )
        self._taken += 1
        try:
            async with self._free:
                yield
        finally:
            self._taken -= 1

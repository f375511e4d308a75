"""Runs the assistant's blocking work in threads, off the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from anyio import CancelScope, CapacityLimiter
from anyio.to_thread import run_sync

from assistant.support.errors import OverloadError, TooSlowError
from assistant.web.turns.places import Places

T = TypeVar("T")

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Concurrent questions across all channels; others wait."""

AT_ONCE_A_PROCESSOR = 2
"""The same for CPU-bound answers, which slow each other down: of a hundred askers on two
processors, 20 a second were answered sixteen at a time, 26 four at a time."""

MOST_WAITING = 256
"""Most waiting questions; others are refused."""

LONGEST_S = 60.0
"""Time limit of waiting, and again of answering, in seconds, unless a setting says otherwise."""

_BUSY = "Too many concurrent questions. Ask again in a little while."


class Workers:
    """Runs work in threads, at most ``at_once`` pieces at a time, half of them of one asker, and
    ``longest_s`` seconds each.

    A piece beyond ``at_once + most_waiting``, or that waited ``longest_s`` seconds in vain, raises
    ``OverloadError``; one that takes longer ``TooSlowError``. Threads cannot be stopped from
    outside: a piece keeps its place until it is done, so that no more than ``at_once`` ever hang.
    """

    def __init__(
        self,
        at_once: int = AT_ONCE,
        most_waiting: int = MOST_WAITING,
        longest_s: float = LONGEST_S,
    ) -> None:
        self._places = Places(at_once)
        self._threads = CapacityLimiter(at_once)
        self._most = at_once + most_waiting
        self._longest_s = longest_s
        self._taken = 0
        self._ending: set[asyncio.Task[None]] = set()

    async def run(self, work: Callable[[], T], asker: str | None = None) -> T:
        """Run ``work`` of ``asker`` and return its result."""
        async with self.place(asker=asker) as place:
            return await place.do(work)

    @asynccontextmanager
    async def place(
        self, close: Callable[[], object] | None = None, asker: str | None = None
    ) -> AsyncIterator[WorkPlace]:
        """A place to run steps of work of ``asker`` one after the other, held while the block runs.

        Cancellation and timeout do not wait for a running step: ``close`` is called, in a thread,
        as soon as it ends; at once if there was no place.
        """
        try:
            await self._take_place(asker)
        except BaseException:
            if close is not None:
                close()
            raise
        place = WorkPlace(self._threads, self._longest_s)
        try:
            yield place
        finally:
            await self._end(place.step, asker, close)

    async def _take_place(self, asker: str | None) -> None:
        if self._taken >= self._most:
            raise OverloadError(_BUSY)
        self._taken += 1
        try:
            async with asyncio.timeout(self._longest_s):
                await self._places.take(asker)
        except BaseException as error:
            self._taken -= 1
            if isinstance(error, TimeoutError):
                raise OverloadError(_BUSY) from None
            raise

    async def _end(
        self,
        step: asyncio.Task[Any] | None,
        asker: str | None,
        close: Callable[[], object] | None,
    ) -> None:
        """Close and release the place, now or when the thread has finished its step."""
        if step is None or step.done():
            await self._close(asker, close)
            return
        ending = asyncio.create_task(self._end_later(step, asker, close))
        self._ending.add(ending)  # the event loop keeps only a weak reference
        ending.add_done_callback(self._ending.discard)

    async def _end_later(
        self, step: asyncio.Task[Any], asker: str | None, close: Callable[[], object] | None
    ) -> None:
        await asyncio.wait({step})
        if not step.cancelled() and (error := step.exception()) is not None:
            log.warning("A cancelled answer failed: %s", error)
        await self._close(asker, close)

    async def _close(self, asker: str | None, close: Callable[[], object] | None) -> None:
        try:
            if close is not None:
                with CancelScope(shield=True):
                    await run_sync(close)
        finally:
            self._taken -= 1
            self._places.give_back(asker)


class WorkPlace:
    """Runs steps of work in a thread, all within ``longest_s`` seconds."""

    def __init__(self, threads: CapacityLimiter, longest_s: float) -> None:
        self.step: asyncio.Task[Any] | None = None
        self._threads = threads
        self._longest_s = longest_s
        self._deadline = asyncio.get_running_loop().time() + longest_s

    async def do(self, work: Callable[[], T]) -> T:
        """Run ``work``. Raises ``TooSlowError`` past the deadline; ``work`` continues."""
        self.step = step = asyncio.create_task(run_sync(work, limiter=self._threads))
        left = self._deadline - asyncio.get_running_loop().time()
        await asyncio.wait({step}, timeout=max(0.0, left))
        if not step.done():
            raise TooSlowError(
                f"The answer took longer than {self._longest_s:g} seconds and was cancelled. Ask "
                "again later, or in fewer words."
            )
        return step.result()

"""The assistant's blocking work, done in threads so that the event loop never waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from anyio import CancelScope, CapacityLimiter
from anyio.to_thread import run_sync

from assistant.support.errors import OverloadError, TooSlowError

T = TypeVar("T")

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Questions answered at the same time, wherever they were asked; others wait."""

AT_ONCE_A_PROCESSOR = 2
"""Of answers that wait for nobody; more of them only hinder each other: of a hundred askers on two
processors, 20 a second were answered sixteen at a time, 26 four at a time."""

MOST_WAITING = 256
"""Questions that wait at the same time; others are turned away."""

LONGEST_S = 60.0
"""Seconds that a question may wait, and then its answer take, unless a setting says otherwise."""

_BUSY = "Too many questions are being answered at this moment. Ask again in a little while."


class Workers:
    """Does what it is given in threads, ``at_once`` pieces of work at a time, for ``longest_s``
    seconds each.

    A piece beyond ``at_once + most_waiting``, or that no place became free for within
    ``longest_s``, raises ``OverloadError``; one that takes longer ``TooSlowError``. No thread can
    be stopped from outside: its piece keeps its place until it is done, so that no more than
    ``at_once`` ever hang.
    """

    def __init__(
        self,
        at_once: int = AT_ONCE,
        most_waiting: int = MOST_WAITING,
        longest_s: float = LONGEST_S,
    ) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._threads = CapacityLimiter(at_once)
        self._most = at_once + most_waiting
        self._longest_s = longest_s
        self._taken = 0
        self._ending: set[asyncio.Task[None]] = set()

    async def run(self, work: Callable[[], T]) -> T:
        """What ``work`` returns."""
        async with self.place() as place:
            return await place.do(work)

    @asynccontextmanager
    async def place(self, close: Callable[[], object] | None = None) -> AsyncIterator[WorkPlace]:
        """A place to work at, one step after the other, held while the block runs.

        Who is cancelled, or has waited too long, does not wait for a step that is being done:
        ``close`` is called, in a thread, as soon as that is over; at once where no place is had.
        """
        try:
            await self._take_place()
        except BaseException:
            if close is not None:
                close()
            raise
        place = WorkPlace(self._threads, self._longest_s)
        try:
            yield place
        finally:
            await self._end(place.step, close)

    async def _take_place(self) -> None:
        if self._taken >= self._most:
            raise OverloadError(_BUSY)
        self._taken += 1
        try:
            async with asyncio.timeout(self._longest_s):
                await self._free.acquire()
        except BaseException as error:
            self._taken -= 1
            if isinstance(error, TimeoutError):
                raise OverloadError(_BUSY) from None
            raise

    def _give_place_back(self) -> None:
        self._taken -= 1
        self._free.release()

    async def _end(
        self, step: asyncio.Task[Any] | None, close: Callable[[], object] | None = None
    ) -> None:
        """Close and give the place back: now, or when the thread is done with its step."""
        if step is None or step.done():
            await self._close(close)
            return
        ending = asyncio.create_task(self._end_later(step, close))
        self._ending.add(ending)  # the event loop itself keeps no hold of it
        ending.add_done_callback(self._ending.discard)

    async def _end_later(self, step: asyncio.Task[Any], close: Callable[[], object] | None) -> None:
        await asyncio.wait({step})
        if not step.cancelled() and (error := step.exception()) is not None:
            log.warning("An answer that nobody waited for failed: %s", error)
        await self._close(close)

    async def _close(self, close: Callable[[], object] | None) -> None:
        try:
            if close is not None:
                with CancelScope(shield=True):
                    await run_sync(close)
        finally:
            self._give_place_back()


class WorkPlace:
    """Does steps of work in a thread, all of them within ``longest_s`` seconds."""

    def __init__(self, threads: CapacityLimiter, longest_s: float) -> None:
        self.step: asyncio.Task[Any] | None = None
        self._threads = threads
        self._longest_s = longest_s
        self._deadline = asyncio.get_running_loop().time() + longest_s

    async def do(self, work: Callable[[], T]) -> T:
        """What ``work`` returns. Raises ``TooSlowError`` past the deadline; ``work`` goes on."""
        self.step = step = asyncio.create_task(run_sync(work, limiter=self._threads))
        left = self._deadline - asyncio.get_running_loop().time()
        await asyncio.wait({step}, timeout=max(0.0, left))
        if not step.done():
            raise TooSlowError(
                f"The answer took longer than {self._longest_s:g} seconds and was given up. Ask "
                "again later, or in fewer words."
            )
        return step.result()

"""The assistant's blocking work, done in threads so that the event loop never waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Generator
from functools import partial
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
        await self._take_place()
        step = self._begin(work)
        try:
            return await self._result(step, self._deadline())
        finally:
            await self._end(step)

    async def stream(self, items: Generator[T, None, None]) -> AsyncGenerator[T, None]:
        """The items of ``items``, none of which is None. Closing this one closes ``items``.

        A place is held from the first item to the last. Who is cancelled, or has waited too long,
        does not wait for the item that is being made: ``items`` is closed as soon as that is there.
        """
        await self._take_place()
        deadline = self._deadline()
        step = None
        try:
            while True:
                step = self._begin(partial(next, items, None))
                item = await self._result(step, deadline)
                if item is None:
                    return
                yield item
        finally:
            await self._end(step, items.close)

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

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._longest_s

    def _begin(self, work: Callable[[], T]) -> asyncio.Task[T]:
        return asyncio.create_task(run_sync(work, limiter=self._threads))

    async def _result(self, step: asyncio.Task[T], deadline: float) -> T:
        left = deadline - asyncio.get_running_loop().time()
        await asyncio.wait({step}, timeout=max(0.0, left))
        if not step.done():
            raise TooSlowError(
                f"The answer took longer than {self._longest_s:g} seconds and was given up. Ask "
                "again later, or in fewer words."
            )
        return step.result()

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

"""An event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

Start = Callable[[], Coroutine[Any, Any, None]]


class LoopThread:
    """Runs coroutine functions in one event loop, whose thread, ``name``, starts with the first.

    Thread-safe.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None] | None] = set()

    def start(self, function: Start) -> Future[None]:
        """Run ``function``; cancelling the future cancels it."""
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                run = threading.Thread(
                    target=self._run, args=(self._loop,), name=self._name, daemon=True
                )
                run.start()
            return asyncio.run_coroutine_threadsafe(self._kept(function), self._loop)

    def close(self) -> None:
        """Cancel what runs, and end the thread."""
        with self._starting:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = None

    async def _kept(self, function: Start) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            await function()
        finally:
            self._tasks.discard(task)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_forever()
        loop.run_until_complete(self._end())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    async def _end(self) -> None:
        """Cancel what was started, and wait for all tasks.

        Python closes an abandoned async generator in a task of its own: that must finish, or its
        connection stays open.
        """
        await asyncio.sleep(0)
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in left & self._tasks:
                task.cancel()
            await asyncio.wait(left)
            await asyncio.sleep(0)

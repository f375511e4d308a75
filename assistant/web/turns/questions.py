"""Every question asked of one app, whichever way it comes: its turn, its count, its end."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing
from typing import TypeVar

from assistant.models.answer import Answer
from assistant.support.errors import OverloadError, TooSlowError
from assistant.web.turns.outcomes import Asked, Observer, Outcome, Watched, Way
from assistant.web.turns.workers import Workers

T = TypeVar("T")


class Questions:
    """Has ``workers`` answer questions, counts and times them, and tells the log of their end.

    ``observer`` is told of each end, too; ``tells_text`` has the log tell what was asked.
    """

    def __init__(
        self,
        workers: Workers | None = None,
        observer: Observer = lambda asked: None,
        *,
        tells_text: bool = False,
    ) -> None:
        self.accepting = True
        self.tells_text = tells_text
        self._workers = workers or Workers()
        self._observer = observer
        self._changing = threading.Lock()
        self._waiting = 0
        self._running = 0

    @property
    def waiting(self) -> int:
        """Questions that wait for their turn, but for those in the chat's own queue."""
        return self._waiting

    @property
    def running(self) -> int:
        """Questions that are being answered."""
        return self._running

    async def run(self, work: Callable[[], T]) -> T:
        """What ``work`` returns, done in its turn. Raises what ``Workers`` do."""
        return await self._workers.run(work)

    async def stream(
        self, way: Way, question: str, answers: Generator[Answer, None, None], request: str = ""
    ) -> AsyncGenerator[Answer, None]:
        """The states of ``answers`` in their turn, as ``watch`` notes them. Closing this one closes
        ``answers``. Raises what ``watch`` and ``Workers`` do.
        """
        watched = self.watch(way, question, answers, request)
        async with aclosing(self._workers.stream(watched)) as states:
            try:
                async for state in states:
                    yield state
            except TooSlowError:
                watched.give_up()
                raise

    def stop(self) -> None:
        """Turn away every further question; those that were taken are finished."""
        self.accepting = False

    def watch(
        self, way: Way, question: str, answers: Generator[Answer, None, None], request: str = ""
    ) -> Watched:
        """``answers``, which answer ``question``; they must be closed, or read to their end.

        What is logged meanwhile carries the id of the present request, or ``request``. Raises
        ``OverloadError`` if the service is stopping.
        """
        if not self.accepting:
            self._observer(Asked(way, Outcome.TURNED_AWAY))
            raise OverloadError("The service is being stopped. Ask again in a little while.")
        self.count(waiting=1)
        return Watched(self, way, question, answers, request)

    def count(self, waiting: int = 0, running: int = 0) -> None:
        """So many more, or fewer."""
        with self._changing:
            self._waiting += waiting
            self._running += running

    def ended(self, asked: Asked) -> None:
        """Tell the observer."""
        self._observer(asked)

"""Queues, counts, times and logs all questions of an app, whatever the channel."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextvars import copy_context
from typing import TypeVar

from assistant.models.answer import Answer
from assistant.support.errors import (
    LibraryBusyError,
    LibraryError,
    OverloadError,
    QuestionError,
    TooSlowError,
)
from assistant.support.logs import REQUEST
from assistant.web.turns.outcomes import AskedQuestion, Observer, Outcome, Way
from assistant.web.turns.workers import Workers

T = TypeVar("T")

log = logging.getLogger(__name__)


class Questions:
    """Answers questions through ``workers``; counts, times and logs them.

    ``observer`` is also called at each end; ``tells_text`` logs the text of questions;
    ``keep`` gets each complete answer.
    """

    def __init__(
        self,
        workers: Workers | None = None,
        observer: Observer = lambda asked: None,
        *,
        tells_text: bool = False,
        keep: Callable[[Answer], None] | None = None,
    ) -> None:
        self.accepting = True
        self.tells_text = tells_text
        self._workers = workers or Workers()
        self._observer = observer
        self._keep = keep
        self._changing = threading.Lock()
        self._waiting = 0
        self._running = 0

    @property
    def waiting(self) -> int:
        """Number of waiting questions, without those in the chat's own queue."""
        return self._waiting

    @property
    def running(self) -> int:
        """Number of questions being answered."""
        return self._running

    async def run(self, work: Callable[[], T], asker: str | None = None) -> T:
        """Run ``work`` of ``asker`` (``gate.clients``) in turn and return its result.

        Raises what ``Workers`` does.
        """
        return await self._workers.run(work, asker)

    async def stream(
        self,
        way: Way,
        question: str,
        states: Generator[Answer, None, None],
        asker: str | None = None,
        request: str = "",
    ) -> AsyncGenerator[Answer, None]:
        """The states of an answer to ``asker``, each computed in a thread in its turn.

        Closing this closes ``states``. Raises what ``begin`` and ``Workers`` do.
        """
        answer = self.begin(way, question, states, request)
        async with self._workers.place(answer.close, asker) as place:
            try:
                while (state := await place.do(answer.step)) is not None:
                    yield state
            except TooSlowError:
                answer.give_up()
                raise

    def stop(self) -> None:
        """Refuse new questions; running and waiting ones are finished."""
        self.accepting = False

    def begin(
        self, way: Way, question: str, states: Generator[Answer, None, None], request: str = ""
    ) -> GrowingAnswer:
        """Start counting an answer to ``question`` made of ``states``; it must be closed or read to
        its end.

        Logs carry the id of the current request, or ``request``. Raises
        ``OverloadError`` if the service is stopping.
        """
        if not self.accepting:
            self._observer(AskedQuestion(way, Outcome.TURNED_AWAY))
            raise OverloadError("The server is shutting down. Ask again in a little while.")
        self.count(waiting=1)
        return GrowingAnswer(self, way, question, states, request)

    def count(self, waiting: int = 0, running: int = 0) -> None:
        """Adjust the numbers of waiting and running questions."""
        with self._changing:
            self._waiting += waiting
            self._running += running

    def ended(self, asked: AskedQuestion, answer: Answer | None) -> None:
        """Notify the observer, and keep a complete answer."""
        self._observer(asked)
        if self._keep is not None and answer is not None and answer.complete:
            try:
                self._keep(answer)
            except LibraryError as error:  # the answer itself is fine
                log.error("A question is not kept: %s", error)


class GrowingAnswer:
    """A growing answer, counted and timed; may be used from any thread. See ``Questions.begin``."""

    def __init__(
        self, questions: Questions, way: Way, question: str,
        states: Generator[Answer, None, None], request: str,
    ) -> None:  # fmt: skip
        self._questions = questions
        self._way = way
        self._question = question
        self._states = states
        self._context = copy_context()
        if request:
            self._context.run(REQUEST.set, request)
        self._asked = time.perf_counter()
        self._begun: float | None = None
        self._first: float | None = None
        self._newest: Answer | None = None
        self._done = False
        self._too_slow = False

    def step(self) -> Answer | None:
        """The next state of the answer; None after the last. Raises its errors."""
        if self._done:
            return None
        if self._begun is None:
            self._begun = time.perf_counter()
            self._questions.count(waiting=-1, running=1)
        try:
            answer = self._context.run(next, self._states, None)
        except BaseException as error:
            self._end(_outcome(error))
            raise
        if answer is None:
            self._end()
            return None
        if self._first is None and answer.sentences:
            self._first = time.perf_counter() - self._asked
        self._newest = answer
        return answer

    def close(self) -> None:
        """Stop the work on the answer, if it is not over already."""
        self._context.run(self._states.close)
        self._end()

    def give_up(self) -> None:
        """Record it as too slow once its thread can be closed."""
        self._too_slow = True

    def _end(self, outcome: Outcome | None = None) -> None:
        if self._done:
            return
        self._done = True
        self._questions.count(**({"waiting": -1} if self._begun is None else {"running": -1}))
        asked = AskedQuestion(
            self._way, outcome or self._outcome(), self._seconds(), self._first,
            self._newest.trouble if self._newest else None,
        )  # fmt: skip
        self._questions.ended(asked, self._newest)
        self._context.run(self._tell, asked)

    def _outcome(self) -> Outcome:
        if self._begun is None:
            return Outcome.TURNED_AWAY
        if self._too_slow:
            return Outcome.TOO_SLOW
        if self._newest is None or not self._newest.complete:
            return Outcome.STOPPED
        return Outcome.REFUSED if self._newest.refused else Outcome.ANSWERED

    def _seconds(self) -> dict[str, float]:
        """Durations by stage; ``wait`` is the queueing, ``total`` from question to end."""
        now = time.perf_counter()
        begun = now if self._begun is None else self._begun
        stages = {"wait": 1000 * (begun - self._asked)}
        if self._newest and self._newest.complete:
            stages |= self._newest.timings_ms
        stages["total"] = 1000 * (now - self._asked)
        return {stage: ms / 1000 for stage, ms in stages.items()}

    def _tell(self, asked: AskedQuestion) -> None:
        fields: dict[str, object] = {"way": asked.way, "outcome": asked.outcome}
        if (answer := self._newest) is not None:
            fields |= {
                "language": answer.language,
                "sentences": len(answer.sentences),
                "unsupported": sum(not one.supported for one in answer.sentences),
                "citations": len(answer.citations),
                "relevance": round(answer.relevance, 3),
                "confidence": round(answer.confidence, 3),
            }
        if asked.trouble:
            fields["chat_model"] = asked.trouble
        fields |= {f"{stage}_ms": round(1000 * s, 1) for stage, s in asked.seconds.items()}
        if asked.first is not None:
            fields["first_sentence_ms"] = round(1000 * asked.first, 1)
        if self._questions.tells_text:
            fields["question"] = self._question
        told = " ".join(f"{name}={_shown(value)}" for name, value in fields.items())
        log.info("question %s", told, extra={"fields": fields})


def _outcome(error: BaseException) -> Outcome:
    """The outcome for an exception."""
    if isinstance(error, LibraryBusyError | OverloadError):
        return Outcome.TURNED_AWAY
    return Outcome.INVALID if isinstance(error, QuestionError) else Outcome.FAILED


def _shown(value: object) -> str:
    """A value on one line; user text in quotes."""
    return repr(value) if type(value) is str and not value.isalnum() else str(value)

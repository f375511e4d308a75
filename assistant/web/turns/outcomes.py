"""A question asked of one app from its beginning to its end: how it came, how long it took, how it
ended.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Mapping
from contextvars import copy_context
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING, Any

from assistant.models.answer import Answer
from assistant.support.errors import LibraryBusyError, OverloadError, QuestionError, Trouble
from assistant.support.logs import REQUEST

if TYPE_CHECKING:
    from assistant.web.turns.questions import Questions

log = logging.getLogger(__name__)


class Way(StrEnum):
    """How a question comes."""

    CHAT = "chat"
    API = "api"
    OPENAI = "openai"
    MCP = "mcp"


class Outcome(StrEnum):
    """How a question ends."""

    ANSWERED = "answered"
    REFUSED = "refused"
    """The articles do not answer it."""
    INVALID = "invalid"
    """There is no question in it, or it is too long: a mistake of whoever asked."""
    FAILED = "failed"
    TURNED_AWAY = "turned_away"
    """It may be asked again later: too much is asked at once, the first articles are being read,
    or the service stops."""
    STOPPED = "stopped"
    """Whoever asked did not wait for the end."""
    TOO_SLOW = "too_slow"
    """It took longer than an answer may."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that has come to its end. ``seconds`` are those it took by stage.

    ``first`` is when its first sentence was there, in seconds after it was asked; None if there was
    none. ``trouble`` kept a chat model from writing the answer.
    """

    way: Way
    outcome: Outcome
    seconds: Mapping[str, float] = field(default_factory=dict)
    first: float | None = None
    trouble: Trouble | None = None


Observer = Callable[[Asked], None]
"""Told of each question at its end, from whatever thread."""


class Watched(Generator[Answer, None, None]):
    """A growing answer whose beginning and end are noted. See ``Questions.watch``."""

    def __init__(
        self, questions: Questions, way: Way, question: str,
        answers: Generator[Answer, None, None], request: str,
    ) -> None:  # fmt: skip
        self._questions = questions
        self._way = way
        self._question = question
        self._answers = answers
        self._context = copy_context()
        if request:
            self._context.run(REQUEST.set, request)
        self._asked = time.perf_counter()
        self._begun: float | None = None
        self._first: float | None = None
        self._newest: Answer | None = None
        self._done = False
        self._too_slow = False

    def send(self, value: None) -> Answer:
        """The next state of the answer."""
        if self._done:
            raise StopIteration
        if self._begun is None:
            self._begun = time.perf_counter()
            self._questions.count(waiting=-1, running=1)
        try:
            answer = self._context.run(next, self._answers)
        except StopIteration:
            self._end()
            raise
        except (LibraryBusyError, OverloadError):
            self._end(Outcome.TURNED_AWAY)
            raise
        except QuestionError:
            self._end(Outcome.INVALID)
            raise
        except BaseException:
            self._end(Outcome.FAILED)
            raise
        if self._first is None and answer.sentences:
            self._first = time.perf_counter() - self._asked
        self._newest = answer
        return answer

    def throw(self, kind: Any, error: Any = None, trace: TracebackType | None = None, /) -> Answer:
        """Close it, as there is nothing in an answer that could go on, and raise the error."""
        self.close()
        raise kind if error is None else error

    def close(self) -> None:
        """End the work on the answer."""
        self._context.run(self._answers.close)
        self._end()

    def give_up(self) -> None:
        """Have it end as too slow, once its thread lets it be closed."""
        self._too_slow = True

    def _end(self, outcome: Outcome | None = None) -> None:
        if self._done:
            return
        self._done = True
        self._questions.count(**({"waiting": -1} if self._begun is None else {"running": -1}))
        asked = Asked(
            self._way, outcome or self._outcome(), self._seconds(), self._first,
            self._newest.trouble if self._newest else None,
        )  # fmt: skip
        self._questions.ended(asked)
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
        """By stage; ``wait`` for a turn, ``total`` from asking to the end."""
        now = time.perf_counter()
        begun = now if self._begun is None else self._begun
        stages = {"wait": 1000 * (begun - self._asked)}
        if self._newest and self._newest.complete:
            stages |= self._newest.timings_ms
        stages["total"] = 1000 * (now - self._asked)
        return {stage: ms / 1000 for stage, ms in stages.items()}

    def _tell(self, asked: Asked) -> None:
        fields: dict[str, object] = {"way": asked.way, "outcome": asked.outcome}
        if (answer := self._newest) is not None:
            fields |= {
                "language": answer.language,
                "sentences": len(answer.sentences),
                "unsupported": sum(not one.supported for one in answer.sentences),
                "citations": len(answer.citations),
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


def _shown(value: object) -> str:
    """A value on one line; a text that people wrote in quotes."""
    return repr(value) if type(value) is str and not value.isalnum() else str(value)

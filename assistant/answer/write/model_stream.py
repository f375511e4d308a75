"""Streams a chat model's text; maps any failure to one error.

Requests go to the model alone: they run outside LangChain's tracing, whatever the environment
configures.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import queue
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from assistant.answer.write.dialect import Dialect, Message
from assistant.answer.write.failures import explained, failure, retry_after, said_by, status_of
from assistant.answer.write.loop_thread import LoopThread
from assistant.answer.write.model_output import RESTART, ModelOutput
from assistant.models.status import Tally
from assistant.support.errors import ChatModelError, Trouble
from assistant.support.logs import REQUEST

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

logger = logging.getLogger(__name__)

PAUSES_S = (0.4, 1.2)
"""Seconds before retrying a busy or unavailable model."""

PATIENCE = 10
"""Time limit of a whole answer as a multiple of the allowed silence."""

DEFAULT_CONTEXT = 8192
"""Tokens that prompt and answer may have together, where neither a setting nor the server tells."""

ANSWER_TOKENS = 4_096
"""Most tokens of an answer. Thinking, which is part of them, takes thousands; loops are noticed."""

LEAST_ANSWER = 256
CHARACTERS_PER_TOKEN = 3
"""What a prompt leaves of the context is for the answer, which gets at least ``LEAST_ANSWER``."""

BEAT_S = 0.5
"""Seconds of silence after which an empty piece is yielded, so that the caller may stop."""

REST_S = 10.0
"""Seconds for which a model that is down is not asked again, except to see whether it is back."""

_RETRIED = (Trouble.BUSY, Trouble.UNAVAILABLE)
_DOWN = (Trouble.UNAVAILABLE, Trouble.TIMEOUT)
_CUT_SHORT = ("length", "max_tokens", "model_length", "content_filter")
_WHOLE = (*".!?…。！？।]”»\"'`)", "NO_ANSWER")
"""How a text ends that was not cut off, where the server does not say."""

_Put = Callable[[str | ChatModelError | None], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a model may send nothing: until its ``first`` word, and between two."""

    first: float = 120.0
    silence: float = 30.0

    @property
    def whole(self) -> float:
        """Seconds that a whole answer may take."""
        return self.first + PATIENCE * self.silence


@dataclass(frozen=True, slots=True)
class _Request:
    messages: Sequence[Message]
    options: Mapping[str, Any]


class ChatModel:
    """A streaming chat model. Thread-safe until closed.

    ``name`` identifies it in messages; ``options`` gives what goes with each request, for the most
    tokens that its answer may have; ``ask_context`` asks the server how many prompt and answer may
    have together, and gives None if it cannot be reached. ``tally`` counts requests.
    What its server refuses is left out of later requests; once it is known to be down, a request
    fails at once, and another one sees in the background whether it is back.
    """

    def __init__(
        self,
        model: BaseChatModel,
        name: str,
        patience: Patience,
        *,
        options: Callable[[int], Mapping[str, Any]] = lambda limit: {},
        ask_context: Callable[[], int | None] = lambda: DEFAULT_CONTEXT,
    ) -> None:
        self.name = name
        self.tally = Tally()
        self._model = model
        self._patience = patience
        self._options = options
        self._ask_context = ask_context
        self._context: int | None = None
        self._dialect = Dialect()
        self._thinks = False
        self._down: Trouble | None = None
        self._looked = 0.0  # when it was last asked
        # One event loop for all requests: the provider's connections belong to it.
        self._thread = LoopThread("llm")

    @property
    def context(self) -> int:
        """How many tokens prompt and answer may have together. May ask the server, briefly."""
        if self._context is None and self._down is None:
            self._context = self._ask_context()
        return self._context or DEFAULT_CONTEXT

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        """The model's text as it comes; an empty piece after each ``BEAT_S`` of silence.

        A piece that begins with ``RESTART`` takes back all before it. May raise ``ChatModelError``
        at any point. Closing the generator cancels the request.
        """
        pieces: queue.SimpleQueue[str | ChatModelError | None] = queue.SimpleQueue()
        request = self._request(messages)
        # A fresh context: do not inherit the caller's tracer, parent run or callbacks.
        context = contextvars.Context()
        context.run(REQUEST.set, REQUEST.get())
        asked = context.run(self._thread.start, partial(self._ask, request, pieces.put))
        try:
            while (piece := _next(pieces)) is not None:
                if not piece and asked.done() and pieces.empty():
                    piece = failure(self.name, Trouble.BROKEN, "closed")
                if isinstance(piece, ChatModelError):
                    raise piece
                yield piece
        finally:
            asked.cancel()

    def complete(self, messages: Sequence[Message]) -> str:
        """The model's whole text. Raises ``ChatModelError``."""
        with closing(self.stream(messages)) as pieces:
            return "".join(pieces).rpartition(RESTART)[2]

    def close(self) -> None:
        """End the model's thread; running answers end with an error."""
        self._thread.close()

    def _request(self, messages: Sequence[Message]) -> _Request:
        written = sum(len(text) for _, text in messages)
        room = self.context - written // CHARACTERS_PER_TOKEN
        return _Request(messages, self._options(max(LEAST_ANSWER, min(ANSWER_TOKENS, room))))

    async def _ask(self, request: _Request, put: _Put) -> None:
        """Put the text's pieces, and at the end None or the error."""
        from langsmith import tracing_context

        with tracing_context(enabled=False):
            if self._down is None:
                put(await self._attempt(request, put))
                return
            put(failure(self.name, self._down, "as the last time"))
            if time.monotonic() - self._looked >= REST_S:
                self._looked = time.monotonic()
                self._thread.start(self._see_whether_back)

    async def _see_whether_back(self) -> None:
        """Ask a model that was down for a word."""
        asked = _Request([("user", "Say OK.")], self._options(LEAST_ANSWER))
        if await self._attempt(asked, lambda piece: None) is None:
            logger.info("The chat model %s answers again.", self.name)
            self._down = None

    async def _attempt(self, request: _Request, put: _Put) -> ChatModelError | None:
        """Ask, again where that may help; the error of the last time, or None."""
        pauses = list(PAUSES_S)
        unstreamed: ChatModelError | None = None  # why it is asked without streaming
        until = time.monotonic() + self._patience.first
        while True:
            output = ModelOutput(thinks=self._thinks)
            self.tally.calls += 1
            try:
                async with asyncio.timeout(self._patience.whole):
                    await self._receive(request, output, put)
                return None
            except Exception as error:
                failed = explained(self.name, error, output.begun)
                refused = error
            self.tally.failures[failed.kind] += 1
            if output.begun:
                return failed
            if failed.kind is Trouble.BROKEN and self._dialect.streams:
                unstreamed = failed
                self._dialect = replace(self._dialect, streams=False)
                continue
            if self._learns(failed, refused):
                continue
            pause = max(pauses.pop(0) if pauses else until, retry_after(refused) or 0.0)
            if failed.kind not in _RETRIED or time.monotonic() + pause > until:
                if failed.kind in _DOWN:
                    self._down, self._looked = failed.kind, time.monotonic()
                if unstreamed is not None:
                    self._dialect = replace(self._dialect, streams=True)
                return unstreamed or failed
            logger.info("%s Retrying in %.1f seconds.", failed, pause)
            await asyncio.sleep(pause)

    def _learns(self, failed: ChatModelError, refused: Exception) -> bool:
        """Whether the next request can be made without what the server refused in this one."""
        if failed.kind not in (Trouble.REJECTED, Trouble.UNAVAILABLE) or not status_of(refused):
            return False
        learnt = self._dialect.without_refused(said_by(refused))
        if learnt is None:
            return False
        logger.info("The chat model %s is asked differently from now on: %s.", self.name, learnt)
        self._dialect = learnt
        return True

    async def _receive(self, request: _Request, output: ModelOutput, put: _Put) -> None:
        ending, text = None, ""
        async with aclosing(self._chunks(request)) as chunks:
            while True:
                async with asyncio.timeout(
                    self._patience.silence if output.begun else self._patience.first
                ):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    break
                if piece := output.add(chunk.text):
                    put(piece)
                    text += piece
                said = chunk.response_metadata
                ending = said.get("finish_reason") or said.get("stop_reason") or ending
                ending = said.get("done_reason") or ending
        self._thinks = self._thinks or output.unannounced
        if rest := output.close():
            put(rest)
        if ending in _CUT_SHORT or (not ending and not f"{text}{rest}".rstrip().endswith(_WHOLE)):
            raise failure(self.name, Trouble.CUT, f"ended by {ending}")

    async def _chunks(self, request: _Request) -> AsyncGenerator[BaseMessage, None]:
        """What the model sends, in one chunk where its server does not stream."""
        dialect = self._dialect
        given, options = dialect.messages(request.messages), dialect.options(request.options)
        if not dialect.streams:
            yield await self._model.ainvoke(list(given), **options)
            return
        async with aclosing(self._model.astream(list(given), **options)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                yield chunk


def _next(
    pieces: queue.SimpleQueue[str | ChatModelError | None],
) -> str | ChatModelError | None:
    try:
        return pieces.get(timeout=BEAT_S)
    except queue.Empty:
        return ""

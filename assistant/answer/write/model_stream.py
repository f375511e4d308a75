"""Streams a chat model's text; maps any failure to one error.

Requests go to the model alone: they run outside LangChain's tracing, whatever the environment
configures.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import queue
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import aclosing, closing
from itertools import chain
from typing import TYPE_CHECKING

from assistant.answer.write.model_output import ModelOutput
from assistant.models.status import Tally
from assistant.support.errors import ChatModelError, Trouble
from assistant.support.logs import REQUEST

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

logger = logging.getLogger(__name__)

Message = tuple[str, str]
"""The role, "system" or "user", and the text."""

PAUSES_S = (0.4, 1.2)
"""Seconds before retrying a busy or unavailable model."""

PATIENCE = 10
"""Time limit of a whole answer as a multiple of the allowed silence."""

BEAT_S = 0.5
"""Seconds of silence after which an empty piece is yielded, so that the caller may stop."""

_RETRIED = (Trouble.BUSY, Trouble.UNAVAILABLE)
_CUT_SHORT = ("length", "max_tokens", "model_length", "content_filter")
_CONNECTION_WORDS = ("Connect", "Transport", "Protocol", "Network")

_WHAT = {
    Trouble.UNAUTHORISED: "does not accept the key. Put a valid one into its environment variable.",
    Trouble.BUSY: "has too many requests, or its account is used up. Try again later.",
    Trouble.UNAVAILABLE: "cannot be reached. See that it runs, and that its address is right.",
    Trouble.REJECTED: "does not accept the request. See that its name and address are right.",
    Trouble.TIMEOUT: "was silent for too long. ASSISTANT_LLM_TIMEOUT gives it more time.",
    Trouble.BROKEN: "broke off, or sent what cannot be read.",
}

_Put = Callable[[str | ChatModelError | None], None]


class ChatModel:
    """A streaming chat model. Thread-safe until closed.

    ``name`` identifies it in messages; ``silence`` is how many seconds it may send nothing. With
    ``says_end``, an answer without a finish reason counts as cut off. ``tally`` counts requests.
    """

    def __init__(
        self, model: BaseChatModel, name: str, silence: float, *, says_end: bool = False
    ) -> None:
        self.name = name
        self.tally = Tally()
        self._model = model
        self._silence = silence
        self._says_end = says_end
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        """The model's text as it comes; an empty piece after each ``BEAT_S`` of silence.

        May raise ``ChatModelError`` at any point. Closing the generator cancels the request.
        """
        pieces: queue.SimpleQueue[str | ChatModelError | None] = queue.SimpleQueue()
        # A fresh context: do not inherit the caller's tracer, parent run or callbacks.
        context = contextvars.Context()
        context.run(REQUEST.set, REQUEST.get())
        asked = context.run(
            asyncio.run_coroutine_threadsafe, self._ask(messages, pieces.put), self._running_loop()
        )
        try:
            while (piece := _next(pieces)) is not None:
                if not piece and asked.done() and pieces.empty():
                    piece = self._failure(Trouble.BROKEN, "closed")
                if isinstance(piece, ChatModelError):
                    raise piece
                yield piece
        finally:
            asked.cancel()

    def complete(self, messages: Sequence[Message]) -> str:
        """The model's whole text. Raises ``ChatModelError``."""
        with closing(self.stream(messages)) as pieces:
            return "".join(pieces)

    def close(self) -> None:
        """End the model's thread; running answers end with an error."""
        with self._starting:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = None

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        """The single event loop of all requests: the provider's connections belong to it."""
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(self._loop,), name="llm", daemon=True).start()
            return self._loop

    async def _ask(self, messages: Sequence[Message], put: _Put) -> None:
        """Put the text's pieces, and at the end None or the error."""
        from langsmith import tracing_context

        with tracing_context(enabled=False):
            put(await self._attempt(messages, put))

    async def _attempt(self, messages: Sequence[Message], put: _Put) -> ChatModelError | None:
        for pause in (*PAUSES_S, None):
            output = ModelOutput()
            self.tally.calls += 1
            try:
                async with asyncio.timeout(PATIENCE * self._silence):
                    await self._receive(messages, output, put)
                return None
            except Exception as error:
                failure = self._explain(error, output.begun)
                self.tally.failures[failure.kind] += 1
            if pause is None or output.begun or failure.kind not in _RETRIED:
                break
            logger.info("%s Retrying in %s seconds.", failure, pause)
            await asyncio.sleep(pause)
        return failure

    async def _receive(self, messages: Sequence[Message], output: ModelOutput, put: _Put) -> None:
        ending = None
        async with aclosing(self._model.astream(list(messages))) as chunks:  # type: ignore[type-var]
            while True:
                async with asyncio.timeout(self._silence):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    break
                if piece := output.add(chunk.text):
                    put(piece)
                said = chunk.response_metadata
                ending = said.get("finish_reason") or said.get("stop_reason") or ending
                ending = said.get("done_reason") or ending
        if ending in _CUT_SHORT or (self._says_end and ending is None):
            raise self._failure(Trouble.BROKEN, f"ended by {ending}")
        if rest := output.close():
            put(rest)

    def _explain(self, error: Exception, begun: bool) -> ChatModelError:
        """``error`` as a ``ChatModelError``, without its text: a server's message may repeat the
        key.
        """
        if isinstance(error, ChatModelError):
            return error
        status = _status(error)
        detail = type(error).__name__ + (f", HTTP status {status}" if status else "")
        return self._failure(_kind(error, status, begun), detail)

    def _failure(self, kind: Trouble, detail: str) -> ChatModelError:
        return ChatModelError(f"The chat model {self.name} {_WHAT[kind]} ({detail})", kind)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.run_until_complete(_end())
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


async def _end() -> None:
    """Cancel running answers and wait until their connections are closed.

    Python closes an abandoned async generator of the provider in a task of its own: that must
    finish, or the connection stays open.
    """
    await asyncio.sleep(0)
    while left := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in left:
            if getattr(task.get_coro(), "__qualname__", "") == ChatModel._ask.__qualname__:
                task.cancel()
        await asyncio.wait(left)
        await asyncio.sleep(0)


def _next(
    pieces: queue.SimpleQueue[str | ChatModelError | None],
) -> str | ChatModelError | None:
    try:
        return pieces.get(timeout=BEAT_S)
    except queue.Empty:
        return ""


def _causes(error: BaseException) -> list[BaseException]:
    """``error`` and its causes: LangChain wraps some of the providers' errors."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        following = following.__cause__ or following.__context__
    return found


def _status(error: Exception) -> int | None:
    """The HTTP status behind an error of any provider's library."""
    for one in _causes(error):
        for holder in (one, getattr(one, "response", None)):
            status = getattr(holder, "status_code", None)
            if isinstance(status, int) and status >= 400:
                return status
    return None


def _kind(error: Exception, status: int | None, begun: bool) -> Trouble:
    if status is not None:
        if status in (401, 403):
            return Trouble.UNAUTHORISED
        if status in (402, 429):
            return Trouble.BUSY
        return Trouble.UNAVAILABLE if status >= 500 or status == 408 else Trouble.REJECTED
    # Each provider has its own classes for these; only their names are alike.
    names = [c.__name__ for c in chain.from_iterable(type(e).__mro__ for e in _causes(error))]
    if any("Timeout" in name for name in names):
        return Trouble.TIMEOUT
    lost = any(word in name for name in names for word in _CONNECTION_WORDS)
    return Trouble.UNAVAILABLE if lost and not begun else Trouble.BROKEN

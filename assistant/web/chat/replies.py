"""Streams the reply to one question, for the page and the widget."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

from anyio.to_thread import run_sync

from assistant.assistant import Assistant
from assistant.language.locales import Locale
from assistant.models.conversation import MAX_QUESTION, Turn
from assistant.models.filters import EVERYTHING, Filters
from assistant.support.errors import AssistantError, OverloadError, QuestionError, TooSlowError
from assistant.web.api.errors import told
from assistant.web.chat import filters, messages
from assistant.web.chat.said import Said
from assistant.web.turns.outcomes import Way
from assistant.web.turns.questions import Questions

log = logging.getLogger(__name__)

POLL_S = 1.0
"""Seconds between checks of the progress of reading the articles."""

_WHY_NOT: dict[type[Exception], str] = {
    QuestionError: "ask.none",
    OverloadError: "ask.busy",
    TooSlowError: "ask.slow",
}
"""Texts for expected errors, whose own messages are not for readers."""


@dataclass(frozen=True, slots=True)
class ChatQuestion:
    """A question, the turns before it, the filters, and the asker."""

    question: str
    history: Sequence[Turn] = ()
    chosen: Filters = EVERYTHING
    asker: str | None = None


async def replies(
    seen: Assistant, questions: Questions, asked: ChatQuestion, locale: Locale, request: str = ""
) -> AsyncGenerator[Said, None]:
    """The states of the reply: "looking", the progress of a first sync if one runs, the growing
    answer. The last one is the complete answer, or says why there is none.

    Logs carry the id of the current request, or ``request``.
    """
    within = filters.describe(asked.chosen, locale)
    yield messages.notice_message(locale.text("answer.looking"), growing=True)
    try:
        async for reading in _reading(seen, locale):
            yield reading
        growing = seen.stream(asked.question, asked.history, asked.chosen)
        states = questions.stream(Way.CHAT, asked.question, growing, asked.asker, request)
        async with aclosing(states):
            async for answer in states:
                yield messages.answer_message(answer, locale, within)
    except Exception as error:  # the outermost handler of a question: the chat goes on
        yield _why_not(error, locale)


def too_long(question: str, locale: Locale) -> Said | None:
    """The notice for a question that is too long; None if it is not."""
    if len(question) <= MAX_QUESTION:
        return None
    count, most = locale.number(len(question)), locale.number(MAX_QUESTION)
    return messages.notice_message(locale.text("ask.long", count=count, most=most))


async def offered(
    seen: Assistant,
    questions: Questions,
    answer: Said,
    asked: Sequence[str],
    chosen: Filters,
    asker: str | None = None,
) -> list[str]:
    """Suggestions for ``asker`` after ``answer``; ``asked`` are the questions so far."""
    if not answer.language:
        return []
    suggestions = partial(seen.suggestions, answer.places, answer.language, asked, chosen)
    try:
        return await questions.run(suggestions, asker)
    except AssistantError as error:
        log.info("Nothing can be suggested: %s", error)
        return []


async def _reading(seen: Assistant, locale: Locale) -> AsyncGenerator[Said, None]:
    """The progress of the first sync, until questions can be answered."""
    while (status := await run_sync(seen.status)).reading_first:
        reading = locale.progress(status)
        yield messages.notice_message(reading, locale.text("status.waiting"), growing=True)
        await asyncio.sleep(POLL_S)


def _why_not(error: Exception, locale: Locale) -> Said:
    """The notice shown instead of an answer; details go to the log."""
    if known := _WHY_NOT.get(type(error)):
        log.info("Not answered: %s", error)
        return messages.notice_message(locale.text(known))
    if isinstance(error, AssistantError):
        log.error("Not answered: %s", error)
        return messages.notice_message(locale.text("ask.failed"), told(error))
    log.error("A question could not be answered", exc_info=error)
    return messages.notice_message(locale.text("ask.error"))

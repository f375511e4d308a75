"""What happens on the chat's page: questions in, answers with their citations out, streamed.

Imports Gradio, which takes seconds, at the top: Gradio finds what to hand to a function by
evaluating the function's annotations here. So this module is imported when the chat is built.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Any

import gradio as gr
from anyio.to_thread import run_sync

from assistant.assistant import Assistant
from assistant.language.locales import Locale
from assistant.models.conversation import MAX_QUESTION
from assistant.support.errors import AssistantError, OverloadError, QuestionError, TooSlowError
from assistant.support.unseen import sound
from assistant.web.api.errors import problem, told
from assistant.web.chat import filters, messages, said
from assistant.web.chat.overview import POLL_S
from assistant.web.chat.reader_language import reader
from assistant.web.chat.said import Message, Said
from assistant.web.gate.clients import asker
from assistant.web.gate.principal import Seen
from assistant.web.gate.rates import Rate
from assistant.web.server.request_log import id_of
from assistant.web.turns.outcomes import Way
from assistant.web.turns.questions import Questions

log = logging.getLogger(__name__)

AGAIN = "again"
"""The button that asks the last question again, by its id in the page."""

_WHY_NOT: dict[type[Exception], str] = {
    QuestionError: "ask.none",
    OverloadError: "ask.busy",
    TooSlowError: "ask.slow",
}
"""What to tell instead of an answer, besides the errors that say it themselves."""


class Chat:
    """The handlers of the page's events: each takes and returns what Gradio exchanges.

    ``kept`` is the conversation as ``said.write`` writes it, ``growing`` its newest question and
    answer, likewise, while that grows: both stay in the reader's tab, and nothing of them here.
    """

    def __init__(self, seen: Seen, questions: Questions, rate: Rate) -> None:
        self._seen = seen
        self._questions = questions
        self._rate = rate
        self._offers = Rate(rate.per_minute)  # each answer asks for suggestions, too

    async def reply(
        self,
        question: object,
        kept: object,
        language: object,
        after: object,
        before: object,
        source: object,
        event: gr.EventData,
        request: gr.Request,
    ) -> AsyncGenerator[tuple[list[Message], Any, Any, Any], None]:
        """The chat, the question box, which is emptied first, and the conversation to keep: the
        newest question and answer apart until that is complete.
        """
        locale = reader(request)
        before_it, asked = _asked(question, said.read(kept), event)
        talk = [one.message() for one in before_it]
        if told := self._not_asked(asked, locale, request):
            yield [*talk, told.message()], asked, gr.skip(), gr.skip()
            return
        if not asked:
            yield talk, "", gr.skip(), gr.skip()
            return
        put = messages.question_message(asked)
        newest = messages.notice_message(locale.text("answer.looking"), growing=True)
        yield [*talk, put.message(), newest.message()], "", gr.skip(), said.write([put, newest])
        chosen = filters.read(language, after, before, source)
        within = filters.describe(chosen, locale)
        seen = self._seen(request.request)
        try:
            async for newest in _reading(seen, locale):
                yield [*talk, put.message(), newest.message()], gr.skip(), gr.skip(), gr.skip()
            growing = seen.stream(asked, said.turns(before_it), chosen)
            # Gradio's queue answers outside of the request that asked.
            whose = asker(request.request.scope), id_of(request.request)
            async with aclosing(
                self._questions.stream(Way.CHAT, asked, growing, *whose)
            ) as answers:
                async for answer in answers:
                    newest = messages.answer_message(answer, locale, within)
                    shown = [*talk, put.message(), newest.message()]
                    # The box is left alone from here on: the next question may be in it already.
                    yield shown, gr.skip(), gr.skip(), said.write([put, newest])
        except Exception as error:  # the outermost handler of a question: the chat goes on
            newest = _why_not(error, locale)
        whole = [*before_it, put, newest]
        yield [*talk, put.message(), newest.message()], gr.skip(), said.write(whole), ""

    def stop(
        self, kept: object, growing: object, request: gr.Request
    ) -> tuple[list[Message], str, str]:
        """The chat with the answer left as far as it is, and the conversation to keep."""
        newest = said.read(growing)
        if newest:
            newest[-1] = messages.stopped(newest[-1], reader(request))
        whole = [*said.read(kept), *newest]
        return [one.message() for one in whole], said.write(whole), ""

    def remember(self, kept: object) -> tuple[list[Message], str]:
        """The chat as it was before a reload, out of what the browser kept, to be kept again."""
        conversation = said.read(kept)
        return [one.message() for one in conversation], said.write(conversation)

    async def suggest(
        self,
        kept: object,
        language: object,
        after: object,
        before: object,
        source: object,
        request: gr.Request,
    ) -> str:
        """What can be asked next, as a list in HTML that the page's script makes buttons of."""
        whose = asker(request.request.scope)
        if self._offers.wait(whose):
            return ""
        conversation = said.read(kept)
        if not conversation or not (spoken := conversation[-1].language):
            return ""
        shown = conversation[-1].places
        asked = [turn.content for turn in said.turns(conversation) if turn.role == "user"]
        chosen = filters.read(language, after, before, source)
        suggestions = self._seen(request.request).suggestions
        try:
            offering = partial(suggestions, shown, spoken, asked, chosen)
            offered = await self._questions.run(offering, whose)
        except AssistantError as error:
            log.info("Nothing can be suggested: %s", error)
            return ""
        return messages.offers(offered, len(conversation))

    async def ask(
        self,
        question: str,
        request: gr.Request,
        history: list[dict[str, str]] | None = None,
        language: str = "",
        after: str = "",
        before: str = "",
        source: str = "",
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Answer a question about the articles with their exact words, as growing JSON objects.

        ``history`` holds the messages before the question, each with a ``role`` ("user" or
        "assistant") and its ``content``. ``language`` (a code such as "fr"), ``after`` and
        ``before`` (days such as "2024-12-31") and ``source`` (a file or folder) narrow down which
        articles are asked. Each object has ``answer``, ``refused``, ``sentences``
        with the numbers of their citations, ``citations`` with the quoted words and their places,
        and, with a refusal, the ``nearest`` passages.
        """
        try:
            if wait := self._rate.wait(asker(request.request.scope)):
                raise OverloadError(f"Too many questions. Ask again in {wait} s.")
            chosen = filters.read(language, after, before, source, strict=True)
            seen = self._seen(request.request)
            growing = seen.stream(question, said.plain_turns(history), chosen)
            whose = asker(request.request.scope), id_of(request.request)
            async with aclosing(
                self._questions.stream(Way.CHAT, question, growing, *whose)
            ) as answers:
                async for answer in answers:
                    yield answer.to_json()
        except Exception as error:
            # Gradio would print what nobody foresaw, past the log.
            raise gr.Error(problem(error).message, print_exception=False) from error

    def _not_asked(self, asked: str, locale: Locale, request: gr.Request) -> Said | None:
        """Why ``asked`` is not taken, or None if it is."""
        if len(asked) > MAX_QUESTION:
            count, most = locale.number(len(asked)), locale.number(MAX_QUESTION)
            return messages.notice_message(locale.text("ask.long", count=count, most=most))
        if asked and (wait := self._rate.wait(asker(request.request.scope))):
            often = locale.text("ask.often", seconds=locale.number(wait))
            return messages.notice_message(often)
        return None


def _asked(
    question: object, conversation: list[Said], event: gr.EventData
) -> tuple[list[Said], str]:
    """The conversation before the question, and the question: typed, picked from the examples, or
    the last one once more.
    """
    if getattr(event.target, "elem_id", None) != AGAIN:
        return conversation, sound(_example(event) or str(question or "")).strip()
    while conversation and conversation[-1].role != "user":
        conversation.pop()
    return conversation[:-1], conversation[-1].text if conversation else ""


async def _reading(seen: Assistant, locale: Locale) -> AsyncGenerator[Said, None]:
    """How far the first reading of the articles is, until questions can be answered."""
    while (status := await run_sync(seen.status)).reading_first:
        reading = locale.progress(status.done, status.total)
        yield messages.notice_message(reading, locale.text("status.waiting"), growing=True)
        await asyncio.sleep(POLL_S)


def _why_not(error: Exception, locale: Locale) -> Said:
    """What to tell instead of an answer; the log has the details."""
    if known := _WHY_NOT.get(type(error)):
        log.info("Not answered: %s", error)
        return messages.notice_message(locale.text(known))
    if isinstance(error, AssistantError):
        log.error("Not answered: %s", error)
        return messages.notice_message(locale.text("ask.failed"), told(error))
    log.error("A question could not be answered", exc_info=error)
    return messages.notice_message(locale.text("ask.error"))


def _example(event: gr.EventData) -> str | None:
    """The example that was picked, or None if the question was typed."""
    data = event._data
    value = data.get("value") if isinstance(data, dict) else None
    text = value.get("text") if isinstance(value, dict) else None
    return text if isinstance(text, str) else None

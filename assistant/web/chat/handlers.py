"""What happens on the chat's page: questions in, answers with their citations out, streamed.

Imports Gradio, which takes seconds, at the top: Gradio finds what to hand to a function by
evaluating the function's annotations here. So this module is imported when the chat is built.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing
from functools import partial
from typing import Any

import gradio as gr
from anyio.to_thread import run_sync

from assistant.assistant import Assistant
from assistant.models.answer import Answer
from assistant.models.conversation import MAX_QUESTION, Turn
from assistant.models.filters import Filters
from assistant.support.errors import AssistantError, OverloadError, QuestionError, TooSlowError
from assistant.web.api.errors import problem
from assistant.web.chat import filters, messages
from assistant.web.chat.overview import POLL_S
from assistant.web.chat.reader_language import reader
from assistant.web.gate.clients import asker
from assistant.web.gate.principal import Seen
from assistant.web.gate.rates import Rate
from assistant.web.server.request_log import id_of
from assistant.web.turns.outcomes import Way
from assistant.web.turns.questions import Questions

log = logging.getLogger(__name__)

Message = messages.Message

_WHY_NOT = {QuestionError: "ask.none", OverloadError: "ask.busy", TooSlowError: "ask.slow"}
"""What to tell instead of an answer, besides the errors that say it themselves."""


class Chat:
    """The handlers of the page's events: each takes and returns what Gradio exchanges."""

    def __init__(self, seen: Seen, questions: Questions, rate: Rate) -> None:
        self._seen = seen
        self._questions = questions
        self._rate = rate

    async def reply(
        self,
        question: object,
        history: object,
        language: object,
        after: object,
        before: object,
        source: object,
        event: gr.EventData,
        request: gr.Request,
    ) -> AsyncGenerator[tuple[list[Message], Any, Any], None]:
        """The chat, the question box, which is emptied first, and at the end what a reload brings
        back.
        """
        asked = (_example(event) or str(question or "")).strip()
        chosen = filters.read(language, after, before, source)
        async with aclosing(self._reply(asked, messages.shown(history), chosen, request)) as states:
            async for state in states:
                yield state

    async def again(
        self,
        history: object,
        language: object,
        after: object,
        before: object,
        source: object,
        request: gr.Request,
    ) -> AsyncGenerator[tuple[list[Message], Any, Any], None]:
        """What ``reply`` gives for the last question of the chat, in place of its answer."""
        talk = messages.shown(history)
        while talk and talk[-1]["role"] != "user":
            talk.pop()
        asked = messages.turns(talk[-1:])
        chosen = filters.read(language, after, before, source)
        if not asked:
            return
        async with aclosing(self._reply(asked[0].content, talk[:-1], chosen, request)) as states:
            async for state in states:
                yield state

    def stop(self, history: object, request: gr.Request) -> tuple[list[Message], str]:
        """The chat with the answer left as far as it is, and what a reload brings back."""
        said = messages.stopped(messages.shown(history), reader(request))
        return said, json.dumps(said)

    async def suggest(
        self,
        history: object,
        language: object,
        after: object,
        before: object,
        source: object,
        request: gr.Request,
    ) -> str:
        """What can be asked next, as a list in HTML that the page's script makes buttons of."""
        said = messages.shown(history)
        if not said or (spoken := messages.spoken_in(said[-1])) is None:
            return ""
        shown = messages.shown_places(said[-1])
        asked = [turn.content for turn in messages.turns(said) if turn.role == "user"]
        chosen = filters.read(language, after, before, source)
        try:
            offered = await self._questions.run(
                partial(self._view(request).suggestions, shown, spoken, asked, chosen)
            )
        except AssistantError as error:
            log.info("Nothing can be suggested: %s", error)
            return ""
        return messages.offers(offered, len(said))

    def _view(self, request: gr.Request) -> Assistant:
        """What whoever sent ``request`` may see."""
        return self._seen(request.request)

    async def _reply(
        self, asked: str, talk: list[Message], chosen: Filters, request: gr.Request
    ) -> AsyncGenerator[tuple[list[Message], Any, Any], None]:
        locale = reader(request)
        if len(asked) > MAX_QUESTION:
            count, most = locale.number(len(asked)), locale.number(MAX_QUESTION)
            told = messages.notice_message(locale.text("ask.long", count=count, most=most))
            yield [*talk, told], asked, gr.skip()
            return
        if not asked:
            yield talk, "", gr.skip()
            return
        if wait := self._rate.wait(asker(request.request.scope)):
            often = locale.text("ask.often", seconds=locale.number(wait))
            yield [*talk, messages.notice_message(often)], asked, gr.skip()
            return
        history = messages.turns(talk)
        talk = [*talk, messages.question_message(asked)]
        said = [*talk, messages.notice_message(locale.text("answer.looking"), growing=True)]
        yield said, "", gr.skip()
        answers = self._answer(asked, history, chosen, request)
        async with aclosing(answers):
            async for message in answers:
                said = [*talk, message]
                # The box is left alone from here on: the next question may be in it already.
                yield said, gr.skip(), gr.skip()
        yield said, gr.skip(), json.dumps(said)

    def remember(self, kept: object) -> tuple[list[Message], str]:
        """The chat as it was before a reload, out of what the browser kept, to be kept again."""
        try:
            said = messages.shown(json.loads(str(kept)))
        except (ValueError, RecursionError) as error:
            log.info("A kept conversation cannot be read: %s", error)
            said = []
        return said, json.dumps(said)

    async def _answer(
        self, question: str, history: list[Turn], chosen: Filters, request: gr.Request
    ) -> AsyncGenerator[Message, None]:
        locale, view = reader(request), self._view(request)
        within = filters.describe(chosen, locale)
        try:
            while (status := await run_sync(view.status)).reading_first:
                reading = locale.progress(status.done, status.total)
                waiting = locale.text("status.waiting")
                yield messages.notice_message(reading, waiting, growing=True)
                await asyncio.sleep(POLL_S)
            growing = view.stream(question, history, chosen)
            async with aclosing(self._answers(question, growing, request)) as answers:
                async for answer in answers:
                    yield messages.answer_message(answer, locale, within)
        except (QuestionError, OverloadError, TooSlowError) as error:
            log.info("Not answered: %s", error)
            yield messages.notice_message(locale.text(_WHY_NOT[type(error)]))
        except AssistantError as error:
            log.error("Not answered: %s", error)
            yield messages.notice_message(locale.text("ask.failed"), str(error))
        except Exception:
            # The outermost handler of a question: the chat goes on, and the log has the details.
            log.exception("A question could not be answered")
            yield messages.notice_message(locale.text("ask.error"))

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
            said = messages.turns(history, markup=False)
            chosen = filters.read(language, after, before, source, strict=True)
            growing = self._view(request).stream(question, said, chosen)
            async with aclosing(self._answers(question, growing, request)) as answers:
                async for answer in answers:
                    yield answer.to_json()
        except Exception as error:
            # Gradio would print what nobody foresaw, past the log.
            raise gr.Error(problem(error).message, print_exception=False) from error

    def _answers(
        self, question: str, growing: Generator[Answer, None, None], request: gr.Request
    ) -> AsyncGenerator[Answer, None]:
        # Gradio's queue answers outside of the request that asked.
        asked_by = id_of(request.request)
        return self._questions.stream(Way.CHAT, question, growing, asked_by)


def _example(event: gr.EventData) -> str | None:
    """The example that was picked, or None if the question was typed."""
    data = event._data
    value = data.get("value") if isinstance(data, dict) else None
    text = value.get("text") if isinstance(value, dict) else None
    return text if isinstance(text, str) else None

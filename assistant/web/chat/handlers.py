"""Event handlers of the chat's page: questions in, streamed answers with citations out.

Imports Gradio, which takes seconds, at the top, because Gradio evaluates the annotations of its
handlers to find out what to pass. So import this module only to build the chat.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import gradio as gr

from assistant.language.locales import Locale
from assistant.support.errors import OverloadError
from assistant.support.unseen import sound
from assistant.web.api.errors import problem
from assistant.web.chat import filters, messages, said
from assistant.web.chat.replies import ChatQuestion, offered, replies, too_long
from assistant.web.chat.said import Message, Said
from assistant.web.gate.clients import asker
from assistant.web.gate.principal import Seen
from assistant.web.gate.rates import Rate
from assistant.web.pages.routes import reader
from assistant.web.server.request_log import id_of
from assistant.web.turns.outcomes import Way
from assistant.web.turns.questions import Questions

AGAIN = "again"
"""Element id of the button that repeats the last question."""


class Chat:
    """The handlers of the page's events, which take and return values of Gradio components.

    ``kept`` is the conversation, and ``growing`` the newest question and its unfinished answer,
    both as ``said.write`` writes them. They live in the reader's tab; the server keeps nothing.
    """

    def __init__(self, seen: Seen, questions: Questions, rate: Rate) -> None:
        self._seen = seen
        self._questions = questions
        self._rate = rate
        self._offers = Rate(rate.per_minute)  # each answer also requests suggestions

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
        """Yields the chat, the question box (emptied first), the conversation to keep, and the
        newest question and answer, kept apart until the answer is complete.
        """
        locale = reader(request.request)
        before_it, asked = _asked(question, said.read(kept), event)
        talk = [one.message() for one in before_it]
        if told := self._not_asked(asked, locale, request):
            yield [*talk, told.message()], asked, gr.skip(), gr.skip()
            return
        if not asked:
            yield talk, "", gr.skip(), gr.skip()
            return
        put = messages.question_message(asked)
        chosen = filters.read(language, after, before, source)
        whose = asker(request.request.scope)
        # Gradio's queue answers outside of the request that asked.
        states = replies(
            self._seen(request.request), self._questions,
            ChatQuestion(asked, said.turns(before_it), chosen, whose), locale,
            id_of(request.request),
        )  # fmt: skip
        box: Any = ""
        async with aclosing(states):
            async for newest in states:
                shown = [*talk, put.message(), newest.message()]
                yield shown, box, gr.skip(), said.write([put, newest])
                # Leave the box alone from now on: the next question may already be in it.
                box = gr.skip()
        whole = [*before_it, put, newest]
        yield [*talk, put.message(), newest.message()], gr.skip(), said.write(whole), ""

    def stop(
        self, kept: object, growing: object, request: gr.Request
    ) -> tuple[list[Message], str, str]:
        """Keep the partial answer; return the chat and the conversation to keep."""
        newest = said.read(growing)
        if newest:
            newest[-1] = messages.stopped(newest[-1], reader(request.request))
        whole = [*said.read(kept), *newest]
        return [one.message() for one in whole], said.write(whole), ""

    def remember(self, kept: object) -> tuple[list[Message], str]:
        """Restore the chat after a reload from what the browser kept."""
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
        """Suggested questions as an HTML list, which the page's script turns into buttons."""
        whose = asker(request.request.scope)
        if self._offers.wait(whose):
            return ""
        conversation = said.read(kept)
        if not conversation:
            return ""
        asked = [turn.content for turn in said.turns(conversation) if turn.role == "user"]
        chosen = filters.read(language, after, before, source)
        seen, answer = self._seen(request.request), conversation[-1]
        found = await offered(seen, self._questions, answer, asked, chosen, whose)
        return messages.offers(found, len(conversation))

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
            # Gradio would print unexpected errors itself, bypassing the log.
            raise gr.Error(problem(error).message, print_exception=False) from error

    def _not_asked(self, asked: str, locale: Locale, request: gr.Request) -> Said | None:
        """Why the question is rejected; None if it is accepted."""
        if long := too_long(asked, locale):
            return long
        if asked and (wait := self._rate.wait(asker(request.request.scope))):
            often = locale.text("ask.often", seconds=locale.number(wait))
            return messages.notice_message(often)
        return None


def _asked(
    question: object, conversation: list[Said], event: gr.EventData
) -> tuple[list[Said], str]:
    """The conversation before the question, and the question: typed, an example, or the last one
    repeated.
    """
    if getattr(event.target, "elem_id", None) != AGAIN:
        return conversation, sound(_example(event) or str(question or "")).strip()
    while conversation and conversation[-1].role != "user":
        conversation.pop()
    return conversation[:-1], conversation[-1].text if conversation else ""


def _example(event: gr.EventData) -> str | None:
    """The example that was clicked; None if the question was typed."""
    data = event._data
    value = data.get("value") if isinstance(data, dict) else None
    text = value.get("text") if isinstance(value, dict) else None
    return text if isinstance(text, str) else None

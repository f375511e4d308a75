"""What happens on the chat's page: questions in, answers with their citations out, streamed.

Imports Gradio, which takes seconds, at the top: Gradio finds what to hand to a function by
evaluating the function's annotations here. So this module is imported when the chat is built.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

import gradio as gr
from starlette.requests import HTTPConnection

from assistant.answers import Answer
from assistant.assistant import Assistant
from assistant.conversation import MAX_QUESTION, Turn
from assistant.errors import AssistantError, OverloadError, QuestionError
from assistant.locales import COOKIE, Locale, choose
from assistant.retrieval import EVERYTHING, Filters
from assistant.status import Status
from assistant.web import filter_row, filters, masthead, messages
from assistant.web.questions import Questions, Watched, Way
from assistant.web.requests import id_of

log = logging.getLogger(__name__)

EXAMPLES = 4
POLL_S = 1.0
"""Seconds between two looks at how far the reading of the articles is."""

Message = messages.Message


class Chat:
    """The handlers of the page's events: each takes and returns what Gradio exchanges."""

    def __init__(self, assistant: Assistant, questions: Questions) -> None:
        self._assistant = assistant
        self._questions = questions
        self._offered: tuple[object, filters.Choices] | None = None

    def arrive(self, request: gr.Request) -> tuple[Any, ...]:
        """The whole page in the reader's language, in the order of ``build``'s ``page``."""
        locale = _reader(request)
        return (
            *self.progress(request),
            *filter_row.tell(EVERYTHING, locale),
            gr.Button(locale.text("nav.new")),
            gr.Textbox(placeholder=locale.text("ask.placeholder"), label=locale.text("ask.label")),
            gr.Button(locale.text("ask.button")),
            gr.Button(locale.text("ask.stop")),
            locale.text("ask.note"),
            json.dumps(locale.under("page.")),
        )

    def progress(self, request: gr.Request) -> tuple[Any, ...]:
        """What changes while the articles are read: clock, masthead, filters, the empty chat."""
        locale = _reader(request)
        status = self._status()
        return (
            gr.Timer(POLL_S, active=status.syncing or status.rebuilding),
            masthead.masthead(status, locale),
            gr.Chatbot(
                placeholder=masthead.welcome(status, locale),
                examples=[{"text": example} for example in self._examples(status, locale)],
            ),
            *filter_row.offer(self._choices(status), locale),
        )

    def narrow(
        self, language: object, after: object, before: object, source: object, request: gr.Request
    ) -> tuple[Any, ...]:
        """The line that tells what is chosen, after a choice."""
        chosen = filters.read(language, after, before, source)
        return filter_row.tell(chosen, _reader(request))

    def widen(self, request: gr.Request) -> tuple[Any, ...]:
        """The row of filters with nothing chosen."""
        return (*filter_row.NOTHING, *filter_row.tell(EVERYTHING, _reader(request)))

    def reply(
        self,
        question: object,
        history: object,
        language: object,
        after: object,
        before: object,
        source: object,
        event: gr.EventData,
        request: gr.Request,
    ) -> Iterator[tuple[list[Message], str, Any]]:
        """The chat, the emptied question box and, at the end, what a reload brings back."""
        asked = (_example(event) or str(question or "")).strip()
        chosen = filters.read(language, after, before, source)
        yield from self._reply(asked, messages.shown(history), chosen, request)

    def again(
        self,
        history: object,
        language: object,
        after: object,
        before: object,
        source: object,
        request: gr.Request,
    ) -> Iterator[tuple[list[Message], str, Any]]:
        """What ``reply`` gives for the last question of the chat, in place of its answer."""
        talk = messages.shown(history)
        while talk and talk[-1]["role"] != "user":
            talk.pop()
        asked = messages.turns(talk[-1:])
        chosen = filters.read(language, after, before, source)
        if asked:
            yield from self._reply(asked[0].content, talk[:-1], chosen, request)

    def stop(self, history: object, request: gr.Request) -> tuple[list[Message], str]:
        """The chat with the answer left as far as it is, and what a reload brings back."""
        said = messages.stopped(messages.shown(history), _reader(request))
        return said, json.dumps(said)

    def suggest(
        self, history: object, language: object, after: object, before: object, source: object
    ) -> str:
        """What can be asked next, as a list in HTML that the page's script makes buttons of."""
        said = messages.shown(history)
        if not said or (spoken := messages.spoken_in(said[-1])) is None:
            return ""
        shown = messages.shown_places(said[-1])
        asked = [turn.content for turn in messages.turns(said) if turn.role == "user"]
        chosen = filters.read(language, after, before, source)
        try:
            offered = self._assistant.suggestions(shown, spoken, asked, chosen)
        except AssistantError as error:
            log.info("Nothing can be suggested: %s", error)
            return ""
        return messages.offers(offered, len(said))

    def _reply(
        self, asked: str, talk: list[Message], chosen: Filters, request: gr.Request
    ) -> Iterator[tuple[list[Message], str, Any]]:
        locale = _reader(request)
        if len(asked) > MAX_QUESTION:
            count, most = locale.number(len(asked)), locale.number(MAX_QUESTION)
            told = messages.notice_message(locale.text("ask.long", count=count, most=most))
            yield [*talk, told], asked, gr.skip()
            return
        if not asked:
            yield talk, "", gr.skip()
            return
        history = messages.turns(talk)
        talk = [*talk, messages.question_message(asked)]
        said = [*talk, messages.notice_message(locale.text("answer.looking"), growing=True)]
        yield said, "", gr.skip()
        for message in self._answer(asked, history, chosen, request):
            said = [*talk, message]
            yield said, "", gr.skip()
        yield said, "", json.dumps(said)

    def remember(self, kept: object) -> tuple[list[Message], str]:
        """The chat as it was before a reload, out of what the browser kept, to be kept again."""
        try:
            said = messages.shown(json.loads(str(kept)))
        except (ValueError, RecursionError) as error:
            log.info("A kept conversation cannot be read: %s", error)
            said = []
        return said, json.dumps(said)

    def _answer(
        self, question: str, history: list[Turn], chosen: Filters, request: gr.Request
    ) -> Iterator[Message]:
        locale = _reader(request)
        within = filters.describe(chosen, locale)
        try:
            for status in self._until_ready():
                reading = locale.progress(status.done, status.total)
                waiting = locale.text("status.waiting")
                yield messages.notice_message(reading, waiting, growing=True)
            growing = self._assistant.stream(question, history, chosen)
            with closing(self._watch(question, growing, request)) as answers:
                for answer in answers:
                    yield messages.answer_message(answer, locale, within)
        except OverloadError as error:
            log.info("Not answered: %s", error)
            yield messages.notice_message(locale.text("ask.later"))
        except QuestionError as error:
            log.info("Not answered: %s", error)
            yield messages.notice_message(locale.text("ask.none"))
        except AssistantError as error:
            log.error("Not answered: %s", error)
            yield messages.notice_message(locale.text("ask.failed"), str(error))
        except Exception:
            # The outermost handler of a question: the chat goes on, and the log has the details.
            log.exception("A question could not be answered")
            yield messages.notice_message(locale.text("ask.error"))

    def _status(self) -> Status:
        try:
            return self._assistant.status()
        except AssistantError as error:
            log.error("The library cannot be shown: %s", error)
            return Status(0, (), None, False, 0, 0, (), error=str(error), ready=False)

    def _examples(self, status: Status, locale: Locale) -> list[str]:
        try:
            return self._assistant.examples(locale.code, EXAMPLES) if status.ready else []
        except AssistantError as error:
            log.error("No examples can be shown: %s", error)
            return []

    def _choices(self, status: Status) -> filters.Choices:
        """What the articles can be narrowed down by, once they are read."""
        if status.syncing or not status.ready:
            return filters.Choices()
        held = (status.articles, status.languages, status.newest)
        # Looking at every article takes a second where there are many: once, not for every reader.
        if self._offered is None or self._offered[0] != held:
            try:
                self._offered = held, filters.choices(self._assistant.articles())
            except AssistantError as error:
                log.error("No filters can be shown: %s", error)
                return filters.Choices()
        return self._offered[1]

    def _until_ready(self) -> Iterator[Status]:
        while not (status := self._assistant.status()).ready and status.syncing:
            yield status
            time.sleep(POLL_S)

    def ask(
        self,
        question: str,
        history: list[dict[str, str]] | None = None,
        language: str = "",
        after: str = "",
        before: str = "",
        source: str = "",
        request: gr.Request | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Answer a question about the articles with their exact words, as growing JSON objects.

        ``history`` holds the messages before the question, each with a ``role`` ("user" or
        "assistant") and its ``content``. ``language`` (a code such as "fr"), ``after`` and
        ``before`` (days such as "2024-12-31") and ``source`` (a file or folder) narrow down which
        articles are asked. Each object has ``answer``, ``refused``, ``sentences``
        with the numbers of their citations, ``citations`` with the quoted words and their places,
        and, with a refusal, the ``nearest`` passages.
        """
        try:
            said = messages.turns(history, markup=False)
            chosen = filters.read(language, after, before, source, strict=True)
            growing = self._assistant.stream(question, said, chosen)
            with closing(self._watch(question, growing, request)) as answers:
                for answer in answers:
                    yield answer.to_json()
        except AssistantError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def _watch(
        self, question: str, answers: Generator[Answer, None, None], request: gr.Request | None
    ) -> Watched:
        # Gradio's queue answers outside of the request that asked.
        asked_by = getattr(request, "request", None)
        id_ = id_of(asked_by) if isinstance(asked_by, HTTPConnection) else ""
        return self._questions.watch(Way.CHAT, question, answers, id_)


def _reader(request: gr.Request) -> Locale:
    # A page that shows the chat in a frame names its language in the address.
    chosen = request.query_params.get("language") or request.cookies.get(COOKIE)
    return choose(request.headers.get("accept-language"), chosen)


def _example(event: gr.EventData) -> str | None:
    """The example that was picked, or None if the question was typed."""
    data = event._data
    value = data.get("value") if isinstance(data, dict) else None
    text = value.get("text") if isinstance(value, dict) else None
    return text if isinstance(text, str) else None

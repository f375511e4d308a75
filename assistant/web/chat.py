"""The Gradio page: questions in, answers with their citations out, streamed.

Imports Gradio, which takes seconds, at the top: Gradio finds what to hand to a function by
evaluating the function's annotations here. So this module is imported when the chat is built.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

import gradio as gr

from assistant.assistant import Assistant, Status
from assistant.conversation import MAX_QUESTION, Turn
from assistant.errors import AssistantError
from assistant.locales import COOKIE, Locale, choose
from assistant.web import assets, messages

log = logging.getLogger(__name__)

EXAMPLES = 4
POLL_S = 1.0
"""Seconds between two looks at how far the reading of the articles is."""

AT_ONCE = 16
"""Questions answered at the same time; others wait."""

MOST_WAITING = 256
"""Questions that wait at the same time; others are turned away."""

Message = messages.Message


class Chat:
    """What happens on the chat's page: each method takes and returns what Gradio exchanges."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def arrive(self, request: gr.Request) -> tuple[Any, ...]:
        """The whole page in the reader's language, in the order of ``build``'s ``page``."""
        locale = _reader(request)
        return (
            *self.progress(request),
            gr.Button(locale.text("nav.new")),
            gr.Textbox(placeholder=locale.text("ask.placeholder"), label=locale.text("ask.label")),
            gr.Button(locale.text("ask.button")),
            locale.text("ask.note"),
        )

    def progress(self, request: gr.Request) -> tuple[Any, ...]:
        """What changes while the articles are read: clock, masthead, and the empty chat."""
        locale = _reader(request)
        status = self._status()
        examples = self._assistant.examples(locale.code, EXAMPLES) if status.ready else []
        return (
            gr.Timer(POLL_S, active=status.syncing),
            messages.masthead(status, locale),
            gr.Chatbot(
                placeholder=messages.welcome(status, locale),
                examples=[{"text": example} for example in examples],
            ),
        )

    def reply(
        self, question: object, history: object, event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[list[Message], str]]:
        """The chat and the emptied question box, again and again while the answer grows."""
        asked = (_example(event) or str(question or "")).strip()
        before = messages.shown(history)
        if asked:
            before.append(messages.question_message(asked))
        yield before, ""
        if asked:
            for message in self._answer(asked, messages.turns(history), _reader(request)):
                yield [*before, message], ""

    def _answer(self, question: str, history: list[Turn], locale: Locale) -> Iterator[Message]:
        try:
            for status in self._until_ready():
                reading = locale.progress(status.done, status.total)
                yield messages.notice_message(reading, locale.text("status.waiting"))
            for answer in self._assistant.stream(question, history):
                yield messages.answer_message(answer, locale)
        except AssistantError as error:
            log.info("Not answered: %s", error)
            yield messages.notice_message(str(error))
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

    def _until_ready(self) -> Iterator[Status]:
        while not (status := self._assistant.status()).ready and status.syncing:
            yield status
            time.sleep(POLL_S)

    def ask(
        self, question: str, history: list[dict[str, str]] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Answer a question about the articles with their exact words, as growing JSON objects.

        ``history`` holds the messages before the question, each with a ``role`` ("user" or
        "assistant") and its ``content``. Each object has ``answer``, ``refused``, ``sentences``
        with the numbers of their citations, ``citations`` with the quoted words and their places,
        and, with a refusal, the ``nearest`` passages.
        """
        try:
            said = messages.turns(history, markup=False)
            for answer in self._assistant.stream(question, said):
                yield answer.to_json()
        except AssistantError as error:
            raise gr.Error(str(error), print_exception=False) from error


def build(assistant: Assistant) -> gr.Blocks:
    """The chat, ready to be mounted at the root of an app."""
    chat = Chat(assistant)
    title = choose(None).text("title")
    with gr.Blocks(title=title, analytics_enabled=False, fill_width=True) as blocks:
        clock = gr.Timer(POLL_S, active=False)
        with gr.Row(elem_id="masthead"):
            masthead = gr.Markdown(container=False)
            new = gr.Button("", elem_id="new-chat")
        talk = _talk()
        with gr.Row(elem_id="ask"):
            question = gr.Textbox(
                elem_id="question",
                show_label=False,
                container=False,
                max_lines=6,
                max_length=MAX_QUESTION,
                autofocus=True,
            )
            send = gr.Button("", elem_id="send", variant="primary")
        note = gr.Markdown(elem_id="note", container=False)

        changing = [clock, masthead, talk]
        page = [*changing, new, question, send, note]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        blocks.load(chat.arrive, None, page, queue=False, **quiet)
        clock.tick(chat.progress, None, changing, queue=False, **quiet)
        asking = gr.on(
            [question.submit, send.click, talk.example_select],
            chat.reply,
            [question, talk],
            [talk, question],
            # The chat comes back from the browser and may hold anything; Gradio would build the
            # components that it names. Unprepared, it is data that `messages` picks text from.
            preprocess=False,
            **quiet,
        )
        new.click(lambda: ([], ""), None, [talk, question], queue=False, cancels=[asking], **quiet)
        gr.api(chat.ask, api_name="ask")
    blocks.queue(api_open=False, max_size=MOST_WAITING, default_concurrency_limit=AT_ONCE)
    return blocks


def head() -> str:
    """What the page's head needs for our own style and script."""
    styles = (assets.address(name) for name in ("look.css", "chat.css", "panel.css"))
    return (
        f'<link rel="icon" type="image/svg+xml" href="{assets.address("icon.svg")}">'
        + "".join(f'<link rel="stylesheet" href="{style}">' for style in styles)
        + f'<script src="{assets.address("chat.js")}" defer></script>'
    )


def theme() -> gr.themes.Base:
    """A theme that asks no other host for its fonts.

    The colours are in ``static/look.css``; the ground is here too, for the first moment of a page.
    """
    fonts = ["system-ui", "Segoe UI", "Roboto", "sans-serif"]
    return gr.themes.Base(font=fonts, font_mono=["ui-monospace", "monospace"]).set(
        body_background_fill="#f6f7fa", body_background_fill_dark="#10141d"
    )


def _talk() -> gr.Chatbot:
    return gr.Chatbot(
        elem_id="chat",
        show_label=False,
        container=False,
        height=None,
        buttons=[],
        feedback_options=None,
        group_consecutive_messages=False,
        latex_delimiters=[],
        allow_tags=False,
    )


def _reader(request: gr.Request) -> Locale:
    return choose(request.headers.get("accept-language"), request.cookies.get(COOKIE))


def _example(event: gr.EventData) -> str | None:
    """The example that was picked, or None if the question was typed."""
    data = event._data
    value = data.get("value") if isinstance(data, dict) else None
    text = value.get("text") if isinstance(value, dict) else None
    return text if isinstance(text, str) else None

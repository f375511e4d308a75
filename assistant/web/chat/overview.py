"""The parts of the page around the conversation: masthead, filters, empty chat.

Imports Gradio, which takes seconds, at the top, like ``handlers``.
"""

from __future__ import annotations

import json
from textwrap import shorten
from typing import Any

import gradio as gr

from assistant.language.locales import Locale
from assistant.models.filters import EVERYTHING
from assistant.web.brand import Brand
from assistant.web.chat import filter_row, filters, masthead
from assistant.web.chat.masthead import OWN
from assistant.web.chat.opening import Opening
from assistant.web.chat.reader_language import reader
from assistant.web.chat.replies import POLL_S
from assistant.web.gate.principal import Seen

TOPIC = 26
"""Longest topic of an example, in characters: it must stay on one line."""

ALSO = ("answer.looking",)
"""Texts of the page's script besides those under ``page.``."""


class Overview:
    """The handlers of the page's other events, which take and return Gradio values."""

    def __init__(self, seen: Seen, brand: Brand = OWN) -> None:
        self._seen = seen
        self._brand = brand
        self._opening = Opening()

    def arrive(self, request: gr.Request) -> tuple[Any, ...]:
        """All components in the reader's language, in the order of ``build``'s ``page``."""
        locale = reader(request)
        return (
            *self.progress(request),
            *filter_row.tell(EVERYTHING, locale),
            gr.Button(locale.text("nav.new")),
            gr.Textbox(placeholder=locale.text("ask.placeholder"), label=locale.text("ask.label")),
            gr.Button(locale.text("ask.button")),
            gr.Button(locale.text("ask.stop")),
            self._brand.note(locale),
            json.dumps(self._texts(locale, request)),
        )

    def _texts(self, locale: Locale, request: gr.Request) -> dict[str, str]:
        """What the page's script says, and that the server translates, if it does."""
        texts = locale.under("page.") | {key: locale.text(key) for key in ALSO}
        if self._seen(request.request).translates:
            texts["page.translates"] = "yes"
        return texts

    def progress(self, request: gr.Request) -> tuple[Any, ...]:
        """Updates while the articles are read: clock, masthead, filters, empty chat."""
        locale, view = reader(request), self._seen(request.request)
        status = self._opening.status(view)
        examples = self._opening.examples(view, status, locale)
        return (
            gr.Timer(POLL_S, active=status.syncing or status.rebuilding or examples.more),
            masthead.masthead(status, locale, request.request, self._brand),
            gr.Chatbot(
                placeholder=masthead.welcome(status, locale, self._brand.greeting),
                # The style takes the first line for the topic.
                examples=[
                    {"text": one.question, "display_text": f"{topic}\n{one.question}"}
                    for one in examples.questions
                    for topic in [shorten(one.topic, TOPIC, placeholder="…")]
                ],
            ),
            *filter_row.offer(self._opening.choices(view, status), locale),
        )

    def narrow(
        self, language: object, after: object, before: object, source: object, request: gr.Request
    ) -> tuple[Any, ...]:
        """The summary of the filters, after a choice."""
        chosen = filters.read(language, after, before, source)
        return filter_row.tell(chosen, reader(request))

    def widen(self, request: gr.Request) -> tuple[Any, ...]:
        """The row of filters, cleared."""
        return (*filter_row.NOTHING, *filter_row.tell(EVERYTHING, reader(request)))

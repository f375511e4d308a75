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
from assistant.web.chat.opening import LOOK_S, EmptyChat, Opening, script_texts
from assistant.web.gate.principal import Seen
from assistant.web.pages.routes import reader

TOPIC = 26
"""Longest topic of an example, in characters: it must stay on one line."""


class Overview:
    """The handlers of the page's other events, which take and return Gradio values."""

    def __init__(self, seen: Seen, opening: Opening, brand: Brand = OWN) -> None:
        self._seen = seen
        self._opening = opening
        self._brand = brand

    async def arrive(self, request: gr.Request) -> tuple[Any, ...]:
        """All components in the reader's language, in the order of ``build``'s ``page``."""
        locale = reader(request.request)
        view = self._seen(request.request)
        shown = await self._opening.now(view, locale.code)
        return (
            *self._changing(shown, locale, request),
            *filter_row.tell(EVERYTHING, locale),
            gr.Button(locale.text("nav.new")),
            gr.Textbox(placeholder=locale.text("ask.placeholder"), label=locale.text("ask.label")),
            gr.Button(locale.text("ask.button")),
            gr.Button(locale.text("ask.stop")),
            self._brand.note(locale),
            json.dumps(script_texts(view, locale)),
        )

    async def progress(self, request: gr.Request) -> tuple[Any, ...]:
        """Updates while the articles are read, when there is one: clock, masthead, empty chat,
        filters.
        """
        locale = reader(request.request)
        shown = await self._opening.news(self._seen(request.request), locale.code)
        return self._changing(shown, locale, request)

    def _changing(self, shown: EmptyChat, locale: Locale, request: gr.Request) -> tuple[Any, ...]:
        status = shown.status
        return (
            gr.Timer(LOOK_S, active=shown.changing),
            masthead.masthead(status, locale, request.request, self._brand),
            gr.Chatbot(
                placeholder=masthead.welcome(status, locale, self._brand.greeting),
                # The style takes the first line for the topic.
                examples=[
                    {"text": one.question, "display_text": f"{topic}\n{one.question}"}
                    for one in shown.examples
                    for topic in [shorten(one.topic, TOPIC, placeholder="…")]
                ],
            ),
            *filter_row.offer(shown.choices, locale),
        )

    def narrow(
        self, language: object, after: object, before: object, source: object, request: gr.Request
    ) -> tuple[Any, ...]:
        """The summary of the filters, after a choice."""
        chosen = filters.read(language, after, before, source)
        return filter_row.tell(chosen, reader(request.request))

    def widen(self, request: gr.Request) -> tuple[Any, ...]:
        """The row of filters, cleared."""
        return (*filter_row.NOTHING, *filter_row.tell(EVERYTHING, reader(request.request)))

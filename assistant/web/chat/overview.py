"""What the chat's page shows around the conversation: the library, the filters, the empty chat.

Imports Gradio at the top, as ``chat`` does and for its reason.
"""

from __future__ import annotations

import json
import logging
from typing import Any

import gradio as gr

from assistant.assistant import Assistant
from assistant.language.locales import Locale
from assistant.models.clearance import Clearance
from assistant.models.filters import EVERYTHING
from assistant.models.status import Status
from assistant.support.errors import AssistantError
from assistant.web.api.errors import told
from assistant.web.chat import filter_row, filters, masthead
from assistant.web.chat.reader_language import reader
from assistant.web.gate.principal import Seen

log = logging.getLogger(__name__)

EXAMPLES = 4
MOST_OFFERED = 64
"""Kinds of readers, by what they may see, whose choices of filters are kept."""

POLL_S = 1.0
"""Seconds between two looks at how far the reading of the articles is."""


class Overview:
    """The handlers of the page's own events: each takes and returns what Gradio exchanges."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._offered: dict[Clearance, tuple[object, filters.Choices]] = {}

    def arrive(self, request: gr.Request) -> tuple[Any, ...]:
        """The whole page in the reader's language, in the order of ``build``'s ``page``."""
        locale = reader(request)
        return (
            *self.progress(request),
            *filter_row.tell(EVERYTHING, locale),
            gr.Button(locale.text("nav.new")),
            gr.Textbox(placeholder=locale.text("ask.placeholder"), label=locale.text("ask.label")),
            gr.Button(locale.text("ask.button")),
            gr.Button(locale.text("ask.stop")),
            locale.text("ask.note"),
            json.dumps(locale.under("page.") | self._translates(request)),
        )

    def _translates(self, request: gr.Request) -> dict[str, str]:
        """Tells the page's script that the server translates, if it does."""
        translates = self._seen(request.request).translates
        return {"page.translates": "yes"} if translates else {}

    def progress(self, request: gr.Request) -> tuple[Any, ...]:
        """What changes while the articles are read: clock, masthead, filters, the empty chat."""
        locale, view = reader(request), self._seen(request.request)
        status = self._status(view)
        return (
            gr.Timer(POLL_S, active=status.syncing or status.rebuilding),
            masthead.masthead(status, locale, request.request),
            gr.Chatbot(
                placeholder=masthead.welcome(status, locale),
                examples=[{"text": example} for example in self._examples(view, status, locale)],
            ),
            *filter_row.offer(self._choices(view, status), locale),
        )

    def narrow(
        self, language: object, after: object, before: object, source: object, request: gr.Request
    ) -> tuple[Any, ...]:
        """The line that tells what is chosen, after a choice."""
        chosen = filters.read(language, after, before, source)
        return filter_row.tell(chosen, reader(request))

    def widen(self, request: gr.Request) -> tuple[Any, ...]:
        """The row of filters with nothing chosen."""
        return (*filter_row.NOTHING, *filter_row.tell(EVERYTHING, reader(request)))

    def _status(self, view: Assistant) -> Status:
        try:
            return view.status()
        except AssistantError as error:
            log.error("The library cannot be shown: %s", error)
            return Status(0, (), None, False, 0, 0, (), error=told(error), ready=False)

    def _examples(self, view: Assistant, status: Status, locale: Locale) -> list[str]:
        try:
            return view.examples(locale.code, EXAMPLES) if status.ready else []
        except AssistantError as error:
            log.error("No examples can be shown: %s", error)
            return []

    def _choices(self, view: Assistant, status: Status) -> filters.Choices:
        """What the articles can be narrowed down by, once they are read."""
        if status.syncing or not status.ready:
            return filters.Choices()
        held = (status.articles, status.languages, status.newest)
        # Looking at every article takes a second where there are many: once, not for every reader.
        clearance = view.clearance
        known = self._offered.get(clearance)
        if known is None or known[0] != held:
            try:
                known = held, filters.choices(view.articles())
            except AssistantError as error:
                log.error("No filters can be shown: %s", error)
                return filters.Choices()
            self._offered = dict([*self._offered.items(), (clearance, known)][-MOST_OFFERED:])
        return known[1]

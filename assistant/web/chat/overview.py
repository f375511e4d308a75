"""What the chat's page shows around the conversation: the library, the filters, the empty chat.

Imports Gradio at the top, as ``chat`` does and for its reason.
"""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from assistant.models.filters import EVERYTHING
from assistant.web.chat import filter_row, filters, masthead
from assistant.web.chat.opening import Opening
from assistant.web.chat.reader_language import reader
from assistant.web.chat.replies import POLL_S
from assistant.web.gate.principal import Seen


class Overview:
    """The handlers of the page's own events: each takes and returns what Gradio exchanges."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._opening = Opening()

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
        status = self._opening.status(view)
        examples = self._opening.examples(view, status, locale)
        return (
            gr.Timer(POLL_S, active=status.syncing or status.rebuilding),
            masthead.masthead(status, locale, request.request),
            gr.Chatbot(
                placeholder=masthead.welcome(status, locale),
                examples=[{"text": example} for example in examples],
            ),
            *filter_row.offer(self._opening.choices(view, status), locale),
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

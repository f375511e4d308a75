"""The data of an empty chat: the library, examples, filters."""

from __future__ import annotations

import logging

from assistant.answer.suggestions import TopicQuestion
from assistant.assistant import Assistant
from assistant.language.locales import Locale
from assistant.models.clearance import Clearance
from assistant.models.status import Status
from assistant.support.errors import AssistantError
from assistant.web.api.errors import told
from assistant.web.chat import filters

log = logging.getLogger(__name__)

EXAMPLES = 6
MOST_OFFERED = 64
"""Cached choices of filters, one per clearance, and examples, one per clearance and language."""


class Opening:
    """Reads the library for the chat; its errors are shown, not raised."""

    def __init__(self) -> None:
        self._offered: dict[Clearance, tuple[object, filters.Choices]] = {}
        self._examples: dict[tuple[Clearance, str], tuple[object, list[TopicQuestion]]] = {}

    def status(self, view: Assistant) -> Status:
        """The library's state."""
        try:
            return view.status()
        except AssistantError as error:
            log.error("The library cannot be shown: %s", error)
            return Status(0, (), None, False, 0, 0, (), error=told(error), ready=False)

    def examples(self, view: Assistant, status: Status, locale: Locale) -> list[TopicQuestion]:
        """Example questions by topic; during a sync those from before it."""
        key, held = (view.clearance, locale.code), _held(status)
        known = self._examples.get(key)
        if status.syncing or not status.ready or (known and known[0] == held):
            return known[1] if known else []
        try:
            known = held, view.examples(locale.code, EXAMPLES)
        except AssistantError as error:
            log.error("No examples can be shown: %s", error)
            return []
        self._examples = dict([*self._examples.items(), (key, known)][-MOST_OFFERED:])
        return known[1]

    def choices(self, view: Assistant, status: Status) -> filters.Choices:
        """The available filters, once the articles are read."""
        if status.syncing or not status.ready:
            return filters.Choices()
        held = _held(status)
        # Scanning many articles takes a second: do it once, not for every reader.
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


def _held(status: Status) -> object:
    """What is another after each sync that changed something."""
    return status.articles, status.languages, status.newest, status.synced

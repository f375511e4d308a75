"""The data of an empty chat: the library, examples, filters."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from functools import partial
from threading import Thread
from typing import Any, NamedTuple

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
MOST_KNOWN = 128
"""Cached choices of filters, one per clearance, and examples, one per clearance and language."""


class Examples(NamedTuple):
    """Questions to begin with; ``more`` if it is being found out which."""

    questions: tuple[TopicQuestion, ...]
    more: bool = False


class Opening:
    """Reads the library for the chat; its errors are shown, not raised."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[object, Any]] = {}
        self._looking: set[Hashable] = set()

    def status(self, view: Assistant) -> Status:
        """The library's state."""
        try:
            return view.status()
        except AssistantError as error:
            log.error("The library cannot be shown: %s", error)
            return Status(0, (), None, False, 0, 0, (), error=told(error), ready=False)

    def examples(self, view: Assistant, status: Status, locale: Locale) -> Examples:
        """Example questions by topic. Whether they are answered takes a second to find out: until
        then they are those from before the last sync, and ``more`` are to come.
        """
        clearance, held = view.clearance, _held(status)
        key = clearance, locale.code
        known = self._known.get(key, (None, ()))
        if status.syncing or not status.ready or known[0] == held:
            return Examples(known[1])
        if key not in self._looking:
            self._looking.add(key)
            looking = partial(self._look, clearance, held, view, locale.code)
            Thread(target=looking, daemon=True).start()
        return Examples(known[1], more=True)

    def choices(self, view: Assistant, status: Status) -> filters.Choices:
        """The available filters, once the articles are read."""
        if status.syncing or not status.ready:
            return filters.Choices()
        held = _held(status)
        # Scanning many articles takes a second: do it once, not for every reader.
        key = view.clearance
        known = self._known.get(key)
        if known is None or known[0] != held:
            try:
                known = held, filters.choices(view.articles())
            except AssistantError as error:
                log.error("No filters can be shown: %s", error)
                return filters.Choices()
            self._keep(key, known)
        offered: filters.Choices = known[1]
        return offered

    def _look(self, clearance: Clearance, held: object, view: Assistant, language: str) -> None:
        found: tuple[TopicQuestion, ...] = ()
        try:
            found = tuple(view.examples(language, EXAMPLES))
        except AssistantError as error:
            log.error("No examples can be shown: %s", error)
        finally:
            if view.clearance == clearance:  # else the rules have changed meanwhile
                self._keep((clearance, language), (held, found))
            self._looking.discard((clearance, language))

    def _keep(self, key: Hashable, known: tuple[object, Any]) -> None:
        self._known = dict([*self._known.items(), (key, known)][-MOST_KNOWN:])


def _held(status: Status) -> object:
    """What is another after each sync that changed something."""
    return status.articles, status.languages, status.newest, status.synced

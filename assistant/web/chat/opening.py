"""The data of an empty chat: the library, examples, filters."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from assistant.answer.suggestions import TopicQuestion
from assistant.assistant import Assistant
from assistant.language.locales import Locale
from assistant.models.status import Status
from assistant.support.errors import AssistantError
from assistant.web.api.errors import told
from assistant.web.chat import filters

log = logging.getLogger(__name__)

EXAMPLES = 6
MOST_KNOWN = 128
"""Cached choices of filters, one per clearance, and examples, one per clearance and language."""

T = TypeVar("T")


class Opening:
    """Reads the library for the chat; its errors are shown, not raised."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[object, Any]] = {}

    def status(self, view: Assistant) -> Status:
        """The library's state."""
        try:
            return view.status()
        except AssistantError as error:
            log.error("The library cannot be shown: %s", error)
            return Status(0, (), None, False, 0, 0, (), error=told(error), ready=False)

    def examples(self, view: Assistant, status: Status, locale: Locale) -> list[TopicQuestion]:
        """Example questions by topic."""
        key = view.clearance, locale.code
        return self._read(status, key, [], lambda: view.examples(locale.code, EXAMPLES))

    def choices(self, view: Assistant, status: Status) -> filters.Choices:
        """The available filters."""
        none = filters.Choices()
        return self._read(status, view.clearance, none, lambda: filters.choices(view.articles()))

    def _read(self, status: Status, key: Hashable, empty: T, read: Callable[[], T]) -> T:
        """What ``read`` gave after the last sync: it may take a second, so not for every reader.

        During a sync what it gave before; ``empty`` if it never did.
        """
        held = status.articles, status.languages, status.newest, status.synced
        known: tuple[object, T] = self._known.get(key, (None, empty))
        if status.syncing or not status.ready or known[0] == held:
            return known[1]
        try:
            known = held, read()
        except AssistantError as error:
            log.error("The empty chat is not shown whole: %s", error)
            return empty
        self._known = dict([*self._known.items(), (key, known)][-MOST_KNOWN:])
        return known[1]

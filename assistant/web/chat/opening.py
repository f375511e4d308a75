"""What an empty chat shows: the library, what can be asked, and of which articles."""

from __future__ import annotations

import logging

from assistant.assistant import Assistant
from assistant.language.locales import Locale
from assistant.models.clearance import Clearance
from assistant.models.status import Status
from assistant.support.errors import AssistantError
from assistant.web.api.errors import told
from assistant.web.chat import filters

log = logging.getLogger(__name__)

EXAMPLES = 4
MOST_OFFERED = 64
"""Kinds of readers, by what they may see, whose choices of filters are kept."""


class Opening:
    """Looks at the library for the chat; a library that fails is told of, not raised."""

    def __init__(self) -> None:
        self._offered: dict[Clearance, tuple[object, filters.Choices]] = {}

    def status(self, view: Assistant) -> Status:
        """The library's state."""
        try:
            return view.status()
        except AssistantError as error:
            log.error("The library cannot be shown: %s", error)
            return Status(0, (), None, False, 0, 0, (), error=told(error), ready=False)

    def examples(self, view: Assistant, status: Status, locale: Locale) -> list[str]:
        """Questions to begin with."""
        try:
            return view.examples(locale.code, EXAMPLES) if status.ready else []
        except AssistantError as error:
            log.error("No examples can be shown: %s", error)
            return []

    def choices(self, view: Assistant, status: Status) -> filters.Choices:
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

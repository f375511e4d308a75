"""What an empty chat shows: the library, filters, and examples; now, and when it changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Hashable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TypeVar

from anyio.to_thread import run_sync

from assistant.answer.suggestions import TopicQuestion
from assistant.assistant import Assistant
from assistant.language.locales import Locale
from assistant.models.clearance import Clearance
from assistant.models.status import Status
from assistant.support.errors import AssistantError
from assistant.web.api.errors import told
from assistant.web.chat.filters import Choices, choices
from assistant.web.turns.questions import Questions

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

log = logging.getLogger(__name__)

EXAMPLES = 6
ALSO = ("answer.looking", "answer.stopped", "ask.often", "filters", "filters.on")
"""Texts that scripts say, besides those under ``page.``."""

LOOK_S = 1.0
"""Seconds between two looks at a library that is being read."""

HOLD_S = 20.0
"""Longest time for which a request is held until there is news."""

MOST_KNOWN = 128
"""Cached choices of filters, one per clearance, and examples, one per clearance and language."""

Held = tuple[object, ...]
"""What is another after each sync that changed something."""


@dataclass(frozen=True, slots=True)
class EmptyChat:
    """The state of an empty chat. ``seeking`` says that better examples are to come: whether
    questions are answered takes a second to find out.
    """

    status: Status
    choices: Choices
    examples: tuple[TopicQuestion, ...]
    seeking: bool

    @property
    def changing(self) -> bool:
        """Whether it changes by itself."""
        return self.seeking or self.status.syncing or self.status.rebuilding


class Opening:
    """Reads the library for empty chats; its errors are shown, not raised.

    However many wait for news, there is one look a second for each group of people and language.
    """

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._choices: dict[Clearance, tuple[Held, Choices]] = {}
        self._examples: dict[tuple[Clearance, str], tuple[Held, tuple[TopicQuestion, ...]]] = {}
        self._looks: dict[Hashable, asyncio.Task[EmptyChat]] = {}

    async def states(self, view: Assistant, language: str) -> AsyncGenerator[EmptyChat, None]:
        """The state now and after each change, until it does not change by itself, or the server
        shuts down.
        """
        shown = await run_sync(self._look, view, language)
        yield shown
        while shown.changing and self._questions.accepting:
            before, shown = shown, await self._next(view, language, shown)
            if shown != before:
                yield shown

    async def news(self, view: Assistant, language: str) -> EmptyChat:
        """The state as soon as it differs from now, after ``HOLD_S`` at the latest."""
        async with aclosing(self.states(view, language)) as states:
            shown = await anext(states)
            with suppress(TimeoutError, StopAsyncIteration):
                async with asyncio.timeout(HOLD_S):
                    shown = await anext(states)
        return shown

    async def now(self, view: Assistant, language: str) -> EmptyChat:
        """The state now."""
        return await run_sync(self._look, view, language)

    async def _next(self, view: Assistant, language: str, shown: EmptyChat) -> EmptyChat:
        """The next state, from one look for all who wait: equal groups always see the same."""
        key = view.groups, language
        look = self._looks.get(key)
        if look is None:
            look = asyncio.create_task(self._look_again(view, language, shown))
            self._looks[key] = look
            look.add_done_callback(lambda _: self._looks.pop(key))
        return await asyncio.shield(look)  # others wait for it, too

    async def _look_again(self, view: Assistant, language: str, shown: EmptyChat) -> EmptyChat:
        if shown.seeking:
            await run_sync(self._seek, view, language, _held(shown.status))
        else:
            await asyncio.sleep(LOOK_S)
        return await run_sync(self._look, view, language)

    def _look(self, view: Assistant, language: str) -> EmptyChat:
        try:
            clearance, status = view.clearance, view.status()
        except AssistantError as error:
            log.error("The library cannot be shown: %s", error)
            status = Status(0, (), None, False, 0, 0, (), error=told(error), ready=False)
            return EmptyChat(status, Choices(), (), seeking=False)
        held, examples = self._examples.get((clearance, language), ((), ()))
        if status.syncing or not status.ready:
            return EmptyChat(status, Choices(), examples, seeking=False)
        offered = self._offered(view, clearance, _held(status))
        return EmptyChat(status, offered, examples, seeking=held != _held(status))

    def _offered(self, view: Assistant, clearance: Clearance, held: Held) -> Choices:
        # Scanning many articles takes a second: do it once, not for every reader.
        known = self._choices.get(clearance)
        if known is None or known[0] != held:
            try:
                known = held, choices(view.articles())
            except AssistantError as error:
                log.error("No filters can be shown: %s", error)
                return Choices()
            self._choices = _with(self._choices, clearance, known)
        return known[1]

    def _seek(self, view: Assistant, language: str, held: Held) -> None:
        """Find out which examples are answered."""
        clearance = view.clearance
        found: tuple[TopicQuestion, ...] = ()
        try:
            found = tuple(view.examples(language, EXAMPLES))
        except AssistantError as error:
            log.error("No examples can be shown: %s", error)
        if view.clearance == clearance:  # else the rules have changed meanwhile
            self._examples = _with(self._examples, (clearance, language), (held, found))


def script_texts(view: Assistant, locale: Locale) -> dict[str, str]:
    """What the scripts of the page and of the widget say, and that the server translates, if it
    does.
    """
    translates = {"page.translates": "yes"} if view.translates else {}
    return locale.under("page.") | {key: locale.texts[key] for key in ALSO} | translates


def _held(status: Status) -> Held:
    return status.articles, status.languages, status.newest, status.synced


def _with(known: dict[K, V], key: K, value: V) -> dict[K, V]:
    """``known`` with one more, without the oldest if there are too many."""
    return dict([*known.items(), (key, value)][-MOST_KNOWN:])

"""What an empty chat is told, now and when it changes, however many wait for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from assistant.answer.suggestions import TopicQuestion
from assistant.models.status import Status
from assistant.web.chat import opening
from assistant.web.chat.opening import EmptyChat, Opening
from assistant.web.turns.questions import Questions
from tests.support.fakes import FakeAssistant

VISITORS = 100
PATIENCE_S = 20


@dataclass
class Slow(FakeAssistant):
    """Finds its examples when ``known`` is set, and counts what it is asked."""

    known: threading.Event = field(default_factory=threading.Event)
    looks: int = 0
    sought: int = 0

    def status(self) -> Status:
        self.looks += 1
        return super().status()

    def examples(self, language: str, count: int = 6) -> list[TopicQuestion]:
        self.sought += 1
        assert self.known.wait(PATIENCE_S)
        return super().examples(language, count)


async def all_states(opened: Opening, view: Any) -> list[EmptyChat]:
    return [one async for one in opened.states(view, "en")]


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await test()

    asyncio.run(bounded())


def test_a_hundred_visitors_wait_for_the_examples_with_one_search_and_one_thread() -> None:
    async def test() -> None:
        slow, opened = Slow(), Opening(Questions())
        examples = tuple(FakeAssistant().examples("en"))
        visitors = [asyncio.create_task(all_states(opened, slow)) for _ in range(VISITORS)]
        while slow.looks < VISITORS:
            await asyncio.sleep(0.01)
        before, started = slow.looks, threading.active_count()
        await asyncio.sleep(0.2)
        assert slow.looks == before
        assert threading.active_count() <= started
        slow.known.set()
        for first, last in await asyncio.gather(*visitors):
            assert (first.examples, first.changing) == ((), True)
            assert (last.examples, last.changing) == (examples, False)
        assert slow.looks == before + 1
        assert slow.sought == 1
        assert [one.changing for one in await all_states(opened, slow)] == [False]

    run(test)


def test_who_waits_is_told_of_each_step_of_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LOOK_S", 0.01)

    async def test() -> None:
        fake, opened = FakeAssistant(), Opening(Questions())
        ready = fake.state
        fake.state = replace(ready, syncing=True, done=0)
        done = []
        async for shown in opened.states(fake, "en"):  # type: ignore[arg-type]
            done.append(shown.status.done)
            fake.state = ready if shown.status.done else replace(fake.state, done=1)
        assert done == [0, 1, 2, 2]  # the last with examples
        assert shown.examples

    run(test)


def test_a_held_request_is_answered_in_time_and_when_the_server_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "LOOK_S", 0.05)
    monkeypatch.setattr(opening, "HOLD_S", 0.2)

    async def test() -> None:
        questions, fake = Questions(), FakeAssistant()
        opened, view = Opening(questions), fake
        fake.state = replace(fake.state, syncing=True)
        assert (await opened.news(view, "en")).changing  # type: ignore[arg-type]
        waiting = asyncio.create_task(all_states(opened, fake))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        questions.stop()
        assert len(await waiting) == 1

    run(test)

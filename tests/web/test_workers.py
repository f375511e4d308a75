import asyncio
import threading
import time
from contextlib import aclosing
from functools import partial

import pytest

from assistant.support.errors import OverloadError, TooSlowError
from assistant.web.turns.places import Places
from assistant.web.turns.workers import Workers


def test_no_more_is_done_at_once_than_allowed():
    running, most = 0, 0
    lock = threading.Lock()

    def work():
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return "done"

    async def run():
        workers = Workers(at_once=2, most_waiting=10)
        return await asyncio.gather(*(workers.run(work) for _ in range(6)))

    assert asyncio.run(run()) == ["done"] * 6
    assert most == 2


def test_more_than_may_wait_is_turned_away_and_there_is_room_again():
    async def run():
        workers = Workers(at_once=1, most_waiting=1)
        work = [workers.run(lambda: time.sleep(0.02)) for _ in range(3)]
        first = await asyncio.gather(*work, return_exceptions=True)
        return first, await workers.run(lambda: "room")

    first, later = asyncio.run(run())
    assert [type(one) for one in first] == [type(None), type(None), OverloadError]
    assert later == "room"


async def stream(workers, items):
    """The items, each made in a thread at one place."""
    async with workers.place(items.close) as place:
        while (item := await place.do(partial(next, items, None))) is not None:
            yield item


def numbers(closed):
    try:
        yield from range(1, 1000)
    finally:
        closed.append(True)


def test_items_come_one_by_one_and_closing_closes_where_they_come_from():
    closed, seen = [], []

    async def run():
        workers = Workers(at_once=1)
        async with aclosing(stream(workers, numbers(closed))) as items:
            async for item in items:
                seen.append(item)
                if item == 3:
                    break
        return await workers.run(lambda: "room")

    assert asyncio.run(run()) == "room"
    assert seen == [1, 2, 3]
    assert closed == [True]


def test_cancelling_closes_where_the_items_come_from():
    closed = []

    async def use(workers):
        async with aclosing(stream(workers, numbers(closed))) as items:
            async for _ in items:
                await asyncio.sleep(10)

    async def run():
        task = asyncio.create_task(use(Workers()))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert closed == [True]


def test_an_error_of_the_work_is_raised_and_gives_its_place_back():
    def fail():
        yield 1
        raise ValueError("no")

    async def run():
        workers = Workers(at_once=1, most_waiting=0)
        for _ in range(3):
            with pytest.raises(ValueError, match="no"):
                [item async for item in stream(workers, fail())]

    asyncio.run(run())


def test_what_takes_too_long_is_given_up_and_keeps_its_place_until_it_ends():
    go_on, closed = threading.Event(), []

    def hang():
        try:
            go_on.wait(20)
            yield 1
        finally:
            closed.append(True)

    async def run():
        workers = Workers(at_once=1, most_waiting=5, longest_s=0.1)
        with pytest.raises(TooSlowError, match=r"longer than 0\.1 seconds"):
            [item async for item in stream(workers, hang())]
        assert closed == []
        with pytest.raises(OverloadError):  # its thread is still at it
            await workers.run(lambda: "room")
        go_on.set()
        while not closed:
            await asyncio.sleep(0.01)
        return await workers.run(lambda: "room")

    assert asyncio.run(run()) == "room"


def test_work_that_hangs_does_not_pile_up():
    go_on, begun = threading.Event(), []

    def hang():
        begun.append(True)
        go_on.wait(20)

    async def run():
        workers = Workers(at_once=2, most_waiting=50, longest_s=0.1)
        work = (workers.run(hang) for _ in range(20))
        found = await asyncio.gather(*work, return_exceptions=True)
        go_on.set()
        return found

    found = asyncio.run(run())
    assert len(begun) == 2
    assert (
        sorted(type(one).__name__ for one in found) == ["OverloadError"] * 18 + ["TooSlowError"] * 2
    )


def test_who_leaves_does_not_wait_for_what_is_being_made():
    go_on, closed = threading.Event(), []

    def hang():
        try:
            go_on.wait(20)
            yield 1
        finally:
            closed.append(True)

    async def use(workers):
        async with aclosing(stream(workers, hang())) as items:
            async for _ in items:
                pass

    async def run():
        workers = Workers(at_once=1)
        task = asyncio.create_task(use(workers))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert closed == []
        go_on.set()
        return await workers.run(lambda: "room")

    assert asyncio.run(run()) == "room"
    assert closed == [True]


def test_one_asker_leaves_half_of_the_places_to_the_others():
    async def run():
        places, order = Places(4), []

        async def take(asker):
            await places.take(asker)
            order.append(asker)

        flood = [asyncio.create_task(take("flood")) for _ in range(6)]
        await asyncio.sleep(0)
        other = [asyncio.create_task(take("other")) for _ in range(2)]
        await asyncio.sleep(0.01)
        assert order == ["flood", "flood", "other", "other"]
        places.give_back("other")  # there is a place, but not for the flood
        await asyncio.sleep(0.01)
        assert order.count("flood") == 2
        flood[2].cancel()
        places.give_back("flood")
        await asyncio.sleep(0.01)
        assert order.count("flood") == 3
        places.give_back("flood")
        flood[4].cancel()  # it has just got the place: it goes on to the next
        await asyncio.sleep(0.01)
        assert order.count("flood") == 4
        for task in flood:
            task.cancel()
        await asyncio.gather(*flood, *other, return_exceptions=True)

    asyncio.run(run())


def test_the_owner_may_have_all_places():
    async def run():
        places = Places(4)
        async with asyncio.timeout(5):
            for _ in range(4):
                await places.take(None)

    asyncio.run(run())

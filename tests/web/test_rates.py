import pytest

from assistant.web.gate.rates import Rate


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_as_many_as_allowed_then_one_for_each_part_of_the_minute():
    clock = Clock()
    rate = Rate(6, clock=clock)
    assert [rate.wait("a") for _ in range(7)] == [0] * 6 + [10]
    clock.now += 9.5
    assert rate.wait("a") == 1
    clock.now += 1
    assert rate.wait("a") == 0
    assert rate.wait("a") == 10


def test_being_turned_away_does_not_make_the_wait_longer():
    clock = Clock()
    rate = Rate(1, clock=clock)
    assert rate.wait("a") == 0
    assert [rate.wait("a") for _ in range(100)] == [60] * 100
    clock.now += 60
    assert rate.wait("a") == 0


def test_no_more_is_saved_up_than_a_minute_holds():
    clock = Clock()
    rate = Rate(2, clock=clock)
    rate.wait("a")
    clock.now += 3600
    assert [rate.wait("a") for _ in range(3)] == [0, 0, 30]


def test_askers_do_not_take_from_each_other():
    rate = Rate(1, clock=Clock())
    assert rate.wait("a") == 0
    assert rate.wait("b") == 0
    assert rate.wait("a") > 0


@pytest.mark.parametrize(("per_minute", "asker"), [(0, "a"), (1, None)])
def test_without_a_rate_or_an_asker_nothing_is_counted(per_minute, asker):
    rate = Rate(per_minute, clock=Clock())
    assert [rate.wait(asker) for _ in range(1000)] == [0] * 1000


def test_only_so_many_askers_are_remembered_the_latest_ones():
    rate = Rate(1, most_askers=10, clock=Clock())
    for number in range(1000):
        rate.wait(str(number))
        rate.wait("busy")
    assert len(rate._buckets) == 10
    assert rate.wait("busy") > 0
    assert rate.wait("0") == 0

import pytest

from assistant.evaluation.measures import (
    Measure,
    Row,
    bootstrap,
    share,
    share_of_parts,
    table,
    wilson,
)


def test_wilson_agrees_with_the_published_value():
    # 81 of 263: 0.2553 to 0.3662 (Newcombe 1998, table I, method 3).
    measure = wilson(81, 263)
    assert (round(measure.low, 4), round(measure.high, 4)) == (0.2553, 0.3662)
    assert wilson(3, 3).high == 1
    assert wilson(0, 3).low == 0


def test_the_bootstrap_is_the_same_every_time_and_holds_the_mean():
    values = [1, 0.5, 0, 1, 1, 0.2]
    measure = bootstrap(values)
    assert measure == bootstrap(values)
    assert measure.low < measure.value < measure.high


def test_a_share_of_nothing_is_nothing():
    assert share([]) is None
    assert share([True, False, False, False]).value == 0.25


def test_parts_of_one_whole_count_as_one_observation():
    parts = [[True, True, True], [False], []]
    measure = share_of_parts(parts)
    assert measure.value == pytest.approx(3 / 4)
    assert (measure.low, measure.high) == (wilson(1.5, 2).low, wilson(1.5, 2).high)
    assert share_of_parts([[], []]) is None


def test_a_table_has_a_dash_where_nothing_is_measured():
    rows = [
        Row("all", 1200, {"a": Measure(0.5, 0.25, 0.75), "b": None}),
        Row("one", 1, {"a": None, "b": Measure(1, 0, 1)}),
    ]
    lines = table(rows).splitlines()
    assert lines[0].split() == ["n", "a", "b"]
    assert lines[1].split() == ["all", "1200", "0.500", "(0.250-0.750)", "–"]
    assert lines[0].index("b") == lines[1].index("–")
    assert rows[0].to_json() == {
        "group": "all",
        "questions": 1200,
        "a": [0.5, 0.25, 0.75],
        "b": None,
    }

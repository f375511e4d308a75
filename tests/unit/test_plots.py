import re

import pytest

from assistant.evaluation.plots import Axis, Dot, PlotLine, plot, tenths

UNIT = Axis("share", [0, 0.5, 1])


def circles(drawn):
    return re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn)


def test_the_corners_of_the_axes_are_the_corners_of_the_plot():
    drawn = plot("p", [PlotLine("a", 0, [(0, 0), (1, 1)])], UNIT, UNIT)
    assert 'points="44.0,256.0 426.0,12.0"' in drawn


def test_a_label_on_another_is_left_out_but_that_of_the_ring():
    dots = [
        Dot(0.5, 0.5, "first", ""),
        Dot(0.51, 0.5, "ring", "", now=True),
        Dot(0.9, 0.1, "far", ""),
    ]
    drawn = plot("p", [PlotLine("a", 0, [], dots)], UNIT, UNIT)
    assert len(circles(drawn)) == 3
    assert re.findall(r'class="label"[^>]*>(\w+)<', drawn) == ["far", "ring"]


def test_names_are_escaped():
    drawn = plot(
        '"<', [PlotLine("<a>", 9, [(0, 0)], [Dot(0, 0, "<l>", "<t>")])], UNIT, Axis("<u>", [0, 1])
    )
    assert not re.search("<[altu]>", drawn)
    assert 'aria-label="&#34;&lt;"' in drawn


@pytest.mark.parametrize(
    ("lowest", "marks"),
    [
        (0.0, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0.35, [0.2, 0.4, 0.6, 0.8, 1]),
        (0.7, [0.6, 0.7, 0.8, 0.9, 1]),
        (1.0, [0.8, 0.9, 1]),
    ],
)
def test_the_axis_begins_below_the_lowest_value_and_ends_at_one(lowest, marks):
    assert tenths(lowest) == marks

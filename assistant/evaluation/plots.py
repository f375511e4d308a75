"""Line plots as inline SVG that follows the page's colours and needs no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from assistant.evaluation.report_page import render

_WIDTH, _HEIGHT = 440, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 14, 12, 44

_COLOURS = 8


@dataclass(frozen=True, slots=True)
class Dot:
    """A marked point: ``label`` beside it, ``tip`` as a tooltip, ``now`` draws it as a ring."""

    x: float
    y: float
    label: str
    tip: str
    now: bool = False


@dataclass(frozen=True, slots=True)
class PlotLine:
    """A line through points, with the marked ones; ``colour`` is one of eight, from 0."""

    name: str
    colour: int
    points: Sequence[tuple[float, float]]
    dots: Sequence[Dot] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: its title and its ticks, from the first to the last."""

    name: str
    marks: Sequence[float]

    def part(self, value: float) -> float:
        """The position of ``value`` on the axis, from 0 to 1."""
        return (value - self.marks[0]) / (self.marks[-1] - self.marks[0])


def tenths(lowest: float) -> list[float]:
    """Ticks from a tenth below ``lowest`` up to 1, at most six."""
    first = min(8, int(max(0.0, lowest - 1e-9) * 10))
    step = 1 if first >= 5 else 2
    return [mark / 10 for mark in range(first - first % step, 11, step)]


def plot(
    name: str, lines: Sequence[PlotLine], across: Axis, up: Axis, guide: float | None = None
) -> Markup:
    """A legend and the plot; ``name`` is its accessible name.

    ``guide`` is a value of ``across`` marked by a dashed line.
    """

    def x(value: float) -> float:
        return round(_LEFT + across.part(value) * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        return round(_HEIGHT - _BOTTOM - up.part(value) * (_HEIGHT - _BOTTOM - _TOP), 1)

    labelled: list[tuple[float, float]] = []
    # The ring's label first, so that it gets its place; the ring itself last, to be on top.
    dots = [
        [_placed(dot, x(dot.x), y(dot.y), labelled) for dot in sorted(line.dots, key=_is_other)]
        for line in lines
    ]
    drawn = render(
        "plot.html",
        name=name,
        lines=list(zip(lines, dots, strict=True)),
        across=across,
        up=up,
        guide=guide,
        x=x,
        y=y,
        colours=_COLOURS,
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        right=_WIDTH - _RIGHT,
        top=_TOP,
        bottom=_HEIGHT - _BOTTOM,
    )
    return Markup(drawn)


def _is_other(dot: Dot) -> bool:
    return not dot.now


def _placed(
    dot: Dot, x: float, y: float, labelled: list[tuple[float, float]]
) -> tuple[Dot, float, float, bool]:
    """The point with its place, and whether it is labelled: not if the label would overlap one of
    ``labelled``, to which it is added.
    """
    free = all(abs(x - a) > 26 or abs(y - b) > 14 for a, b in labelled)
    if free:
        labelled.append((x, y))
    return dot, x, y, free

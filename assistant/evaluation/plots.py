"""Line plots as inline SVG that follows the page's colours and needs no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 440, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 14, 12, 44

STYLE = """
.plot { width: 100%; height: auto; display: block; font-size: 12px; fill: var(--soft); }
.plot path { stroke: var(--line); }
.plot .guide { stroke: var(--soft); stroke-dasharray: 3 4; }
.plot polyline { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke: var(--colour); }
.plot circle { fill: var(--colour); }
.plot .now { fill: var(--paper); stroke: var(--colour); stroke-width: 2.5; }
.plot .label { fill: var(--ink); font-size: 11px; paint-order: stroke; stroke: var(--paper);
  stroke-width: 3px; stroke-linejoin: round; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 8px; padding: 0;
  font-size: 14px; }
.legend li { list-style: none; margin: 0; }
.legend li::before { content: ""; display: inline-block; width: 16px; height: 3px;
  margin: 0 7px 4px 0; background: var(--colour); border-radius: 2px; }
.c0 { --colour: light-dark(#2b5bd7, #8fb0ff); } .c1 { --colour: light-dark(#c2410c, #fdba74); }
.c2 { --colour: light-dark(#0f766e, #5eead4); } .c3 { --colour: light-dark(#7e22ce, #d8b4fe); }
.c4 { --colour: light-dark(#4d7c0f, #bef264); } .c5 { --colour: light-dark(#be185d, #f9a8d4); }
.c6 { --colour: light-dark(#a16207, #fde047); } .c7 { --colour: light-dark(#475569, #cbd5e1); }
"""
"""For a page with the web pages' colour variables."""

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
) -> str:
    """A legend and the plot; ``name`` is its accessible name.

    ``guide`` is a value of ``across`` marked by a dashed line.
    """
    parts = [*_across(across), *_up(up)]
    if guide is not None:
        parts.append(
            f'<path class="guide" d="M{_x(across, guide):.1f} {_TOP}V{_HEIGHT - _BOTTOM}"/>'
        )
    legend, labelled = [], list[tuple[float, float]]()
    for line in lines:
        colour = f"c{line.colour % _COLOURS}"
        legend.append(f'<li class="{colour}">{escape(line.name)}</li>')
        places = " ".join(f"{_x(across, x):.1f},{_y(up, y):.1f}" for x, y in line.points)
        dots = "\n".join(_dots(line.dots, across, up, labelled))
        parts.append(f'<g class="{colour}"><polyline points="{places}"/>\n{dots}</g>')
    inside = "\n".join(parts)
    return (
        f'<ul class="legend">{"".join(legend)}</ul>\n'
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(name)}">\n{inside}\n</svg>'
    )


def _x(axis: Axis, value: float) -> float:
    return _LEFT + axis.part(value) * (_WIDTH - _LEFT - _RIGHT)


def _y(axis: Axis, value: float) -> float:
    return _HEIGHT - _BOTTOM - axis.part(value) * (_HEIGHT - _BOTTOM - _TOP)


def _across(axis: Axis) -> list[str]:
    bottom = _HEIGHT - _BOTTOM
    marks = [
        f'<text x="{_x(axis, mark):.1f}" y="{bottom + 17}" text-anchor="middle">{mark:g}</text>'
        for mark in axis.marks
    ]
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    name = f'<text x="{middle}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(axis.name)}</text>'
    return [*marks, name]


def _up(axis: Axis) -> list[str]:
    parts = []
    for mark in axis.marks:
        y = _y(axis, mark)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{mark:g}</text>')
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    turned = f'transform="translate(11 {middle}) rotate(-90)" text-anchor="middle"'
    return [*parts, f"<text {turned}>{escape(axis.name)}</text>"]


def _dots(
    dots: Sequence[Dot], across: Axis, up: Axis, labelled: list[tuple[float, float]]
) -> list[str]:
    """The marked points. A label that would overlap one of ``labelled`` is omitted, others are
    added to it.
    """
    parts = []
    # The ring's label first, so that it gets its place; the ring itself last, to be on top.
    for dot in sorted(dots, key=lambda one: not one.now):
        x, y = _x(across, dot.x), _y(up, dot.y)
        shape = 'r="5.5" class="now"' if dot.now else 'r="3"'
        tip = f"<title>{escape(dot.tip)}</title>"
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" {shape}>{tip}</circle>')
        if all(abs(x - a) > 26 or abs(y - b) > 14 for a, b in labelled):
            labelled.append((x, y))
            at = f'x="{x + 7:.1f}" y="{y + 15:.1f}"'
            if x > _WIDTH - 50:
                at = f'x="{x - 7:.1f}" y="{y + 15:.1f}" text-anchor="end"'
            parts.append(f'<text class="label" {at}>{escape(dot.label)}</text>')
    return parts[::-1]

"""An evaluation as one HTML page that needs nothing else: no script, no file, no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from assistant.evaluation import DEPTH, RECALLS, Evaluation, Outcome

SHOWN = 3
"""Hits shown for a miss."""

_EXCERPT = 300  # characters of a hit
_WIDTH, _HEIGHT, _MARGIN = 640, 300, 40
_COLOURS = ("#0b6e99", "#c2410c", "#4d7c0f", "#7e22ce", "#b91c1c", "#0f766e", "#a16207", "#475569")

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
  color: #1c1917; background: #fff }
table { border-collapse: collapse } td, th { padding: .2rem .8rem .2rem 0; text-align: left }
td { font-variant-numeric: tabular-nums } small, .interval { color: #57534e }
li { margin-bottom: .5rem } details { border-top: 1px solid #d6d3d1; padding: .5rem 0 }
"""


def to_html(evaluation: Evaluation, title: str) -> str:
    """The page: the table of measures, recall by rank, and what was found for each miss."""
    misses = "\n".join(_miss(one) for one in evaluation.misses)
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(title)}</title><style>{_STYLE}</style></head>
<body>
<h1>{escape(title)}</h1>
<p>The share of questions whose article is among the first 1, 5 and 10 hits (R@k), and the mean of
one over its rank (MRR). Small figures are 95 % intervals.</p>
{_table(evaluation)}
<h2>Recall by rank</h2>
{_plot(evaluation.by_rank())}
<h2>{len(evaluation.misses)} questions whose first hit is another article</h2>
{misses}
</body>
</html>
"""


def _table(evaluation: Evaluation) -> str:
    names = ["", "questions", *(f"R@{k}" for k in RECALLS), f"MRR@{DEPTH}"]
    lines = ["<tr>" + "".join(f'<th scope="col">{name}</th>' for name in names) + "</tr>"]
    for row in evaluation.rows():
        cells = "".join(
            f'<td>{m.value:.3f} <small class="interval">{m.low:.3f}–{m.high:.3f}</small></td>'
            for m in (*row.recalls, row.mrr)
        )
        name = f'<th scope="row">{escape(row.group)}</th>'
        lines.append(f"<tr>{name}<td>{row.count}</td>{cells}</tr>")
    return "<table>\n" + "\n".join(lines) + "\n</table>"


def _plot(by_rank: dict[str, list[float]]) -> str:
    """A line a pair of languages; the share axis begins at the tenth below the lowest value."""
    lowest = min(value for values in by_rank.values() for value in values)
    floor = int(max(0.0, lowest - 1e-9) * 10) / 10
    right, bottom = _WIDTH - 3 * _MARGIN, _HEIGHT - _MARGIN

    def x(rank: int) -> float:
        return _MARGIN + (rank - 1) * (right - _MARGIN) / (DEPTH - 1)

    def y(share: float) -> float:
        return bottom - (share - floor) / (1 - floor) * (bottom - _MARGIN / 2)

    parts = [
        f'<text x="{x(rank):.0f}" y="{bottom + 20}" text-anchor="middle">{rank}</text>'
        for rank in range(1, DEPTH + 1)
    ]
    for tenth in range(round(floor * 10), 11):
        at = y(tenth / 10)
        parts.append(f'<path d="M{_MARGIN} {at:.1f}H{right}" stroke="#d6d3d1"/>')
        parts.append(
            f'<text x="{_MARGIN - 8}" y="{at + 4:.1f}" text-anchor="end">{tenth / 10}</text>'
        )
    for number, (pair, values) in enumerate(by_rank.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        points = " ".join(f"{x(rank):.1f},{y(v):.1f}" for rank, v in enumerate(values, 1))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        label = f'x="{right + 12}" y="{_MARGIN / 2 + 18 * number + 4:.0f}" fill="{colour}"'
        parts.append(f"<text {label}>{escape(pair)}</text>")
    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    name = "Share of questions whose article is found, by rank"
    inside = "\n".join(parts)
    return f'<svg {box} role="img" aria-label="{name}" font-size="12">\n{inside}\n</svg>'


def _miss(one: Outcome) -> str:
    rank = f"found at rank {one.rank}" if one.rank else f"not among the first {DEPTH}"
    expected = ", ".join(sorted(one.case.gold))
    return (
        f"<details><summary>{escape(one.case.question)} <small>{escape(one.pair)}, {rank}</small>"
        f"</summary><p>Expected: {escape(expected)}</p><ol>{_hits(one)}</ol></details>"
    )


def _hits(one: Outcome) -> str:
    return "".join(
        f"<li>{escape(hit.source)}: {escape(hit.title)} <small>{escape(hit.language)}, "
        f"{hit.score:.3f}, {_why(list(hit.why.items()))}</small><br>"
        f"{escape(hit.text[:_EXCERPT])}</li>"
        for hit in one.hits[:SHOWN]
    )


def _why(parts: Sequence[tuple[str, float]]) -> str:
    return escape(", ".join(f"{name} {value:.2f}" for name, value in parts))

"""HTML report of an evaluation of the search: measures, recall by rank, misses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape

from assistant.evaluation.plots import Axis, PlotLine, plot, tenths
from assistant.evaluation.report_page import figures, interval, measures, page, terms
from assistant.evaluation.retrieval import DEPTH, Evaluation, RetrievalOutcome

SHOWN = 3
"""Hits shown per miss."""

_TERMS = {
    "R@k": "of the questions, those whose article is among the first k hits",
    f"MRR@{DEPTH}": f"the mean of one over the article’s rank, 0 below rank {DEPTH}",
}

_EXCERPT = 300  # characters of a hit


def to_html(evaluation: Evaluation, title: str) -> str:
    """The page: table of measures, recall by rank, and the hits of each miss."""
    rows = evaluation.rows()
    misses = evaluation.misses
    return page(
        title,
        [
            f'<p class="about">{rows[0].count:,} questions.</p>',
            figures(
                (name, f"{measure.value:.3f}", interval(measure))
                for name, measure in rows[0].measures.items()
                if measure
            ),
            "<h2>Measures</h2>",
            terms(_TERMS),
            "<p>Ranges are 95 % intervals; a pair of languages is the question’s, then the "
            "article’s.</p>",
            measures(rows),
            "<h2>Recall by rank</h2>",
            f'<div class="plots one"><div>{_plot(evaluation.by_rank())}</div></div>',
            f"<h2>{len(misses)} questions whose first hit is another article</h2>"
            if misses
            else "",
            *map(_miss, misses),
        ],
    )


def _plot(by_rank: dict[str, list[float]]) -> str:
    """One line per language pair; pairs with equal values share one."""
    lowest = min(value for values in by_rank.values() for value in values)
    alike: dict[tuple[float, ...], list[str]] = defaultdict(list)
    for pair, values in by_rank.items():
        alike[tuple(values)].append(pair)
    lines = [
        PlotLine(", ".join(pairs), number, list(enumerate(values, 1)))
        for number, (values, pairs) in enumerate(alike.items())
    ]
    return plot(
        "Share of questions whose article is found, by rank",
        lines,
        Axis("up to rank", range(1, DEPTH + 1)),
        Axis("found", tenths(lowest)),
    )


def _miss(one: RetrievalOutcome) -> str:
    rank = f"found at rank {one.rank}" if one.rank else f"not among the first {DEPTH}"
    expected = ", ".join(sorted(one.case.gold))
    return (
        f"<details><summary>{escape(one.case.question)} <small>{escape(one.pair)}, {rank}</small>"
        f"</summary><p>Expected: {escape(expected)}</p><ol>{_hits(one)}</ol></details>"
    )


def _hits(one: RetrievalOutcome) -> str:
    return "".join(
        f"<li>{escape(hit.source)}: {escape(hit.title)} <small>{escape(hit.language)}, "
        f"{hit.score:.3f}, {_why(list(hit.why.items()))}</small><br>"
        f"{escape(hit.text[:_EXCERPT])}</li>"
        for hit in one.hits[:SHOWN]
    )


def _why(parts: Sequence[tuple[str, float]]) -> str:
    return escape(", ".join(f"{name} {value:.2f}" for name, value in parts))

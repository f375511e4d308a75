"""HTML report of an evaluation of the search: measures, recall by rank, misses."""

from __future__ import annotations

from collections import defaultdict

from markupsafe import Markup

from assistant.evaluation.plots import Axis, PlotLine, plot, tenths
from assistant.evaluation.report_page import measures, render
from assistant.evaluation.retrieval import DEPTH, Evaluation

_TERMS = {
    "R@k": "of the questions, those whose article is among the first k hits",
    f"MRR@{DEPTH}": f"the mean of one over the article’s rank, 0 below rank {DEPTH}",
}


def to_html(evaluation: Evaluation, title: str) -> str:
    """The page: table of measures, recall by rank, and the hits of each miss."""
    rows = evaluation.rows()
    return render(
        "retrieval.html", **measures(rows), title=title, terms=_TERMS, overall=rows[0], depth=DEPTH,
        plot=_plot(evaluation.by_rank()), misses=evaluation.misses,
    )  # fmt: skip


def _plot(by_rank: dict[str, list[float]]) -> Markup:
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

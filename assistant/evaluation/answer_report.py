"""HTML report of an evaluation of answers: measures, refusal curve, failures."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from assistant.evaluation import tones
from assistant.evaluation.answer_outcomes import ANYWAY, ELSEWHERE, FIRST, MISTAKEN, AnswerOutcome
from assistant.evaluation.answers import QUOTES, AnswerEvaluation, RefusalPoint
from assistant.evaluation.measures import written
from assistant.evaluation.plots import Axis, Dot, PlotLine, plot
from assistant.evaluation.question_sets import UNRELATED
from assistant.evaluation.report_page import measures, render
from assistant.models.article import UNKNOWN_LANGUAGE

_FIFTHS = (0, 0.2, 0.4, 0.6, 0.8, 1)

_FAILURES = {
    MISTAKEN: "refused, though the articles answer",
    ELSEWHERE: f"answered without the evidence among the first {FIRST} citations",
    ANYWAY: "answered, though the articles do not answer",
}

_TERMS = {
    f"Evidence@{FIRST}": f"of the answerable questions, those where one of the first {FIRST} "
    "citations overlaps the words that answer; a refusal counts as a miss",
    "Refused by mistake": "of the answerable questions",
    "Refused rightly": "of those that the articles do not answer",
    "Supported": "of the answers’ sentences, those that passed the check against their sources",
    "Cites evidence": "of the sentences of answers to answerable questions, those with a citation "
    "that overlaps the words that answer",
}


def to_html(evaluation: AnswerEvaluation, title: str) -> str:
    """The page: key figures, the table, refusals by strictness, and each failure."""
    outcomes, rows = evaluation.outcomes, evaluation.rows()
    by_group = {row.group: row.measures for row in rows}
    count = sum(one.golden.kind != UNRELATED for one in outcomes)
    by_failure = {
        heading: [one for one in evaluation.misses if one.failure == failure]
        for failure, heading in _FAILURES.items()
    }
    refusing = {} if all(one.golden.answerable for one in outcomes) else _refusals(evaluation)
    return render(
        "answers.html",
        **measures(rows),
        title=title,
        terms=_TERMS,
        count=count,
        others=len(outcomes) - count,
        mode="quotes" if evaluation.mode == QUOTES else evaluation.mode,
        strictness=f"{evaluation.strictness:g}",
        first=FIRST,
        overall=rows[0].measures,
        refused=by_group.get("all", {}).get("refused rightly"),
        unrelated=by_group.get(UNRELATED, {}).get("refused rightly"),
        exact=evaluation.exactness(),
        took=evaluation.latency(),
        about=_about,
        misses={heading: some for heading, some in by_failure.items() if some},
        doubtful=[one for one in outcomes if not all(s.supported for s in one.answer.sentences)],
        **refusing,
    )


def _about(one: AnswerOutcome) -> str:
    language = "" if one.language == UNKNOWN_LANGUAGE else one.language
    said = [one.pair or language, one.golden.kind, f"confidence {one.answer.confidence:.2f}"]
    return ", ".join(filter(None, said))


def _refusals(evaluation: AnswerEvaluation) -> dict[str, object]:
    """The plots and tables of refusals and of certainty, by their names in the template."""
    relevances = {one.answer.relevance for one in evaluation.outcomes}
    # The shares change just above each of them.
    steps = sorted({0.0, 1.0, *(at for r in relevances for at in (r, min(1.0, r + 1e-6)))})
    every = evaluation.refusals(steps)
    marked = evaluation.refusals(sorted({*(n / 10 for n in range(11)), evaluation.strictness}))
    plots = {"By strictness": _by_strictness(every, evaluation.strictness)}
    if every[0].mistaken is not None:
        plots["What it costs"] = _trade(every, marked, evaluation.strictness)
    return {
        "plots": plots,
        "refusals": [(f"{p.strictness:g}", list(map(written, _shares(p)))) for p in marked],
        "reliability": _reliability(evaluation),
        "tones": [
            (name, [f"{len(some):,}", *map(written, tones.shares(some))])
            for name, some in evaluation.groups().items()
        ],
    }


def _reliability(evaluation: AnswerEvaluation) -> Markup:
    """Whether the confidence keeps what it promises."""
    groups = tones.reliability(evaluation.outcomes)
    line = [(group.confidence, group.answerable) for group in groups]
    dots = [
        Dot(x, y, "", f"{group.questions:,} questions: confidence {x:.3f}, {y:.3f} answerable")
        for group, (x, y) in zip(groups, line, strict=True)
    ]
    return plot(
        "Share that the articles answer, by confidence",
        [PlotLine("as promised", 7, [(0, 0), (1, 1)]), PlotLine("answerable", 0, line, dots)],
        Axis("confidence", _FIFTHS),
        Axis("answerable", _FIFTHS),
    )


def _shares(point: RefusalPoint) -> tuple[float | None, ...]:
    return point.mistaken, point.unanswerable, point.unrelated


def _by_strictness(every: Sequence[RefusalPoint], now: float) -> Markup:
    names = ("answerable, by mistake", "unanswerable", UNRELATED)
    lines = []
    for which, name in enumerate(names):
        shares = [(p.strictness, _shares(p)[which]) for p in every]
        points = [(at, share) for at, share in shares if share is not None]
        if points:
            lines.append(PlotLine(name, which, points))
    return plot(
        "Share of questions refused, by strictness",
        lines,
        Axis("strictness", _FIFTHS),
        Axis("refused", _FIFTHS),
        guide=now,
    )


def _trade(every: Sequence[RefusalPoint], marked: Sequence[RefusalPoint], now: float) -> Markup:
    """The refusal curve: rightly refused over refused by mistake."""
    lines = []
    for which, name in ((1, "unanswerable"), (2, UNRELATED)):
        points = [(p.mistaken, _shares(p)[which]) for p in every]
        known = [(x, y) for x, y in points if x is not None and y is not None]
        dots = [
            Dot(x, y, f"{p.strictness:g}", f"strictness {p.strictness:g}: {y:.3f} {name} refused, "
                f"{x:.3f} by mistake", p.strictness == now)
            for p in marked
            if (x := p.mistaken) is not None and (y := _shares(p)[which]) is not None
        ]  # fmt: skip
        if known:
            lines.append(PlotLine(name, which, known, dots))
    return plot(
        "Share of unanswerable questions refused, over the share refused by mistake",
        lines,
        Axis("answerable ones refused by mistake", _FIFTHS),
        Axis("refused rightly", _FIFTHS),
    )

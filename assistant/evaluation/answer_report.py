"""HTML report of an evaluation of answers: measures, refusal curve, failures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from assistant.evaluation import tones
from assistant.evaluation.answer_outcomes import ANYWAY, ELSEWHERE, FIRST, MISTAKEN, AnswerOutcome
from assistant.evaluation.answers import QUOTES, AnswerEvaluation, RefusalPoint
from assistant.evaluation.measures import NOTHING, Measure
from assistant.evaluation.plots import Axis, Dot, PlotLine, plot
from assistant.evaluation.question_sets import UNRELATED
from assistant.evaluation.report_page import figures, interval, measures, page, table, terms
from assistant.models.answer import Citation
from assistant.models.article import UNKNOWN_LANGUAGE

_FIFTHS = Axis("", [0, 0.2, 0.4, 0.6, 0.8, 1])

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
    mode = "quotes" if evaluation.mode == QUOTES else evaluation.mode
    count = sum(one.golden.kind != UNRELATED for one in evaluation.outcomes)
    others = len(evaluation.outcomes) - count
    unrelated = f" and {others:,} about other things" if others else ""
    return page(
        title,
        [
            f'<p class="about">{count:,} questions{unrelated}, answered with {escape(mode)} at '
            f"strictness {evaluation.strictness:g}.</p>",
            figures(_figures(evaluation)),
            "<h2>Measures</h2>",
            terms(_TERMS),
            "<p>Ranges are 95 % intervals; a pair of languages is the question’s, then the "
            "article’s.</p>",
            measures(evaluation.rows()),
            *_refusals(evaluation),
            *_certainty(evaluation),
            *_misses(evaluation),
        ],
    )


def _figures(evaluation: AnswerEvaluation) -> Iterable[tuple[str, str, str]]:
    rows = {row.group: row for row in evaluation.rows()}
    overall = rows.get("all") or rows[UNRELATED]

    def of(name: str, measure: Measure | None) -> Iterable[tuple[str, str, str]]:
        if measure:
            yield name, f"{measure.value:.3f}", interval(measure)

    yield from of("Evidence cited", overall.measures[f"evidence@{FIRST}"])
    yield from of("Refused by mistake", overall.measures["refused by mistake"])
    if "all" in rows:
        yield from of("Refused rightly", overall.measures["refused rightly"])
    if UNRELATED in rows:
        yield from of("Unrelated refused", rows[UNRELATED].measures["refused rightly"])
    yield from of("Sentences supported", overall.measures["supported"])
    exact, cited = evaluation.exactness()
    yield "Exact citations", f"{exact:,}", f"of {cited:,}"
    took = evaluation.latency()
    yield "Time of an answer", f"{took['p50']:,.0f} ms", f"p95 {took['p95']:,.0f} ms"


def _refusals(evaluation: AnswerEvaluation) -> list[str]:
    """Both plots and the table, if any question should be refused."""
    if all(one.golden.answerable for one in evaluation.outcomes):
        return []
    sure = {one.answer.confidence for one in evaluation.outcomes}
    # The shares change just above each confidence.
    steps = sorted({0.0, 1.0, *(at for c in sure for at in (c, min(1.0, c + 1e-6)))})
    every = evaluation.refusals(steps)
    marked = evaluation.refusals(sorted({*(n / 10 for n in range(11)), evaluation.strictness}))
    plots = [("By strictness", _by_strictness(every, evaluation.strictness))]
    if every[0].mistaken is not None:
        plots.append(("What it costs", _trade(every, marked, evaluation.strictness)))
    inside = "".join(f"<div><h3>{name}</h3>{shown}</div>" for name, shown in plots)
    return [
        "<h2>Refusals</h2>",
        "<p>What would be refused at other values of ASSISTANT_STRICTNESS, computed from each "
        "answer’s confidence. Choose the highest share of rightly refused questions at a rate of "
        "mistakes that you can accept.</p>",
        f'<div class="plots">{inside}</div>',
        '<div class="plain">',
        table(
            ["Strictness", "By mistake", "Unanswerable", "Unrelated"],
            [(f"{p.strictness:g}", list(map(_share, _shares(p)))) for p in marked],
            now=f"{evaluation.strictness:g}",
        ),
        "</div>",
    ]


def _certainty(evaluation: AnswerEvaluation) -> Iterable[str]:
    """Whether the confidence keeps what it promises, and the tones of each group, if any question
    should be refused.
    """
    if all(one.golden.answerable for one in evaluation.outcomes):
        return
    groups = tones.reliability(evaluation.outcomes)
    yield "<h2>How sure the answers are</h2>"
    yield (
        "<p>Of the questions with about the same confidence, the share that the articles answer "
        "should be that confidence.</p>"
    )
    line = [(group.confidence, group.answerable) for group in groups]
    dots = [
        Dot(x, y, "", f"{group.questions:,} questions: confidence {x:.3f}, {y:.3f} answerable")
        for group, (x, y) in zip(groups, line, strict=True)
    ]
    lines = [
        PlotLine("as promised", 7, [(0, 0), (1, 1)]),
        PlotLine("answerable", 0, line, dots),
    ]
    shown = plot(
        "Share that the articles answer, by confidence",
        lines,
        Axis("confidence", _FIFTHS.marks),
        Axis("answerable", _FIFTHS.marks),
    )
    yield f'<div class="plots one">{shown}</div>'
    cells = [
        (name, [f"{len(some):,}", *map(_share, tones.shares(some))])
        for name, some in evaluation.groups().items()
    ]
    yield table(["Group", "Questions", "Sure", "Unsure", "Refused", "Sure and answerable"], cells)


def _shares(point: RefusalPoint) -> tuple[float | None, ...]:
    return point.mistaken, point.unanswerable, point.unrelated


def _share(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.3f}"


def _by_strictness(every: Sequence[RefusalPoint], now: float) -> str:
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
        Axis("strictness", _FIFTHS.marks),
        Axis("refused", _FIFTHS.marks),
        guide=now,
    )


def _trade(every: Sequence[RefusalPoint], marked: Sequence[RefusalPoint], now: float) -> str:
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
        Axis("answerable ones refused by mistake", _FIFTHS.marks),
        Axis("refused rightly", _FIFTHS.marks),
    )


def _misses(evaluation: AnswerEvaluation) -> Iterable[str]:
    if evaluation.misses:
        yield "<h2>What went wrong</h2>"
        yield "<p>Cited words that overlap the evidence are highlighted.</p>"
    for failure, heading in _FAILURES.items():
        some = [one for one in evaluation.misses if one.failure == failure]
        if some:
            yield f"<h3>{len(some)} {heading}</h3>"
            yield from map(_miss, some)
    doubtful = [
        one
        for one in evaluation.outcomes
        if not all(sentence.supported for sentence in one.answer.sentences)
    ]
    if doubtful:
        yield f"<h2>{len(doubtful)} answers with a sentence that no source supports</h2>"
        yield from map(_doubtful, doubtful)


def _miss(one: AnswerOutcome) -> str:
    answer = one.answer
    expected = [f"{escape(str(e))} <small>{escape(e.source)}</small>" for e in one.golden.evidence]
    parts = [
        _list("Expected", expected),
        _list("Cited", _quotes(one, answer.citations)),
        _list("Nearest", _quotes(one, answer.nearest)),
    ]
    if one.golden.turns:
        parts.insert(0, _list("Asked before", map(escape, one.golden.turns)))
    return f"<details>{_summary(one)}{''.join(parts)}</details>"


def _doubtful(one: AnswerOutcome) -> str:
    sentences = (
        escape(s.text) + ("" if s.supported else f' <span class="alert">{escape(s.reason)}</span>')
        for s in one.answer.sentences
    )
    cited = _list("Cited", _quotes(one, one.answer.citations))
    return f"<details>{_summary(one)}{_list('Answer', sentences)}{cited}</details>"


def _summary(one: AnswerOutcome) -> str:
    language = "" if one.language == UNKNOWN_LANGUAGE else one.language
    said = [one.pair or language, one.golden.kind, f"confidence {one.answer.confidence:.2f}"]
    about = escape(", ".join(filter(None, said)))
    return f"<summary>{escape(one.golden.question)} <small>{about}</small></summary>"


def _list(name: str, items: Iterable[str]) -> str:
    inside = "".join(f"<li>{item}</li>" for item in items)
    return f"<div>{name}<ul>{inside}</ul></div>" if inside else ""


def _quotes(one: AnswerOutcome, citations: Iterable[Citation]) -> Iterable[str]:
    """The quotes, highlighted if they overlap the evidence."""
    for citation in citations:
        words = escape(citation.quote)
        shown = f"<mark>{words}</mark>" if one.is_gold(citation) else words
        yield f"{shown} <small>{escape(citation.source)}</small>"

"""Measures answers to golden questions: evidence, refusals, support, exactness, latency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.assistant import Assistant
from assistant.evaluation import tones
from assistant.evaluation.answer_outcomes import FIRST, AnswerOutcome, ask_all
from assistant.evaluation.measures import Row, share, share_of_parts, table, written
from assistant.evaluation.question_sets import UNRELATED, GoldenQuestion
from assistant.models.article import UNKNOWN_LANGUAGE

QUOTES = "quotes"
"""The mode without a chat model."""

_STRICTNESSES = tuple(round(step / 20, 2) for step in range(21))


@dataclass(frozen=True, slots=True)
class RefusalPoint:
    """The shares refused at a strictness; None for a kind of question that was not asked."""

    strictness: float
    mistaken: float | None
    unanswerable: float | None
    unrelated: float | None


@dataclass(frozen=True, slots=True)
class AnswerEvaluation:
    """The outcomes of a question set, in its order, and the settings they were asked with.

    ``mode`` is the chat model, or ``QUOTES``.
    """

    outcomes: tuple[AnswerOutcome, ...]
    mode: str
    strictness: float

    @property
    def misses(self) -> tuple[AnswerOutcome, ...]:
        """The outcomes with a ``failure``."""
        return tuple(one for one in self.outcomes if one.failure)

    def groups(self) -> dict[str, list[AnswerOutcome]]:
        """All related questions, then groups of them, then the unrelated ones; none is empty.

        The groups are languages and language pairs if there are several, and each kind in each
        language.
        """
        of_corpus = [one for one in self.outcomes if one.golden.kind != UNRELATED]
        unrelated = [one for one in self.outcomes if one.golden.kind == UNRELATED]
        groups = _groups(of_corpus)
        every = {"all": of_corpus, **{name: groups[name] for name in sorted(groups)}}
        return {name: some for name, some in {**every, UNRELATED: unrelated}.items() if some}

    def rows(self) -> list[Row]:
        """The measures of each group."""
        return [_row(name, some) for name, some in self.groups().items()]

    def exactness(self) -> tuple[int, int]:
        """The number of exact citations, and of all."""
        exact = [held for one in self.outcomes for held in one.exact]
        return sum(exact), len(exact)

    def latency(self) -> dict[str, float]:
        """Milliseconds from question to whole answer: "p50" and "p95"."""
        spent = [one.answer.timings_ms["total"] for one in self.outcomes]
        return {f"p{cut}": round(float(np.percentile(spent, cut)), 1) for cut in (50, 95)}

    def refusals(self, strictnesses: Sequence[float] = _STRICTNESSES) -> list[RefusalPoint]:
        """The refusals at each strictness, computed from the answers' ``relevance``."""
        answerable = [one for one in self.outcomes if one.golden.answerable]
        others = [one for one in self.outcomes if not one.golden.answerable]
        unrelated = [one for one in others if one.golden.kind == UNRELATED]
        unanswerable = [one for one in others if one.golden.kind != UNRELATED]

        def refused(some: Sequence[AnswerOutcome], at: float) -> float | None:
            if not some:
                return None
            return sum(one.refused_at(at, self.strictness) for one in some) / len(some)

        return [
            RefusalPoint(at, *(refused(some, at) for some in (answerable, unanswerable, unrelated)))
            for at in strictnesses
        ]

    def to_table(self) -> str:
        """The rows as plain text, then exactness, latency, refusals by strictness, and tones, both
        of all and of each group.
        """
        exact, cited = self.exactness()
        took = self.latency()
        notices = sum(bool(one.answer.notice) for one in self.outcomes)
        lines = [
            table(self.rows()),
            "",
            f"Answered with {self.mode} at strictness {self.strictness:g}. "
            f"{exact:,} of {cited:,} citations are exact. "
            f"{took['p50']:,.0f} ms an answer, p95 {took['p95']:,.0f} ms.",
        ]
        if notices:
            lines.append(f"{notices} answers came with a notice.")
        lines += ["", f"{'strictness':10}  by mistake  unanswerable  unrelated refused"]
        for p in self.refusals(_STRICTNESSES[::2]):
            shares = (p.mistaken, p.unanswerable, p.unrelated)
            cells = list(map(written, shares))
            lines.append(f"{p.strictness:<10}  {cells[0]:10}  {cells[1]:12}  {cells[2]}")
        lines += ["", tones.to_table(self.outcomes)]
        lines += ["", tones.groups_to_table(self.groups(), self.strictness)]
        return "\n".join(lines)

    def list_misses(self) -> str:
        """Each miss with the expected and the cited words, as plain text."""
        lines = []
        for one in self.misses:
            kind = f"{one.golden.kind}, " if one.golden.kind else ""
            about = f"{one.golden.id}, {kind}confidence {one.answer.confidence:.2f}"
            lines.append(f"{one.failure}: {one.golden.question} [{about}]")
            lines += [f"  expected: {e} ({e.source})" for e in one.golden.evidence]
            lines += [f"  cited: {c.quote} ({c.source})" for c in one.answer.citations]
            lines += [f"  nearest: {c.quote} ({c.source})" for c in one.answer.nearest]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Settings, rows, exactness, latency, refusals by strictness, and each miss."""
        exact, cited = self.exactness()
        return {
            "mode": self.mode,
            "strictness": self.strictness,
            "rows": [row.to_json() for row in self.rows()],
            "citations": {"exact": exact, "of": cited},
            "latency_ms": self.latency(),
            "notices": sum(bool(one.answer.notice) for one in self.outcomes),
            "refused_by_strictness": [
                {
                    "strictness": p.strictness,
                    "by mistake": p.mistaken,
                    "unanswerable": p.unanswerable,
                    "unrelated": p.unrelated,
                }
                for p in self.refusals()
            ],
            **tones.to_json(self.outcomes),
            "by_group": tones.groups_to_json(self.groups(), self.strictness, _STRICTNESSES),
            "misses": [one.to_json() for one in self.misses],
        }


def evaluate_answers(
    assistant: Assistant,
    questions: Sequence[GoldenQuestion],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> AnswerEvaluation:
    """Ask every question. Raises ``QuestionError`` if there is none, or one is malformed."""
    settings = assistant.settings
    outcomes = ask_all(assistant, questions, progress)
    return AnswerEvaluation(outcomes, settings.llm or QUOTES, settings.strictness)


def _groups(outcomes: Iterable[AnswerOutcome]) -> dict[str, list[AnswerOutcome]]:
    pairs: dict[str, set[str]] = defaultdict(set)
    for one in outcomes:
        pairs[one.language] |= {one.pair} - {""}
    groups: dict[str, list[AnswerOutcome]] = defaultdict(list)
    for one in outcomes:
        if len(pairs) > 1:
            groups[one.language].append(one)
        if one.pair and len(pairs[one.language]) > 1:
            groups[one.pair].append(one)
        if one.golden.kind:
            name = f"{one.language} {one.golden.kind}"
            groups[name.removeprefix(f"{UNKNOWN_LANGUAGE} ")].append(one)
    return groups


def _row(group: str, outcomes: Sequence[AnswerOutcome]) -> Row:
    answerable = [one for one in outcomes if one.golden.answerable]
    others = [one for one in outcomes if not one.golden.answerable]
    answered = [one for one in outcomes if not one.answer.refused]
    measures = {
        f"evidence@{FIRST}": share([one.found for one in answerable]),
        "refused by mistake": share([one.answer.refused for one in answerable]),
        "refused rightly": share([one.answer.refused for one in others]),
        "supported": share_of_parts([[s.supported for s in o.answer.sentences] for o in answered]),
        "cites evidence": share_of_parts(
            [
                [one.cites_gold(sentence) for sentence in one.answer.sentences]
                for one in answered
                if one.golden.answerable
            ]
        ),
    }
    return Row(group, len(outcomes), measures)

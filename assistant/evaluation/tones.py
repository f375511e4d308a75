"""How often each certainty occurs, and whether the confidence is calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant.evaluation.answer_outcomes import AnswerOutcome
from assistant.evaluation.measures import NOTHING
from assistant.models.answer import Certainty

TENTHS = 10


@dataclass(frozen=True, slots=True)
class Group:
    """A group of outcomes: their number, their mean confidence, the share that the articles answer,
    and the share whose first citations overlap the evidence.
    """

    name: str
    questions: int
    confidence: float
    answerable: float
    found: float


def tones(outcomes: Sequence[AnswerOutcome]) -> list[Group]:
    """One group per certainty."""
    every = [(str(tone), [o for o in outcomes if o.answer.certainty is tone]) for tone in Certainty]
    return [_group(name, some) for name, some in every if some]


def reliability(outcomes: Sequence[AnswerOutcome]) -> list[Group]:
    """One group per tenth of the confidence, which should equal the share answerable."""
    by_tenth: dict[int, list[AnswerOutcome]] = {}
    for one in outcomes:
        tenth = min(int(one.answer.confidence * TENTHS), TENTHS - 1)
        by_tenth.setdefault(tenth, []).append(one)
    return [_group(f"{tenth / TENTHS:g}", by_tenth[tenth]) for tenth in sorted(by_tenth)]


def to_table(outcomes: Sequence[AnswerOutcome]) -> str:
    """Both as plain text."""
    lines = [f"{'certainty':12}questions  confidence  answerable  evidence cited"]
    lines += [_line(group) for group in tones(outcomes)]
    lines += ["", f"{'confidence':12}questions  promised    answerable  evidence cited"]
    lines += [_line(group) for group in reliability(outcomes)]
    return "\n".join(lines)


def to_json(outcomes: Sequence[AnswerOutcome]) -> dict[str, Any]:
    """Both as ``evaluate answers --json`` prints them."""
    return {
        "by_certainty": [asdict(group) for group in tones(outcomes)],
        "by_confidence": [asdict(group) for group in reliability(outcomes)],
    }


def _group(name: str, some: Sequence[AnswerOutcome]) -> Group:
    count = len(some)
    return Group(
        name,
        count,
        round(sum(one.answer.confidence for one in some) / count, 3),
        round(sum(one.golden.answerable for one in some) / count, 3),
        round(sum(one.found for one in some) / count, 3),
    )


def _line(group: Group) -> str:
    evidence = NOTHING if group.name == Certainty.NONE else f"{group.found:.3f}"
    return (
        f"{group.name:12}{group.questions:<9}  {group.confidence:<10.3f}  "
        f"{group.answerable:<10.3f}  {evidence}"
    )

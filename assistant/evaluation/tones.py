"""How often each certainty occurs, and whether the confidence is calibrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant.evaluation.answer_outcomes import AnswerOutcome
from assistant.evaluation.measures import NOTHING, written
from assistant.models.answer import Certainty

TENTHS = 10

STEPS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Strictnesses at which a group's refusals are printed."""


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


def shares(outcomes: Sequence[AnswerOutcome]) -> list[float | None]:
    """The share that got each certainty, and of the sure ones those that the articles answer, None
    if none is sure.
    """
    by_name = {group.name: group for group in tones(outcomes)}
    taken = [by_name[tone].questions if tone in by_name else 0 for tone in Certainty]
    sure = by_name.get(Certainty.SURE)
    return [*(count / len(outcomes) for count in taken), sure.answerable if sure else None]


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


def groups_to_table(groups: Mapping[str, Sequence[AnswerOutcome]], asked_with: float) -> str:
    """A line for each group: the share that got each tone, how many of the sure ones the articles
    answer, and the share refused at other strictnesses than ``asked_with``.
    """
    width = max(map(len, groups))
    names = [*(str(tone) for tone in Certainty), "sure right", *(f"at {at:g}" for at in STEPS)]
    lines = [f"{'':{width}}  " + "  ".join(f"{name:10}" for name in names)]
    for name, some in groups.items():
        known = [*shares(some), *(_refused(some, at, asked_with) for at in STEPS)]
        lines.append(f"{name:{width}}  " + "  ".join(f"{written(one):10}" for one in known))
    return "\n".join(line.rstrip() for line in lines)


def groups_to_json(
    groups: Mapping[str, Sequence[AnswerOutcome]], asked_with: float, steps: Sequence[float]
) -> list[dict[str, Any]]:
    """The tones, the reliability and the curve of refusals of each group."""
    return [
        {
            "group": name,
            **to_json(some),
            "refused_by_strictness": [
                {"strictness": at, "refused": round(_refused(some, at, asked_with), 4)}
                for at in steps
            ],
        }
        for name, some in groups.items()
    ]


def _refused(some: Sequence[AnswerOutcome], at: float, asked_with: float) -> float:
    return sum(one.refused_at(at, asked_with) for one in some) / len(some)


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

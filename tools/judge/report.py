"""How well the judge does on each set, learnt from the others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from assistant.answer.judge.model import Weights
from tools.judge.fit import Prepared, answer_features_of, as_asked, learn


def left_out(prepared: Sequence[Prepared]) -> tuple[np.ndarray, np.ndarray]:
    """Each case's odds of being answered, and whether its best sentence is right (-1: unknown),
    judged by what the other groups teach.
    """
    odds = np.zeros(len(prepared))
    first = np.full(len(prepared), -1)
    for group in sorted({one.case.group for one in prepared}):
        learnt = learn([one for one in prepared if one.case.group != group])
        for n, one in enumerate(prepared):
            if one.case.group == group:
                odds[n] = learnt.answer.odds(answer_features_of(one, learnt.sentence))
                first[n] = _first_right(one, learnt.sentence.odds(one.features))
    return odds, first


def area(right: np.ndarray, odds: np.ndarray) -> float:
    """The area under the curve: how often an answered case has higher odds than another one."""
    yes, no = odds[right], odds[~right]
    higher = (yes[:, None] > no).mean() + (yes[:, None] == no).mean() / 2
    return float(higher)


def _first_right(one: Prepared, odds: np.ndarray) -> int:
    if not one.right.any():
        return -1
    return int(one.right[np.where(one.every.answers, odds, -np.inf).argmax()])


def table(prepared: Sequence[Prepared], odds: np.ndarray, first: np.ndarray) -> str:
    """Area under the curve by set and kind of "no", and how often the right sentence is first."""
    lines = [f"{'set':16}{'kind':12}{'n':>6}{'area':>7}"]
    names = np.array([one.case.set for one in prepared])
    kinds = np.array([one.case.kind for one in prepared])
    yes = np.array([one.case.answerable for one in prepared])
    for name in dict.fromkeys(names):
        mine = names == name
        if not (mine & yes).any():
            continue
        known = mine & (first >= 0) & (kinds == "asked")
        if known.any():
            lines.append(f"{name:16}{'first right':12}{known.sum():6}{first[known].mean():7.3f}")
        for kind in dict.fromkeys(kinds[mine & ~yes]):
            no = mine & ~yes & (kinds == kind)
            some = no | (mine & yes)
            lines.append(f"{name:16}{kind:12}{no.sum():6}{area(yes[some], odds[some]):7.3f}")
    return "\n".join(lines)


def reliability(prepared: Sequence[Prepared], confidences: np.ndarray) -> str:
    """In each tenth of the confidence: how many questions, what was promised, what was answered."""
    weights = as_asked(prepared)
    answered = np.array([one.case.answerable for one in prepared])
    tenths = np.minimum((confidences * 10).astype(int), 9)
    lines = [f"{'confidence':12}{'share':>7}{'said':>7}{'right':>7}"]
    for tenth in range(10):
        mine = tenths == tenth
        if mine.any():
            share = weights[mine].sum() / weights.sum()
            said, right = (
                np.average(values[mine], weights=weights[mine])
                for values in (confidences, answered)
            )
            lines.append(f"{tenth / 10:<12}{share:7.3f}{said:7.3f}{right:7.3f}")
    return "\n".join(lines)


def to_json(weights: Weights, prepared: Sequence[Prepared], figures: str) -> str:
    """The file of weights."""
    return (
        json.dumps(
            {
                "learnt": datetime.now(UTC).date().isoformat(),
                "from": dict(Counter(one.case.set for one in prepared)),
                "figures of each set, learnt from the others": figures.splitlines(),
                **weights.to_json(),
            },
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
    )

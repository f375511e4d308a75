"""How well the judge does on each set, learnt from the others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from assistant.answer.judge.model import Weights
from tools.judge.fit import Prepared, about_features_of, answer_features_of, as_asked, learn


@dataclass(frozen=True, slots=True)
class Unseen:
    """Each case as what the other groups teach judges it: the odds that the articles are ``about``
    what it asks, those of an ``answer``, and whether its ``first`` sentence is right (-1: unknown).
    """

    about: np.ndarray
    answer: np.ndarray
    first: np.ndarray


def left_out(prepared: Sequence[Prepared]) -> Unseen:
    """Judge the cases of each group by what the others teach."""
    count = len(prepared)
    unseen = Unseen(np.zeros(count), np.zeros(count), np.full(count, -1))
    for group in sorted({one.case.group for one in prepared}):
        learnt = learn([one for one in prepared if one.case.group != group])
        for n, one in enumerate(prepared):
            if one.case.group == group:
                unseen.about[n] = learnt.about.odds(about_features_of(one, learnt.sentence))
                unseen.answer[n] = learnt.answer.odds(answer_features_of(one, learnt.sentence))
                unseen.first[n] = _first_right(one, learnt.sentence.odds(one.features))
    return unseen


def area(right: np.ndarray, odds: np.ndarray) -> float:
    """The area under the curve: how often an answered case has higher odds than another one."""
    yes, no = odds[right], odds[~right]
    higher = (yes[:, None] > no).mean() + (yes[:, None] == no).mean() / 2
    return float(higher)


def _first_right(one: Prepared, odds: np.ndarray) -> int:
    if not one.right.any():
        return -1
    return int(one.right[np.where(one.every.answers, odds, -np.inf).argmax()])


def table(prepared: Sequence[Prepared], unseen: Unseen) -> str:
    """Area under the curve by set and kind of "no", and how often the right sentence is first.

    Unrelated questions are told by what the articles are about, the others by what answers.
    """
    lines = [f"{'set':16}{'kind':12}{'n':>6}{'area':>7}"]
    names = np.array([one.case.set for one in prepared])
    kinds = np.array([one.case.kind for one in prepared])
    yes = np.array([one.case.answerable for one in prepared])
    for name in dict.fromkeys(names):
        mine = names == name
        if not (mine & yes).any():
            continue
        known = mine & (unseen.first >= 0) & (kinds == "asked")
        if known.any():
            share = unseen.first[known].mean()
            lines.append(f"{name:16}{'first right':12}{known.sum():6}{share:7.3f}")
        for kind in dict.fromkeys(kinds[mine & ~yes]):
            no = mine & ~yes & (kinds == kind)
            some = no | (mine & yes)
            odds = unseen.about if kind == "unrelated" else unseen.answer
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

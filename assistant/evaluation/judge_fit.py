"""The judge's weights learnt anew from golden questions, starting from those of the package.

A user has tens of questions, not thousands: the weights move from where they were only as far as
the questions demand, and are kept only if they foretell questions that they did not see better.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.answer.ask import ANSWER_PASSAGES
from assistant.answer.judge.judgement import weigh
from assistant.answer.judge.model import OWN, Logistic, Weights, bundled
from assistant.answer.judge.sentences import sentences_of
from assistant.assistant import Assistant
from assistant.evaluation.question_sets import GoldenQuestion
from assistant.support.atomic_files import replace_bytes
from assistant.support.errors import QuestionError

HOLD = 10.0
"""How many questions it takes to move a weight half of the way that they demand."""

PARTS = 5
"""Each fifth of the questions is foretold by what the others teach."""

FEWEST = 20
"""Questions from which anything is learnt."""

_STEPS = 25

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learnt, and how surprising unseen answers were before and after (mean log loss)."""

    weights: Weights
    questions: int
    before: float
    after: float

    @property
    def better(self) -> bool:
        """Whether what was learnt foretells better."""
        return self.after < self.before

    def keep(self, folder: Path) -> Path:
        """Write the weights where answers will look for them, and return the file."""
        file = folder / OWN
        replace_bytes(file, json.dumps(self.weights.to_json(), indent=1).encode())
        return file


def fit(assistant: Assistant, questions: Sequence[GoldenQuestion]) -> Fit:
    """Learn from ``questions`` asked of ``assistant``, those in a conversation left out.

    Raises ``QuestionError`` if there are fewer than ``FEWEST``, or none of them is answerable or
    all are.
    """
    start = bundled()
    known, right = _asked(assistant, questions, start)
    if len(right) < FEWEST or right.all() or not right.any():
        raise QuestionError(
            f"To learn from, there are {len(right)} questions, of which {right.sum()} are "
            f'answerable. Give at least {FEWEST}, some of them with "answerable": false.'
        )
    parts = np.arange(len(right)) % PARTS
    unseen = np.concatenate(
        [
            _surprise(_moved(start.answer, known[parts != n], right[parts != n]), known, right, n)
            for n in range(PARTS)
        ]
    )
    before = np.concatenate([_surprise(start.answer, known, right, n) for n in range(PARTS)])
    learnt = replace(start, answer=_moved(start.answer, known, right))
    return Fit(learnt, len(right), float(before.mean()), float(unseen.mean()))


def _asked(
    assistant: Assistant, questions: Sequence[GoldenQuestion], weights: Weights
) -> tuple[Numbers, NDArray[np.bool_]]:
    """What is known of each question and what was found, and whether the articles answer it."""
    rows, right = [], []
    for one in questions:
        if one.history or one.turns:
            continue
        question, found, passages = assistant.found(one.question, ANSWER_PASSAGES)
        if any(len(each.passage.headings) for each in found):
            rows.append(weigh(question, sentences_of(question, found), passages, weights)[1])
            right.append(one.answerable)
    return np.array(rows, float).reshape(len(rows), -1), np.array(right, bool)


def _moved(start: Logistic, known: Numbers, right: NDArray[np.bool_]) -> Logistic:
    """The regression nearest to ``start`` that fits: Newton's steps on the penalised likelihood."""
    rows = np.column_stack([known, np.ones(len(known))])
    hold = HOLD * np.maximum(rows.var(axis=0), 1e-3) / 4
    hold[-1] = HOLD / 4
    begun = np.append(start.weights.astype(float), start.bias)
    weights = begun.copy()
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (likely - right) + hold * (weights - begun)
        bend = (rows.T * (likely * (1 - likely))) @ rows + np.diag(hold)
        weights -= np.linalg.solve(bend, slope)
    return Logistic(np.asarray(weights[:-1], np.float32), float(weights[-1]))


def _surprise(
    model: Logistic, known: Numbers, right: NDArray[np.bool_], part: int
) -> NDArray[np.float64]:
    """The log loss of each question of a part."""
    mine = np.arange(len(right)) % PARTS == part
    odds = np.asarray(known[mine] @ model.weights + model.bias, float)
    return np.asarray(np.logaddexp(0, np.where(right[mine], -odds, odds)))

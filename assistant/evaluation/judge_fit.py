"""Recalibrates the relevance and the confidence of answers on a user's golden questions.

A user has tens of questions, not thousands: so the bundled model's log odds are only scaled and
shifted, with a strong prior, and each result is kept only if it improves the cross-validated loss.
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
from assistant.answer.judge.model import EMBEDDER, OWN, Logistic, Weights, bundled
from assistant.answer.judge.sentences import sentences_of
from assistant.assistant import Assistant
from assistant.evaluation.question_sets import UNRELATED, GoldenQuestion
from assistant.support.atomic_files import replace_bytes
from assistant.support.errors import QuestionError

HOLD = 5.0
"""Strength of the prior towards the bundled odds: as much as some twenty doubtful questions."""

PARTS = 5
"""Folds of the cross-validation."""

FEWEST = 20
"""Fewest questions to learn from."""

_STEPS = 300

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """The fitted weights for the embedding model of the identity ``embedder``, and the mean log
    loss on held-out questions before and after, of relevance and confidence together.
    """

    weights: Weights
    embedder: str
    questions: int
    before: float
    after: float

    @property
    def better(self) -> bool:
        """Whether the fitted weights predict held-out questions better."""
        return self.after < self.before

    def keep(self, folder: Path) -> Path:
        """Write the weights to the data folder, where answers load them; return the file."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / OWN
        kept = {EMBEDDER: self.embedder, **self.weights.to_json()}
        replace_bytes(file, json.dumps(kept, indent=1).encode())
        return file


def fit(assistant: Assistant, questions: Sequence[GoldenQuestion]) -> Fit:
    """Fit the weights to ``questions`` asked of ``assistant``, except those in a conversation.

    Relevance is fitted only if some of them are about other things. Raises ``QuestionError`` if
    there are fewer than ``FEWEST``, or none of them is answerable or all are.
    """
    start = bundled()
    about, odds, right, unrelated = _asked(assistant, questions, start)
    if len(right) < FEWEST or right.all() or not right.any():
        raise QuestionError(
            f"To learn from, there are {len(right)} questions, of which {right.sum()} are "
            f'answerable. Give at least {FEWEST}, some of them with "answerable": false.'
        )
    tells = (right | unrelated) & unrelated.any()
    told = [
        _recalibrated(start.about, about[tells], right[tells]),
        _recalibrated(start.answer, odds, right),
    ]
    before, after = (sum(loss) for loss in zip(*(losses for _, losses in told), strict=True))
    learnt = replace(start, about=told[0][0], answer=told[1][0])
    return Fit(learnt, assistant.embedder.identity, len(right), before, after)


def _recalibrated(
    start: Logistic, odds: Numbers, right: NDArray[np.bool_]
) -> tuple[Logistic, tuple[float, float]]:
    """``start`` moved to the log ``odds`` it gave, if that is better, and the mean log loss on
    held-out questions before and after.
    """
    if not len(right):
        return start, (0.0, 0.0)
    parts = np.arange(len(right)) % PARTS
    unseen = np.empty(len(right))
    for n in range(PARTS):
        mine = parts == n
        unseen[mine] = _surprise(_moved(odds[~mine], right[~mine]), odds[mine], right[mine])
    before = float(_surprise(np.array([1.0, 0.0]), odds, right).mean())
    if (after := float(unseen.mean())) >= before:
        return start, (before, before)
    stretch, shift = _moved(odds, right)
    moved = Logistic(np.array([stretch], np.float32), float(shift))
    return start.stretched(moved), (before, after)


def _asked(
    assistant: Assistant, questions: Sequence[GoldenQuestion], weights: Weights
) -> tuple[Numbers, Numbers, NDArray[np.bool_], NDArray[np.bool_]]:
    """The log odds of each question's relevance and answer, whether the articles answer it, and
    whether it is about something else.
    """
    relevant, odds, right, unrelated = [], [], [], []
    for one in questions:
        if one.history or one.turns:
            continue
        question, found, passages = assistant.found(one.question, ANSWER_PASSAGES)
        if any(len(each.passage.headings) for each in found):
            _, about, answer = weigh(question, sentences_of(question, found), passages, weights)
            relevant.append(float(about))
            odds.append(float(answer))
            right.append(one.answerable)
            unrelated.append(one.kind == UNRELATED)
    return np.array(relevant), np.array(odds), np.array(right, bool), np.array(unrelated, bool)


def _moved(odds: Numbers, right: NDArray[np.bool_]) -> Numbers:
    """The scale and shift that maximise the penalised likelihood, found by steps bounded by its
    curvature.
    """
    rows, begun = np.column_stack([odds, np.ones(len(odds))]), np.array([1.0, 0.0])
    moved, bend = begun, rows.T @ rows / 4 + HOLD * np.eye(2)
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-rows @ moved))
        slope = rows.T @ (likely - right) + HOLD * (moved - begun)
        moved = moved - np.linalg.solve(bend, slope)
    return moved


def _surprise(moved: Numbers, odds: Numbers, right: NDArray[np.bool_]) -> Numbers:
    """The log loss of each question."""
    stretched = moved[0] * odds + moved[1]
    return np.asarray(np.logaddexp(0, np.where(right, -stretched, stretched)))

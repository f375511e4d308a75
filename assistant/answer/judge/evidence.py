"""What is known of whether the passages found are about a question, and answer it, as numbers.

Few on purpose: how much of the wording a passage holds, and how far it is above the next ones, told
more of a set's style than of its answers, and taught nothing that held for other sets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from assistant.answer.judge.sentences import Numbers, Sentences
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.tables import rows_holding
from assistant.search.found import Found, Question

NAMES = (
    "best", "over other passages", "near", "kind below best", "names missing", "figures missing",
)  # fmt: skip
"""What each of the features of a question and what was found is."""

ABOUT_NAMES = ("best", "near", "held", "held by others")
"""What each of those is that tell whether the articles are about what is asked at all."""

RELATED = -13.5
"""Odds of the best sentence, less the logarithm of how many passages it was chosen from, from which
on they say no more. Below, it is likely the nearest by chance to a question about something else;
above, what else is known decides.
"""

_MOST = 6.0
"""Odds from which a difference says no more."""


def answer_features(
    question: Question, every: Sentences, odds: Numbers, kinds: Numbers, passages: int
) -> Numbers:
    """What is known of a question and what was found, shape (``NAMES``,).

    ``odds`` are each sentence's of answering it, as logarithms, ``kinds`` whether it holds the kind
    of thing asked for; ``passages`` is how many the library holds.
    """
    answering = np.where(every.answers, odds, -np.inf)
    best = int(answering.argmax())
    of = int(every.of[best])
    found = every.found[of]
    other = answering[every.of != of].max(initial=-np.inf)
    return np.array(
        [
            min(_against_chance(odds[best], passages), RELATED),
            min(odds[best] - other, _MOST),
            _nearest(every, found, passages),
            _kind_below(odds, kinds, best),
            *_missing(question, every.found, found),
        ],
        np.float32,
    )  # fmt: skip


def about_features(question: Question, every: Sentences, odds: Numbers, passages: int) -> Numbers:
    """What tells whether the articles are about what is asked, shape (``ABOUT_NAMES``,).

    Whoever asks about something else shares some words with an article by chance, but hardly the
    rare ones, which have more tokens; and what several passages hold says less of each.
    """
    best = int(np.where(every.answers, odds, -np.inf).argmax())
    of = int(every.of[best])
    likeness = np.maximum(every.likeness, every.title[:, every.of])
    passage_of, begins = np.unique(every.of, return_index=True)
    tokens = question.words.tokens
    held = tokens @ np.maximum.reduceat(likeness, begins, axis=1)
    of_best = float(held[passage_of == of][0])
    return np.array(
        [
            _against_chance(odds[best], passages),
            _nearest(every, every.found[of], passages),
            of_best,
            (held.sum() - of_best) / max(len(held) - 1, 1) / max(tokens.sum(), 1),
        ],
        np.float32,
    )  # fmt: skip


def _against_chance(odds: float, passages: int) -> float:
    """The odds of the best sentence, less those that the best of so many has by chance."""
    return odds - math.log(max(passages, 1))


def _nearest(every: Sentences, best: Found, passages: int) -> float:
    """The nearness of the nearest sentence, less what the nearest has by chance."""
    near = every.place[every.answers] if every.answers.any() else every.place
    return float(near.max()) - best.scale.by_chance(passages)


def _kind_below(odds: Numbers, kinds: Numbers, best: int) -> float:
    """How far the best sentence with the kind of thing asked for is below the best of all."""
    if not kinds.any():
        return 0.0
    holding = odds[kinds > 0]
    return min(float(odds[best] - holding.max()), _MOST) if len(holding) else _MOST


def _missing(question: Question, every: Sequence[Found], best: Found) -> tuple[float, float]:
    """How many names, and dates and numbers, of the question the best article does not hold."""
    stated = [
        fact for fact in facts(question.text, question.language)
        if fact.certain and not _counts_answers(fact)
    ]  # fmt: skip
    if not stated:
        return 0.0, 0.0
    said: list[Fact] = []
    for one in every:
        if one.passage.article == best.passage.article:
            said += facts(one.passage.title, one.passage.language)
            said += facts(one.passage.text, one.passage.language)
    if best.passage.published is not None:
        said += facts(best.passage.published.isoformat(), best.passage.language)
    in_range = any(
        rows_holding(question.text, question.language, one.layout, one.passage.language)
        for one in every
        if one.passage.article == best.passage.article
    )
    missing = [
        fact for fact in stated
        if not holds(said, fact) and not (in_range and fact.kind is Kind.NUMBER)
    ]  # fmt: skip
    names = sum(fact.kind is Kind.NAME for fact in missing)
    return float(min(names, 2)), float(min(len(missing) - names, 2))


def _counts_answers(fact: Fact) -> bool:
    """Whether a number only says how many things are asked for, as in "four functions of"."""
    return fact.kind is Kind.NUMBER and not fact.unit and len(fact.value) == 1

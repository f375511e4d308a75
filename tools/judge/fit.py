"""Fits three logistic regressions to the cases: which sentence answers, whether the articles are
about what is asked, and whether any sentence answers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from assistant.answer.judge import evidence, sentences
from assistant.answer.judge.model import Logistic, Weights
from assistant.answer.judge.sentences import Numbers, Sentences, sentence_features, sentences_of
from tools.judge.cases import Case

ANSWERED = 0.82
"""Of a hundred questions that people ask of their articles, how many these answer: what the
probabilities suppose."""

RIGHT = 0.96
"""The share of sure answers of these sets that are right. On the repository's own questions, two in
five of which nothing answers, it makes 86 of 100; 0.95 made 78."""

STIFFNESS = 1e-4
ORDER_STIFFNESS = 1e-3
"""The weights of the L2 penalty on features of spread 1; the second for the order of sentences."""

WIDE = frozenset({"piaf"})
"""Groups over so much of an encyclopedia that questions of other sets are about it, too, and whose
own often leave out what they are about."""

SPEAKS_AGAINST = frozenset(
    {"kind below best", "names missing", "figures missing", "held by others"}
)
SPEAKS_EITHER_WAY = frozenset({"first", "leans", "states"})
"""The other features can only speak for an answer. What a set's style alone would teach, such as
that the better passage answers less, is not learnt."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case with what is known of its sentences; ``right`` says which of them answer."""

    case: Case
    every: Sentences
    features: Numbers
    right: np.ndarray


def prepare(cases: Iterable[Case]) -> list[Prepared]:
    """The cases in which anything was found."""
    prepared = []
    for case in cases:
        if any(len(one.passage.headings) for one in case.found):
            every = sentences_of(case.question, case.found)
            features = sentence_features(case.question, every)
            prepared.append(Prepared(case, every, features, np.concatenate(case.right)))
    return prepared


def learn(prepared: Sequence[Prepared]) -> Weights:
    """Fit the sentences first, then the answers, which look at what the sentences got."""
    sentence = _sentences(prepared)
    related = [one for one in prepared if tells_relevance(one.case)]
    about = np.stack([about_features_of(one, sentence) for one in related])
    known = np.stack([answer_features_of(one, sentence) for one in prepared])
    return Weights(
        sentence,
        regression(about, _answerable(related), as_asked(related), _signs(evidence.ABOUT_NAMES)),
        regression(known, _answerable(prepared), as_asked(prepared), _signs(evidence.NAMES)),
        sure=1.0,
    )


def tells_relevance(case: Case) -> bool:
    """Whether it is known that the articles are about what is asked, or about something else."""
    return case.group not in WIDE and (case.answerable or case.kind == "unrelated")


def _answerable(prepared: Sequence[Prepared]) -> np.ndarray:
    return np.array([one.case.answerable for one in prepared])


def as_asked(prepared: Sequence[Prepared]) -> np.ndarray:
    """How much each case counts, on average 1: the answered ones as much as they are asked."""
    answerable = _answerable(prepared)
    weights = _balanced([(one.case.group, _kind(one.case)) for one in prepared])
    halves = np.where(answerable, weights[answerable].sum(), weights[~answerable].sum())
    return weights * np.where(answerable, ANSWERED, 1 - ANSWERED) / halves * len(weights)


def _kind(case: Case) -> str:
    """The kind of "no", whatever the form in which it was asked; "yes" for an answered one."""
    if case.answerable:
        return "yes"
    return case.kind if case.kind in ("removed", "exchanged", "unrelated") else "almost"


def calibrated(
    learnt: Weights, prepared: Sequence[Prepared], about: np.ndarray, answer: np.ndarray
) -> Weights:
    """``learnt`` with the odds of relevance and of answers stretched, and ``sure`` chosen, as the
    odds of cases that it did not learn from, ``about`` and ``answer``, show that they must be.
    """
    tells = np.array([tells_relevance(one.case) for one in prepared])
    related = [one for one in prepared if tells_relevance(one.case)]
    return Weights(
        learnt.sentence,
        learnt.about.stretched(_stretch(related, about[tells])),
        learnt.answer.stretched(_stretch(prepared, answer)),
        _sure_from(calibrated_confidences(prepared, answer), prepared),
    )


def calibrated_confidences(prepared: Sequence[Prepared], odds: np.ndarray) -> np.ndarray:
    """The probabilities that these odds stand for, once stretched."""
    return 1 / (1 + np.exp(-_stretch(prepared, odds).odds(odds[:, None])))


def _stretch(prepared: Sequence[Prepared], odds: np.ndarray) -> Logistic:
    return regression(odds[:, None], _answerable(prepared), as_asked(prepared))


def _sure_from(confidences: np.ndarray, prepared: Sequence[Prepared]) -> float:
    """The least confidence from which on the share ``RIGHT`` is answered."""
    answered = _answerable(prepared)
    weights = as_asked(prepared)
    order = np.argsort(-confidences)
    share = np.cumsum((weights * answered)[order]) / np.cumsum(weights[order])
    enough = np.flatnonzero(share >= RIGHT)
    return float(confidences[order][enough[-1]]) if len(enough) else 1.0


def about_features_of(one: Prepared, sentence: Logistic) -> Numbers:
    """What tells whether the articles are about what the case asks."""
    odds = sentence.odds(one.features)
    return evidence.about_features(one.case.question, one.every, odds, one.case.passages)


def answer_features_of(one: Prepared, sentence: Logistic) -> Numbers:
    """What is known of the case as a whole."""
    kinds = one.features[:, sentences.NAMES.index("kind")]
    odds = sentence.odds(one.features)
    return evidence.answer_features(one.case.question, one.every, odds, kinds, one.case.passages)


def _sentences(prepared: Sequence[Prepared]) -> Logistic:
    """Their order from cases in which a sentence is known to answer, from all where odds are even.

    So the difference between two sentences says how much likelier one is, given that either does.
    """
    order = _order([one for one in prepared if (one.right & one.every.answers).any()])
    used = [one for one in prepared if one.right.any() or not one.case.answerable]
    odds = np.concatenate([order.odds(one.features[one.every.answers]) for one in used])
    right = np.concatenate([one.right[one.every.answers] for one in used])
    of_case = _balanced([(one.case.group, one.case.answerable) for one in used])
    # A case without an answer says little about which sentence would.
    of_case *= [1.0 if one.case.answerable else 0.25 for one in used]
    weights = np.repeat(of_case, [one.every.answers.sum() for one in used])
    even = regression(odds[:, None], right, weights)
    return Logistic(order.weights, even.bias / float(even.weights[0]))


def _order(answered: Sequence[Prepared]) -> Logistic:
    """The weights under which the sentences that answer are likeliest among all of their case.

    What is the same for all of a case, such as how near the whole library is, cannot mislead it, as
    it does a regression that looks at each sentence alone.
    """
    rows = [one.features[one.every.answers].astype(float) for one in answered]
    right = np.concatenate([one.right[one.every.answers] for one in answered])
    counts = np.array([len(some) for some in rows])
    begins = np.cumsum(counts) - counts
    every = np.concatenate(rows)
    mean, spread = every.mean(axis=0), np.maximum(every.std(axis=0), 1e-6)
    scaled = (every - mean) / spread
    of_case = _balanced([one.case.group for one in answered])
    of_case /= of_case.sum()
    of_row = np.repeat(of_case, counts)

    def loss(given: np.ndarray) -> tuple[float, np.ndarray]:
        odds = scaled @ given
        rights = np.where(right, odds, -np.inf)
        total, of_right = (np.logaddexp.reduceat(some, begins) for some in (odds, rights))
        value = of_case @ (total - of_right) + ORDER_STIFFNESS * given @ given / 2
        likely = np.exp(odds - np.repeat(total, counts))
        wanted = np.exp(rights - np.repeat(of_right, counts))
        return value, scaled.T @ (of_row * (likely - wanted)) + ORDER_STIFFNESS * given

    best = minimize(
        loss, np.zeros(every.shape[1]), jac=True, method="L-BFGS-B",
        bounds=_bounds(_signs(sentences.NAMES)),
    ).x  # fmt: skip
    return Logistic(np.asarray(best / spread, np.float32), 0.0)


def _signs(names: Sequence[str]) -> list[int]:
    return [0 if n in SPEAKS_EITHER_WAY else -1 if n in SPEAKS_AGAINST else 1 for n in names]


def _bounds(signs: Sequence[int]) -> list[tuple[int | None, int | None]]:
    return [(0 if sign > 0 else None, 0 if sign < 0 else None) for sign in signs]


def _balanced(groups: Sequence[object]) -> np.ndarray:
    """Weights with which the groups come nearer to each other: large ones count as their root."""
    counts = {group: groups.count(group) for group in set(groups)}
    return np.array([counts[group] ** -0.5 for group in groups])


def regression(
    rows: Numbers, right: np.ndarray, weights: np.ndarray, signs: Sequence[int] = ()
) -> Logistic:
    """A logistic regression with an L2 penalty, each weight of the sign given (0: either)."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    scaled = np.where(spread > 1e-6, (rows - mean) / np.maximum(spread, 1e-6), 0).astype(float)
    target = np.where(right, 1.0, -1.0)
    weights = weights / weights.mean()

    def loss(given: np.ndarray) -> tuple[float, np.ndarray]:
        margin = target * (scaled @ given[:-1] + given[-1])
        error = -target * weights / (1 + np.exp(margin)) / len(rows)
        penalty = STIFFNESS * given[:-1]
        value = (weights * np.logaddexp(0, -margin)).mean() + penalty @ given[:-1] / 2
        return value, np.append(error @ scaled + penalty, error.sum())

    bounds = [*_bounds(signs or [0] * rows.shape[1]), (None, None)]
    best = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    raw = best[:-1] / np.maximum(spread, 1e-6)
    return Logistic(np.asarray(raw, np.float32), float(best[-1] - raw @ mean))

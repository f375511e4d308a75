"""What is known of whether the passages found answer a question, as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.answer.judge.amounts import holds_amount, units_asked
from assistant.answer.judge.sentences import Numbers, Sentences
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.tables import rows_holding
from assistant.search.found import Found, Question
from assistant.store.word_store import NO_WORD

NAMES = (
    "best", "second", "all together", "near", "passage", "passage over second",
    "passage over sixth", "passage over mean", "near over mean", "wording", "passage wording",
    "article wording", "rarest word", "least held word", "least held anywhere", "figures held",
    "unknown words", "kind", "kind below best", "names missing", "figures missing", "amount",
    "foreign", "is first hit",
)  # fmt: skip
"""What each of the features of a question and what was found is."""

_MOST = 4.0
"""Odds from which a difference says no more."""


def answer_features(
    question: Question, every: Sentences, odds: Numbers, kinds: Numbers, passages: int
) -> Numbers:
    """What is known of a question and what was found, shape (``NAMES``,).

    ``odds`` are each sentence's of answering it, as logarithms, ``kinds`` whether it holds the kind
    of thing asked for; ``passages`` is how many the library holds.
    """
    order = np.argsort(np.where(every.answers, -odds, np.inf), kind="stable")
    best = int(order[0])
    of = int(every.of[best])
    found = every.found[of]
    whole = np.sort(every.whole)[::-1]
    near = every.place[every.answers] if every.answers.any() else every.place
    words = _words_held(question, every, best)
    chance = found.scale.by_chance(passages)
    return np.array(
        [
            odds[best],
            odds[order[1]] if len(order) > 1 else odds[best] - _MOST,
            np.log(np.sum(1 / (1 + np.exp(-odds[every.answers])))) if every.answers.any() else -9,
            near.max() - chance, every.whole[of] - chance,
            _over(whole, 1), _over(whole, 5), whole[0] - whole.mean(), near.max() - near.mean(),
            *words,
            kinds[best],
            _kind_below(odds, kinds, best),
            *_missing(question, every.found, found),
            _amount_held(question, every, of),
            float(found.passage.language != question.language),
            float(of == 0),
        ],
        np.float32,
    )  # fmt: skip


def _over(values: Numbers, place: int) -> float:
    return float(values[0] - values[min(place, len(values) - 1)])


def _words_held(question: Question, every: Sentences, best: int) -> list[float]:
    """How far the words of the question are held, by ever more of what was found."""
    if not len(every.rarity):
        return [0.0] * 8
    of = every.of[best]
    rarity = every.rarity[:, of]
    sentence = every.likeness[:, best]
    titled = every.title[:, of]
    passage = np.maximum(every.likeness[:, every.of == of].max(axis=1), titled)
    articles = np.array([one.passage.article for one in every.found])
    of_article = (articles == articles[of])[every.of]
    article = np.maximum(every.likeness[:, of_article].max(axis=1), titled)
    figures = np.array([any(c.isdigit() for c in word) for word in question.words.words])
    unknown = (question.words.ids == NO_WORD) @ rarity
    anywhere = every.likeness.max(axis=1)
    return [
        float(rarity @ sentence), float(rarity @ passage), float(rarity @ article),
        float(article[rarity.argmax()]), float(article.min()), float(anywhere.min()),
        float(article[figures].min(initial=1.0)), float(unknown),
    ]  # fmt: skip


def _amount_held(question: Question, every: Sentences, of: int) -> float:
    """Whether the best passage states an amount of what is asked for: 1, -1, 0 if none is."""
    units = units_asked(question.text)
    if units is None:
        return 0.0
    known = facts(question.text, question.language)
    language = every.found[of].passage.language
    texts = [text for text, place in zip(every.texts, every.of, strict=True) if place == of]
    return 1.0 if any(holds_amount(units, text, language, known) for text in texts) else -1.0


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

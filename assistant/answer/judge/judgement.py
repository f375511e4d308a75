"""What is judged of the passages found: whether they answer, and which sentence answers best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answer.judge.answer_kind import Asked, asked
from assistant.answer.judge.evidence import about_features, answer_features
from assistant.answer.judge.model import Weights, bundled
from assistant.answer.judge.sentences import (
    NAMES,
    Numbers,
    Sentences,
    sentence_features,
    sentences_of,
    without_mark,
)
from assistant.language.facts import facts
from assistant.language.keywords import words
from assistant.language.labels import codes
from assistant.models.answer import Certainty
from assistant.models.records import StoredPassage
from assistant.models.table import BAR
from assistant.search.found import Found, Question
from assistant.search.word_match import HELD
from assistant.support.settings import STRICTNESS


@dataclass(frozen=True, slots=True)
class RankedSentence:
    """Sentence ``row`` of a passage found: the article's ``text[start:end]``, which begins after
    the mark of a list item. ``odds`` are those that it answers the question, as logarithms.
    """

    found: Found
    row: int
    start: int
    end: int
    odds: float

    @property
    def passage(self) -> StoredPassage:
        """The passage it stands in."""
        return self.found.passage

    @property
    def quote(self) -> str:
        """Its words, exactly as in the article."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]

    @property
    def in_words(self) -> str:
        """Its words, each cell of a table's row behind the heading of its column."""
        return self.passage.in_words(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Judgement:
    """``relevance`` is the probability, in 0..1, that the articles are about what is asked, and
    ``confidence`` that the passages found answer it.

    ``sentences`` are those of all passages but the headings, the likeliest to answer first.
    """

    relevance: float
    confidence: float
    certainty: Certainty
    sentences: tuple[RankedSentence, ...]


def judge(
    question: Question,
    found: Sequence[Found],
    passages: int,
    *,
    strictness: float = STRICTNESS,
    weights: Weights | None = None,
) -> Judgement:
    """Judge the passages ``found`` for ``question``; ``passages`` is how many the library holds.

    ``certainty`` is ``NONE`` if ``relevance`` is below ``strictness``, in 0..1, and else ``SURE``
    from the confidence on that ``Weights.sure`` is at the default strictness. ``weights`` are
    those of the package unless given.
    """
    if not any(len(one.passage.headings) for one in found):
        return Judgement(0.0, 0.0, Certainty.NONE, ())
    weights = weights or bundled()
    every = sentences_of(question, found)
    odds, about, answer = weigh(question, every, passages, weights)
    relevance, confidence = float(_probability(about)), float(_probability(answer))
    order = np.lexsort((every.row, every.of, -odds))
    ranked = tuple(_ranked(every, n, odds) for n in order.tolist() if every.answers[n])
    certainty = _certainty(relevance, confidence, strictness, weights.sure)
    if certainty is Certainty.SURE and ranked and not _speaks_of(question, found, ranked[0]):
        certainty = Certainty.UNSURE
    return Judgement(relevance, confidence, certainty, ranked)


def weigh(
    question: Question, every: Sentences, passages: int, weights: Weights
) -> tuple[Numbers, Numbers, Numbers]:
    """The odds, as logarithms: of each sentence, that the articles are about what is asked, and
    that the passages found answer it.
    """
    features = sentence_features(question, every)
    odds = weights.sentence.odds(features)
    kinds = features[:, NAMES.index("kind")]
    about = weights.about.odds(about_features(question, every, odds, passages))
    answer = weights.answer.odds(answer_features(question, every, odds, kinds, passages))
    return odds, about, answer


def _ranked(every: Sentences, place: int, odds: Numbers) -> RankedSentence:
    found, row = every.found[every.of[place]], int(every.row[place])
    start, end = found.passage.bounds[row].tolist()
    start = without_mark(found.passage, start)
    return RankedSentence(found, row, start, end, float(odds[place]))


def _speaks_of(question: Question, found: Sequence[Found], best: RankedSentence) -> bool:
    """Whether the article of the ``best`` sentence holds the words of ``question``.

    Codes and versions must be there as they are. Words of another language are too seldom known
    again to tell; in its own, all but names must be there where it asks why, which takes what it
    says for granted. One that goes on from another question, or whose answer is a row of a table,
    must have one besides names, as every question about the same person has these.
    """
    of_article = [one for one in found if one.passage.article == best.passage.article]
    if wanted := codes(question.text):
        told = (best.passage.title, *(one.passage.text for one in of_article))
        if not wanted <= codes(" ".join(told)):
            return False
    asks_why = asked(question.text, question.language) is Asked.REASON
    is_translated = best.passage.language != question.language
    if is_translated or not (asks_why or question.earlier or BAR in best.quote):
        return True
    stated = [fact for fact in facts(question.text, question.language) if fact.certain]
    named = {word for fact in stated for word in words(fact.text)}
    own = {*words(question.text)} - named
    asks = [word in own for word in question.words.words]
    held = np.max([one.held.likeness.max(axis=1) for one in of_article], axis=0)[asks]
    return not len(held) or bool((held.min() if asks_why else held.max()) > HELD)


def _certainty(relevance: float, confidence: float, strictness: float, sure: float) -> Certainty:
    if relevance < strictness:
        return Certainty.NONE
    # What is asked of a sure answer moves with what is asked of any: odds are multiplied.
    odds = sure / (1 - sure) * _odds(strictness) / _odds(STRICTNESS)
    return Certainty.SURE if _odds(confidence) >= odds else Certainty.UNSURE


def _odds(share: float) -> float:
    return share / max(1 - share, 1e-9)


def _probability(odds: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-odds.astype(np.float64))))

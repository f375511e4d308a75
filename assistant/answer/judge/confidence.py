"""How sure it is that the articles answer a question, and so whether to answer it.

Three things speak against an answer: that nothing found is nearer than chance would bring it; that
the sentences which fit best do not hold the kind of thing that is asked for, such as a sum of
money, or the dates and numbers that the question states; and that the question comes nearer to the
articles without one of its words. The answer is as sure as the weakest of them leaves it.

Each scale has 0.5 where questions are refused unless the setting ``strictness`` says otherwise. The
constants were chosen on the repository's own questions, on some of CLAPNQ and PIAF, and on
questions about other texts asked of these.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from assistant.answer.judge.answer_kind import Asked, asked, offers
from assistant.answer.judge.sentences import sentence_scores
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.facts.fact import folded
from assistant.language.keywords import words
from assistant.language.lexicon import any_of, lexicon, lexicons
from assistant.models.records import StoredPassage, Vectors
from assistant.search.found import Found, Question

Nearness = Callable[[Sequence[str], Sequence[StoredPassage]], Vectors]
"""How near passages are to texts that are taken for questions, shape (texts, passages, 2): the
cosine of the passage as a whole, and of its best sentence. As ``Retriever.nearness``."""

CHANCE = 0.28
CHANCE_GROWTH = 0.143
"""How near the nearest of n passages comes by chance: CHANCE + CHANCE_GROWTH * sqrt(2 ln n), the
law for the largest of n values that vary normally; the growth was measured for n from 2 to 484."""

WORDING = 0.1
USUAL_WORDING = 0.5
"""What the share of the question's wording that the best passage holds adds to its nearness, from
the share that is usual. Twice as much refuses more of the unrelated questions within one language,
and more of the hard paraphrases across two."""

RELATED_SPAN = 0.25
"""How far above chance nearness says nothing against an answer any more, and how far below it says
all: 0.3 is usual for questions that are answered, -0.1 for unrelated ones."""

KIND = 2.5
DATED = 0.6
WORD = 9.0
"""What counts against an answer, 0.5 being enough to refuse it: how much lower the best sentence
with the kind of thing asked for scores than the best of all; that a date or number of the question
is in none of the articles quoted; how much nearer the best passage comes when a word is left out of
the question, where something else speaks against the answer already. Chosen on questions about the
repository's articles and CLAPNQ; KIND, DATED and CHANCE also with news questions in view. At 0.5,
of the questions that the articles almost answer 54 % are refused (45 % without leaving words out),
of the unrelated ones 91 %, of the answered ones 8 %; of CLAPNQ's 28, 94 and 9 %; of news questions
26 % (16 %), 93 % and 4 %."""

REFUSING = 0.5
"""What counts against an answer from here on refuses it unless ``strictness`` says otherwise."""

_MOST_KIND = 0.4
_MOST_WORD = 0.05
"""From here on a difference says no more: both are measured with noise."""

_OPENING = 40  # characters of a sentence that most often hold its first words
_QUOTED = 3
_MOST_WORDS = 5  # of the question, that are left out in turn; with 8 as many are refused

_TIME = frozenset(("second", "minute", "hour", "day", "week", "month", "year", "decade", "century"))
_LENGTH = frozenset(
    ("millimeter", "centimeter", "meter", "kilometer", "inch", "foot", "yard", "mile", "light-year")
)
_UNITS: Mapping[str, frozenset[str]] = {
    "speed": frozenset(
        ("kilometer", "kilometer-per-hour", "meter-per-second", "mile-per-hour", "mile", "knot")
    ),
    "weight": frozenset(("gram", "kilogram", "tonne", "ton", "pound", "ounce", "milligram")),
    "temperature": frozenset(("", "degree", "celsius", "fahrenheit", "kelvin")),
    "length": _LENGTH,
    "extent": _TIME | _LENGTH,
    "age": _TIME,
    "money": frozenset(),
}
"""Of each amount in the lexicons the units one of which the answer then has, none for money."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence found: ``score`` is how well it fits the question, as far as vectors tell."""

    text: str
    score: float
    of: Found


def confidence(
    question: Question, found: Sequence[Found], passages: int, nearness: Nearness | None = None
) -> float:
    """How sure it is, in 0..1, that the passages ``found`` answer ``question``; 0 for none.

    ``passages`` is how many the library holds. Without ``nearness`` no word is left out in turn,
    which saves up to seven embeddings and finds fewer of the questions that are almost answered.
    """
    sentences = sorted(_sentences(found), key=lambda one: -one.score)
    if not sentences:
        return 0.0
    known = facts(question.text, question.language)
    against = KIND * _without_kind(question, known, sentences)
    against += DATED * _undated(known, sentences, found)
    if against >= 1:  # whatever speaks for an answer, which costs an embedding to know
        return 0.0
    related = _related(question, found, passages, nearness)
    # Alone it is not enough to refuse, and it costs up to six embeddings.
    matters = related > max(0.0, 1 - (against + WORD * _MOST_WORD))
    if nearness is not None and matters and 0 < against < REFUSING:
        against += WORD * _out_of_place(question, found[0].passage, nearness)
    return min(1.0, max(0.0, min(related, 1 - against)))


def _related(
    question: Question, found: Sequence[Found], passages: int, nearness: Nearness | None
) -> float:
    """Whether the nearest passage is nearer than chance: 0.5 where it is just as near.

    How the question is put moves its vector as much as what it is about, so it is looked at twice:
    as it is, and as nothing but its words with a meaning; of a follow-up these include those of
    the question before.
    """
    nearest = max(one.hit.why["passage"] + one.hit.why["sentence"] for one in found)
    if nearness is not None:
        gist = " ".join(question.words.words)
        near = nearness([gist], [one.passage for one in found])
        nearest = (nearest + float(near.sum(axis=2).max())) / 2
    chance = CHANCE + CHANCE_GROWTH * math.sqrt(2 * math.log(max(passages, 2)))
    wording = WORDING * (found[0].hit.why["wording"] - USUAL_WORDING)
    return min(1.0, 0.5 + (nearest + wording - chance) / (2 * RELATED_SPAN))


def _sentences(found: Sequence[Found]) -> Iterator[_Sentence]:
    """The sentences of the passages, without headings, which speak for the sentences under them.

    One that begins with a pronoun is about what the one before it is about, and fits as well.
    """
    for one in found:
        passage = one.passage
        pronouns = lexicon(passage.language).references.pronouns
        previous = -1.0
        for row, alone in sentence_scores(one):
            start, end = passage.bounds[row] - passage.start
            text = passage.text[start:end]
            leans = any(word in pronouns for word in _first_word(text))
            score = max(alone, previous) if leans else alone
            previous = score
            yield _Sentence(text, score, one)


@lru_cache(maxsize=20_000)  # the same sentences are looked at for many questions
def _first_word(text: str) -> list[str]:
    """The first of ``words(text)``, or none, without a look at the others."""
    begins = words(text[:_OPENING])
    return (begins if len(begins) > 1 else words(text))[:1]


def _without_kind(
    question: Question, known: Sequence[Fact], sentences: Sequence[_Sentence]
) -> float:
    """How much lower the first sentence that holds what is asked for scores than the first."""
    kind = asked(question.text, question.language)
    units = _units(question.text)
    if units is None and kind not in (Asked.NAME, Asked.DATE, Asked.NUMBER):
        # A reason and a place are often given without a word that would tell.
        return 0.0
    for one in sentences:
        below = sentences[0].score - one.score
        if below >= _MOST_KIND:
            break
        language = one.of.hit.language
        if units is None:
            holds_it = offers(kind, one.text, language, known)
        else:
            holds_it = _holds_amount(units, one.text, language, known)
        if holds_it:
            return below
    return _MOST_KIND


def _units(question: str) -> frozenset[str] | None:
    """The units of the amount that is asked for, none for money; None if it is no such amount."""
    text = folded(question).replace("’", "'")
    return next((_UNITS[amount] for amount, asks in _amounts().items() if asks.search(text)), None)


@cache
def _amounts() -> Mapping[str, re.Pattern[str]]:
    """What asks for each amount, in whatever language."""
    known = [one.questions.amounts for one in lexicons().values()]
    every = {name: any_of(amounts[name] for amounts in known) for name in _UNITS}
    return {name: re.compile(rf"\b(?:{pattern})\b") for name, pattern in every.items()}


def _holds_amount(
    units: frozenset[str], sentence: str, language: str, known: Sequence[Fact]
) -> bool:
    """Whether a sentence states an amount that the question does not. No ``units`` are money."""
    for fact in facts(sentence, language):
        if fact.kind is Kind.DATE and units >= _TIME and not holds(known, fact):
            return True
        if fact.kind is Kind.NUMBER and not holds(known, fact):
            is_money = len(fact.unit) == len("EUR") and fact.unit.isupper()
            if fact.unit in units or (is_money and not units):
                return True
    return False


def _undated(
    known: Sequence[Fact], sentences: Sequence[_Sentence], found: Sequence[Found]
) -> float:
    """Whether a date or number that the question states is nowhere near what would be quoted."""
    stated = [fact for fact in known if fact.kind is not Kind.NAME and not _counts_answers(fact)]
    if not stated:
        return 0.0
    articles = {one.of.hit.article for one in sentences[:_QUOTED]}
    evidence: list[Fact] = []
    for one in found:
        if one.hit.article in articles:
            evidence += facts(one.hit.title, one.hit.language)
            evidence += facts(one.passage.text, one.hit.language)
            if one.hit.published is not None:
                evidence += facts(one.hit.published.isoformat(), one.hit.language)
    return float(any(not holds(evidence, fact) for fact in stated))


def _counts_answers(fact: Fact) -> bool:
    """Whether a number only says how many things are asked for, as in "four functions of"."""
    return fact.kind is Kind.NUMBER and not fact.unit and len(fact.value) == 1


def _out_of_place(question: Question, passage: StoredPassage, nearness: Nearness) -> float:
    """How much nearer the question comes to the passage at most by leaving a word out of it."""
    shorter = (
        re.sub(rf"\b{re.escape(word)}\b", "", question.text, flags=re.IGNORECASE)
        for word in question.words.words[:_MOST_WORDS]
    )
    texts = [question.text, *(text for text in shorter if text.strip())]
    near = nearness(texts, [passage])[:, 0, 0]
    return min(float(near.max() - near[0]), _MOST_WORD)

"""What someone wants of the assistant itself, told by nearness to example sentences.

The examples say the same in every language, so that their mean in one language is what their
vectors owe to it. With that taken out, a question is compared with all of them at once.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from assistant.answer.talk.examples import (
    GAP,
    OF_ANSWER,
    OF_LIBRARY,
    OF_TIME,
    OF_TOPIC,
    Example,
    Intent,
    examples,
)
from assistant.answer.talk.phrases import holds_frame, without_courtesies, word_for_word
from assistant.embedding import Embedder
from assistant.embedding.centring import Centring, centred, keep
from assistant.language.facts import Fact, Kind, facts
from assistant.language.function_words import common_words, function_words
from assistant.language.keywords import terms, words
from assistant.language.lexicon import lexicon
from assistant.models.article import UNKNOWN_LANGUAGE
from assistant.models.records import Vectors
from assistant.search.found import Question

ALIKE = 0.57
"""Cosine to an example from which a question is talk. With it and ``SAME_FRAME`` at most 4 of 3,901
questions about articles (Belebele, PIAF, CLAPNQ, news, office documents) are taken for talk; with
0.03 more of both none, and with 0.03 less 8."""

SAME_FRAME = 0.76
"""Cosine to such an example of a question with a gap for its topic or time, too; and of one to any
example although it has a word of the articles that no example has: "How can volunteers help?".
"""


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted, and in which language; ``topic`` and ``when`` are those of the documents
    asked for.
    """

    intent: Intent
    language: str
    topic: str = ""
    when: Fact | None = None


class Intents:
    """Recognises talk with ``embedder``. Many threads may use one.

    The vectors of the examples are made when they are first needed, in some seconds, and kept in
    the folder ``kept``.
    """

    def __init__(self, embedder: Embedder, centring: Centring, kept: Path) -> None:
        self._embedder = embedder
        self._centring = centring
        self._kept = kept
        self._loading = threading.Lock()
        self._loaded: Vectors | None = None
        self._chance = 0.0

    def prepare(self) -> Vectors:
        """The centred vectors of the examples, shape (examples, dimension)."""
        with self._loading:
            if self._loaded is None:
                vectors = _centred(self._load())
                self._chance = _by_chance(vectors)
                self._loaded = vectors
            return self._loaded

    def recognise(self, question: Question, answered: bool) -> Request | None:
        """What ``question`` wants if it is talk, else None.

        ``answered`` tells whether there is an answer that it may be about.
        """
        if said := word_for_word(question.text, question.language):
            return self._answerable(said, said.language, answered)
        rest, language = without_courtesies(question.text, question.language)
        if rest != question.text and (more := self._further(question, rest, language, answered)):
            return more
        near = self.prepare() @ question.vector
        best = int(near.argmax())
        intent = examples()[best].intent
        of_documents = intent in OF_LIBRARY | OF_ANSWER
        asked = _cut_out(question)
        if (
            of_documents
            or holds_frame(asked.text, question.language)
            or near[_with_gap()].max() >= ALIKE
        ):
            request = self._summarized(question) or self._of_documents(asked, question.language)
            if request is not None:
                return request
            if of_documents and GAP in asked.text:
                return None
        least = SAME_FRAME if _says_of_articles(question) else ALIKE
        if intent is None or near[best] < max(least, self._chance) or intent in OF_TIME | OF_TOPIC:
            return None
        return self._answerable(examples()[best], question.language, answered)

    def _further(
        self, question: Question, rest: str, language: str, answered: bool
    ) -> Request | None:
        """What the ``rest`` of ``question`` beside courtesies in ``language`` wants, if talk."""
        vector = self._centring.questions(self._embedder.embed_query(rest), language)
        asked = replace(question, text=rest, language=language, vector=vector)
        return self.recognise(asked, answered)

    def _answerable(self, example: Example, language: str, answered: bool) -> Request | None:
        """What ``example`` wants, said in ``language``; None if it asks about an answer that there
        is not.
        """
        intent = example.intent
        if intent is None or (intent in OF_ANSWER and not answered):
            return None
        return Request(intent, example.language if language == UNKNOWN_LANGUAGE else language)

    def _of_documents(self, asked: _CutOut, language: str) -> Request | None:
        """The documents that a question with one gap asks for, if it asks for any."""
        intent = self._framed(asked, language)
        if intent is None:
            return None
        if asked.when is not None:
            if asked.topic != asked.when.text:
                return None
            return Request(intent, language, when=asked.when) if intent in OF_TIME else None
        if intent in OF_TOPIC:
            return Request(intent, language, asked.topic)
        if intent is Intent.COUNT:
            return Request(Intent.COUNT_ABOUT, language, asked.topic)
        return Request(Intent.ABOUT, language, asked.topic) if intent is Intent.EVERY else None

    def _summarized(self, question: Question) -> Request | None:
        """What a summary is asked of, if it is: all from the first unknown word to the last."""
        asked = _cut_out(question, whole=True)
        if self._framed(asked, question.language) is not Intent.SUMMARY:
            return None
        return Request(Intent.SUMMARY, question.language, asked.topic)

    def _framed(self, asked: _CutOut, language: str) -> Intent | None:
        """What a question with one gap wants, if it is worded like an example; else None."""
        if asked.text.count(GAP) != 1:
            return None
        vector = self._embedder.embed_query(asked.text)
        near = self.prepare() @ self._centring.questions(vector, language)
        best = int(near.argmax())
        return examples()[best].intent if near[best] >= max(SAME_FRAME, self._chance) else None

    def _load(self) -> Vectors:
        texts = [one.text for one in examples()]
        made_of = "\n".join((self._embedder.identity, *texts))
        file = self._kept / f"talk-{hashlib.sha256(made_of.encode()).hexdigest()[:16]}"
        size = self._embedder.dimension
        if file.is_file() and file.stat().st_size == 4 * size * len(texts):
            return np.frombuffer(file.read_bytes(), np.float32).reshape(len(texts), size)
        vectors = np.asarray(self._embedder.embed_queries(texts), np.float32)
        keep(vectors, file)
        return vectors


@dataclass(frozen=True, slots=True)
class _CutOut:
    """A question with ``GAP`` for every run of words that no example has."""

    text: str
    topic: str
    when: Fact | None


def _cut_out(question: Question, *, whole: bool = False) -> _CutOut:
    """``question`` with its gaps: as a ``whole``, with one where only common words are between."""
    text, language = question.text, question.language
    known = _frame(language)
    dates = [fact for fact in facts(text, language) if _is_day(fact)]
    when = dates[0] if len(dates) == 1 else None
    unknown = [(when.start, when.end)] if when else []
    for token in _TOKEN.finditer(text):
        in_date = when is not None and when.start <= token.start() < when.end
        # A letter alone says nothing: "What's".
        if not in_date and len(token[0]) > 1 and not known.issuperset(terms(token[0], language)):
            unknown.append(token.span())
    runs: list[tuple[int, int]] = []
    for start, end in sorted(unknown):
        if runs and _joins(text[runs[-1][1] : start], language, whole):
            start = runs.pop()[0]
        runs.append((start, end))
    topic = " ".join(text[slice(*run)] for run in runs)
    for start, end in reversed(runs):
        text = f"{text[:start]}{GAP}{text[end:]}"
    return _CutOut(text, topic, when)


def _joins(between: str, language: str, whole: bool) -> bool:
    """Whether what stands between two unknown words makes one name of them: "loans of works"."""
    joining = function_words(language) if whole else _prepositions(language)
    said = words(between)
    return all(word in joining for word in said) or _ELISION.fullmatch(between) is not None


@cache
def _prepositions(language: str) -> frozenset[str]:
    return frozenset(lexicon(language).parts.prepositions.split("|"))


def _is_day(fact: Fact) -> bool:
    """Whether it is a day, month or year, and no weekday or time of day."""
    return fact.kind is Kind.DATE and _DAY.match(fact.value) is not None


_ELISION = re.compile(r"\s*\w['’]")
_DAY = re.compile(r"\d|--")
_TOKEN = re.compile(r"[^\W_]+")


_FRAMED = OF_LIBRARY | OF_ANSWER | OF_TOPIC


@cache
def _frame(language: str) -> frozenset[str]:
    """The words of the examples about documents and common words, in English for lack of any."""
    own = [one for one in examples() if one.language == language] or [
        one for one in examples() if one.language == "en"
    ]
    of_documents = (one.text for one in own if one.intent in _FRAMED)
    known = {term for text in of_documents for term in terms(text, language)}
    return frozenset(known.union(*(terms(word, language) for word in common_words(language))))


def _says_of_articles(question: Question) -> bool:
    """Whether it has a word of the articles that no example of talk in its language has."""
    own = _own_words(question.language)
    if not own:
        return False
    said = terms(question.text, question.language)
    return any(question.frequencies.get(term) and term not in own for term in said)


@cache
def _own_words(language: str) -> frozenset[str]:
    talk = [one.text for one in examples() if one.language == language and one.intent]
    return frozenset(term for text in talk for term in terms(text, language))


@cache
def _with_gap() -> list[int]:
    return [row for row, one in enumerate(examples()) if one.intent in OF_TOPIC | OF_TIME]


def _by_chance(vectors: Vectors) -> float:
    """The cosine that the nearest example of talk reaches by chance: high for a model whose vectors
    tell little apart. Measured between the examples that are no talk and those that are.
    """
    talk = np.array([one.intent is not None for one in examples()])
    near = vectors[~talk] @ vectors[talk].T
    return float(near.mean() + near.std() * np.sqrt(2 * np.log(near.shape[1])))


def _centred(vectors: Vectors) -> Vectors:
    """``vectors`` of the examples without what they owe to their language."""
    rows: dict[str, dict[Intent | None, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, one in enumerate(examples()):
        rows[one.language][one.intent].append(row)
    found = np.empty_like(vectors)
    for of_language in rows.values():
        # Each intent counts as much as another, however many examples it has.
        means = [vectors[some].mean(axis=0) for intent, some in of_language.items() if intent]
        every = sorted(row for some in of_language.values() for row in some)
        found[every] = centred(vectors[every], np.mean(means, axis=0))
    return found

"""How much of a question's wording a text holds, whatever the languages of the two.

Each word of the articles has a vector of its own. A word of the question counts as held when the
text has the same word, and in part when it has one of like meaning: another form of it, a synonym,
its translation. A number counts only as itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from assistant.articles import UNKNOWN_LANGUAGE, Article
from assistant.centring import Centring, reference_sentences
from assistant.embedding import Embedder
from assistant.keywords import words
from assistant.library import Library
from assistant.records import EmbeddedPassage, StoredPassage, Vectors

UNLIKE = 0.3
"""Cosine of two centred words up to which they have nothing to do with each other."""

TRANSLATED = 0.6
"""Cosine of a word and its usual translation; within one language only the same word has 1."""

FOREIGN_CREDIT = 0.1
"""Added to the wording of a text in another language, since no translation is word for word.
Without it, the text in the question's language wins too often where both are in one corpus."""

_IN_SENTENCES = 3
"""Reference sentences, of fifty on as many subjects, that only a function word is in."""

_QUESTION_MARKS = ("?", "？", "؟", ";")
_REMEMBERED = 50_000  # words whose vectors stay in memory, in half precision: 40 MB


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """The distinct words of a question, function words left out if it has others.

    ``vectors`` are centred, shape (words, dimension); a number has the vector zero, as it is like
    nothing but itself.
    """

    words: tuple[str, ...]
    vectors: Vectors
    language: str


class Wording:
    """Compares the words of questions with those of the passages in ``library``."""

    def __init__(self, library: Library, embedder: Embedder, centring: Centring) -> None:
        self._library = library
        self._embedder = embedder
        self._centring = centring
        self._remembered: dict[str, Vectors] = {}

    def understand(self, text: str, language: str) -> QuestionWords:
        """The words of a question; those that no article has are embedded."""
        every = tuple(dict.fromkeys(words(text)))
        # "Why did" has exact translations too, but says nothing of what is asked about.
        asked = tuple(word for word in every if word not in _function_words(language)) or every
        known = self._known(asked)
        missing = [word for word in asked if word not in known and _has_meaning(word)]
        known |= zip(missing, self._embedder.embed_passages(missing), strict=True)
        self._remembered |= known
        vectors = self._centring.words(_rows(asked, known, self._embedder.dimension), language)
        meant = np.array([_has_meaning(word) for word in asked], np.float32)
        return QuestionWords(asked, vectors * meant[:, None], language)

    def held(
        self, question: QuestionWords, passages: Sequence[StoredPassage], language: str
    ) -> list[tuple[float, Vectors]]:
        """How much of the question's wording each passage holds, and each of its sentences: 0..1.

        The passages are in ``language``; what a title says counts for the whole passage, and a
        heading's words for themselves. A word weighs more the fewer of these passages hold it.
        """
        if not question.words or not passages:
            return [(0.0, np.zeros(len(p.bounds), np.float32)) for p in passages]
        texts = [text for passage in passages for text in (passage.title, *_sentences(passage))]
        of_texts = [set(words(text)) or {""} for text in texts]
        vocabulary = sorted(set().union(*of_texts))
        likeness = self._likeness(question, vocabulary, language)
        column = {word: i for i, word in enumerate(vocabulary)}
        columns = [column[word] for found in of_texts for word in found]
        best = np.maximum.reduceat(likeness[:, columns], _begins(of_texts), axis=1)
        texts_of = [1 + len(passage.bounds) for passage in passages]
        whole = np.maximum.reduceat(best, list(accumulate(texts_of[:-1], initial=0)), axis=1)
        weights = _rarity(whole)
        credit = FOREIGN_CREDIT if _foreign(question, language) else 0.0
        shares = np.minimum(weights @ whole + credit, 1.0)
        of_sentences = np.split(weights @ best, np.cumsum(texts_of)[:-1])
        return [
            (float(share), np.asarray(parts[1:], np.float32))
            for share, parts in zip(shares, of_sentences, strict=True)
        ]

    def _likeness(
        self, question: QuestionWords, vocabulary: Sequence[str], language: str
    ) -> NDArray[np.float32]:
        """How far each word of the question is the same as each of ``vocabulary``, in 0..1.

        Shape (words of the question, words of the vocabulary).
        """
        known = self._known(vocabulary)
        self._remembered |= known
        rows = _rows(vocabulary, known, self._embedder.dimension)
        cosine = self._centring.compare_words(question.vectors, rows, language)
        same = TRANSLATED if _foreign(question, language) else 1.0
        likeness = np.clip((cosine - UNLIKE) / (same - UNLIKE), 0, 1)
        column = {word: i for i, word in enumerate(vocabulary)}
        for row, word in enumerate(question.words):
            if word in column:
                likeness[row, column[word]] = 1
        return np.asarray(likeness, np.float32)

    def _known(self, asked: Iterable[str]) -> dict[str, Vectors]:
        """The vectors of those of ``asked`` that the library or the memory holds."""
        if len(self._remembered) > _REMEMBERED:
            self._remembered = {}
        remembered = self._remembered
        known = {word: remembered[word] for word in asked if word in remembered}
        return known | self._library.words.get(word for word in asked if word not in known)


def new_words(
    articles: Iterable[tuple[Article, Sequence[EmbeddedPassage]]],
    library: Library,
    embedder: Embedder,
) -> dict[str, Vectors]:
    """The vectors of the words of ``articles`` that ``library`` does not know yet."""
    found: set[str] = set()
    for article, passages in articles:
        for text in (article.title, *(passage.text for passage in passages)):
            found |= {word for word in words(text) if _has_meaning(word)}
    missing = sorted(found - library.words.get(found).keys())
    return dict(zip(missing, embedder.embed_passages(missing), strict=True))


def idf(count: NDArray[np.float32], total: int) -> NDArray[np.float32]:
    """The weight of terms that ``count`` of ``total`` passages hold, as in BM25 (Lucene's)."""
    return np.asarray(np.log(1 + np.maximum(0, total - count + 0.5) / (count + 0.5)), np.float32)


@cache
def _function_words(language: str) -> frozenset[str]:
    """The words that many sentences share, and those that questions begin with."""
    sentences = reference_sentences(language)
    counts = Counter(word for sentence in sentences for word in set(words(sentence)))
    common = {word for word, count in counts.items() if count >= _IN_SENTENCES}
    questions = (words(s) for s in sentences if s.rstrip().endswith(_QUESTION_MARKS))
    return frozenset(common | {found[0] for found in questions if found})


def _rarity(held: NDArray[np.float32]) -> NDArray[np.float32]:
    """The share of each word in the wording, from how far each passage holds it (a column)."""
    weights = idf(held.sum(axis=1), held.shape[1])
    return np.asarray(weights / weights.sum(), np.float32)


def _foreign(question: QuestionWords, language: str) -> bool:
    return language != question.language or language == UNKNOWN_LANGUAGE


def _sentences(passage: StoredPassage) -> list[str]:
    return [passage.text[start:end] for start, end in passage.bounds - passage.start]


def _begins(groups: Sequence[Collection[str]]) -> list[int]:
    """Where each group begins when all stand in one row."""
    return list(accumulate((len(group) for group in groups[:-1]), initial=0))


def _has_meaning(word: str) -> bool:
    """Whether a vector says something: numbers are the same or not, however near they look."""
    return not any(character.isdigit() for character in word)


def _rows(
    asked: Sequence[str], known: Mapping[str, Vectors], dimension: int
) -> NDArray[np.float32]:
    """The vectors as the rows of a matrix; zeros for a word without one."""
    nothing = np.zeros(dimension, np.float16)
    rows = [known.get(word, nothing) for word in asked]
    return np.array(rows, np.float32).reshape(len(asked), dimension)

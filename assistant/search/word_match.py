"""Measures how much of a question's wording a text contains, across languages.

Each word of the articles has its own vector. A word of the question counts fully if the text has
the same word, and partly if it has a similar one: another form, a synonym, a translation. A number
matches only itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.language.function_words import function_words
from assistant.language.keywords import has_meaning, words
from assistant.models.article import UNKNOWN_LANGUAGE
from assistant.models.records import PassageWords, Vectors
from assistant.store.library import Library
from assistant.store.vectors import words_as_kept
from assistant.store.word_store import NO_WORD

UNLIKE = 0.3
"""Cosine of two centred words up to which they are unrelated."""

TRANSLATED = 0.6
"""Cosine of a word and its usual translation; within one language only the same word has 1."""

FOREIGN_CREDIT = 0.1
"""Bonus for a text in another language, since no translation is word for word. Without it, the text
in the question's language wins too often if both are in one corpus."""

_REMEMBERED = 4_000
"""Cached vectors of question words: 6 MB."""

HELD = 0.5
"""How alike a word of a question one of a text must be for the text to hold it."""


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """The distinct words of a question, without function words unless it has no others.

    ``ids`` are the library's, ``NO_WORD`` for a word that no article has. ``vectors`` are centred,
    shape (words, dimension); zero for a number, which matches nothing but itself. ``tokens`` are
    how many the embedding model splits each into: the rarer a word, the more.
    """

    words: tuple[str, ...]
    ids: NDArray[np.int32]
    vectors: Vectors
    language: str
    tokens: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Held:
    """How well a passage matches each word of a question, 0..1.

    ``likeness`` has shape (words, sentences + 1), the title first; ``rarity`` is each word's share
    of the question's wording, shape (words,). ``share`` is the weighted match of all compared
    passages of its article together.
    """

    likeness: Vectors
    rarity: Vectors
    share: float

    @property
    def of_sentences(self) -> Vectors:
        """The weighted match of each sentence, shape (sentences,)."""
        return np.asarray(self.rarity @ self.likeness[:, 1:], np.float32)

    @property
    def under_title(self) -> Vectors:
        """The weighted match of each sentence with the title, shape (sentences,)."""
        matched = np.maximum(self.likeness[:, 1:], self.likeness[:, :1])
        return np.asarray(self.rarity @ matched, np.float32)

    @classmethod
    def nothing(cls, sentences: int) -> Held:
        """For a question without words."""
        none = np.zeros(0, np.float32)
        return cls(np.zeros((0, sentences + 1), np.float32), none, 0.0)


class Wording:
    """Compares the words of questions with those of the passages in ``library``."""

    def __init__(self, library: Library, embedder: Embedder, centring: Centring) -> None:
        self._library = library
        self._embedder = embedder
        self._centring = centring
        self._unheard: dict[str, Vectors] = {}

    def understand(self, text: str, language: str) -> QuestionWords:
        """The words of a question; embeds those that no article has."""
        every = tuple(dict.fromkeys(words(text)))
        # "Why did" has exact translations too, but says nothing about the subject.
        asked = tuple(word for word in every if word not in function_words(language)) or every
        known = self._library.words.ids(asked)
        ids = np.array([known.get(word, NO_WORD) for word in asked], np.int32)
        vectors = self._library.words.vectors(ids, self._embedder.dimension)
        meant = np.array([has_meaning(word) for word in asked], bool)
        unheard = np.flatnonzero(meant & ~vectors.any(axis=1))
        vectors[unheard] = self._embedded([asked[row] for row in unheard])
        centred = self._centring.words(vectors, language) * meant[:, None]
        tokens = np.array(self._embedder.count_tokens(asked), np.int32)
        return QuestionWords(asked, ids, centred, language, tokens)

    def _embedded(self, unheard: Sequence[str]) -> Vectors:
        """Cached vectors of words that no article has; the next question often repeats some."""
        if len(self._unheard) > _REMEMBERED:
            self._unheard = {}
        remembered = self._unheard  # other threads may replace it meanwhile
        new = [word for word in unheard if word not in remembered]
        # Rounded as in the library, so that results do not depend on whether an article has the
        # word.
        vectors = words_as_kept(self._embedder.embed_passages(new))
        remembered |= zip(new, vectors, strict=True)
        found = [remembered[word] for word in unheard]
        return np.array(found, np.float32).reshape(len(found), self._embedder.dimension)

    def held(
        self, question: QuestionWords, passages: Sequence[PassageWords], language: str
    ) -> list[Held]:
        """How much of the question's wording each passage and each of its sentences contains.

        The passages are in ``language``; a title counts for the whole passage, a heading only for
        itself. Words weigh more the fewer of these passages contain them. What other passages of
        its article contain counts for the share of a passage: many name their subject only once.
        """
        if not question.words or not passages:
            return [Held.nothing(len(p.counts) - 1) for p in passages]
        distinct, place = np.unique(np.concatenate([p.ids for p in passages]), return_inverse=True)
        likeness = self._likeness(question, distinct, language)
        of_texts = np.concatenate([passage.counts for passage in passages])
        best = np.maximum.reduceat(likeness[:, place], _begins(of_texts), axis=1)
        texts_of = np.array([len(passage.counts) for passage in passages])
        whole = np.maximum.reduceat(best, _begins(texts_of), axis=1)
        weights = _rarity(whole)
        credit = FOREIGN_CREDIT if _foreign(question, language) else 0.0
        _, article = np.unique([p.article for p in passages], return_inverse=True)
        of_articles = np.zeros((article.max() + 1, len(whole)), np.float32)
        np.maximum.at(of_articles, article, whole.T)
        shares = np.minimum(of_articles @ weights + credit, 1.0)[article]
        ends = np.cumsum(texts_of).tolist()
        return [
            Held(best[:, begin:end], weights, float(share))
            for (begin, end), share in zip(pairwise([0, *ends]), shares, strict=True)
        ]

    def _likeness(
        self, question: QuestionWords, ids: NDArray[np.int32], language: str
    ) -> NDArray[np.float32]:
        """Similarity of each word of the question to each of these ids, in 0..1.

        Shape (words of the question, ids).
        """
        vectors = self._library.words.vectors(ids, self._embedder.dimension)
        cosine = self._centring.compare_words(question.vectors, vectors, language)
        same = TRANSLATED if _foreign(question, language) else 1.0
        likeness = np.clip((cosine - UNLIKE) / (same - UNLIKE), 0, 1)
        itself = (question.ids[:, None] == ids) & (ids != NO_WORD)
        return np.asarray(np.where(itself, 1, likeness), np.float32)


def idf(count: NDArray[np.float32], total: int) -> NDArray[np.float32]:
    """The BM25 weight (Lucene's) of terms in ``count`` of ``total`` passages."""
    return np.asarray(np.log(1 + np.maximum(0, total - count + 0.5) / (count + 0.5)), np.float32)


def _rarity(held: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each word's share of the wording, given how well each passage (column) matches it."""
    weights = idf(held.sum(axis=1), held.shape[1])
    return np.asarray(weights / weights.sum(), np.float32)


def _foreign(question: QuestionWords, language: str) -> bool:
    return language != question.language or language == UNKNOWN_LANGUAGE


def _begins(sizes: NDArray[np.int32]) -> NDArray[np.int64]:
    """The start of each group in the concatenation."""
    return np.cumsum(sizes) - sizes

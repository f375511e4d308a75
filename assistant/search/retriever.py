"""Question in, ranked passages out.

Candidates come from two sides: the passages nearest in meaning, asked of every language separately
so that each gets its chance, and the passages in the question's language that share its rarer
words. All are then scored alike: how near the passage as a whole is and how near its best sentence
is, both on language-centred vectors, and how much of the question's wording it holds, word by word
across languages. Passages that say what a better one says already, and the many of one article,
come after the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.language.detection import detect_question_language
from assistant.language.keywords import terms
from assistant.models.answer import Hit
from assistant.models.clearance import ALL, Clearance
from assistant.models.extract import fields_of
from assistant.models.filters import EVERYTHING, Filters
from assistant.models.records import StoredPassage, Vectors
from assistant.search.diversify import varied
from assistant.search.found import Found, Question, join
from assistant.search.rerank import RERANKED, Reranker
from assistant.search.word_match import Held, Wording, split
from assistant.store.index import Index
from assistant.store.library import Library

DENSE_CANDIDATES = 30
"""Passages a language, by meaning."""

KEYWORD_CANDIDATES = 30
"""Passages in the question's language, by words."""

COMPARED = 80
"""Candidates whose words are compared: the best by meaning. Neither more of these nor more of those
by meaning change a first place in three hundred questions."""

SPARE = 15
"""Passages more than wanted that take the place of those which repeat a better one."""

LAST = 1_000
"""The rank of what no search found."""

COMMON = 1_000
"""Passages that the question's rarest terms may occur in, all together; its other terms do not find
candidates, only score them, or the time would grow with the library."""

MEANING_WEIGHT = 0.78
WORDING_WEIGHT = 0.22
"""The weights of nearness and of wording. They, the share of a sentence's passage in its vector
and the constants of ``wording`` were chosen on public questions within and across French, English
and German (PIAF and Belebele) for the first place in all of them; values a third smaller or larger
lose at most a percent."""

CONTEXT = 0.6
"""How much of its passage's vector a sentence's takes on: alone, many speak of "he" and "it"."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    id: int
    language: str
    near: Vectors  # as Found.near
    held: Held

    @property
    def whole(self) -> float:
        return float(self.near[0])

    @property
    def sentence(self) -> float:
        return float(self.near[1:].max(initial=-1.0))

    @property
    def meaning(self) -> float:
        return (self.whole + self.sentence) / 2

    @property
    def score(self) -> float:
        return MEANING_WEIGHT * self.meaning + WORDING_WEIGHT * self.held.share


class Retriever:
    """Finds passages in ``library`` through ``index``, and has ``reranker`` order the best anew."""

    def __init__(
        self, library: Library, index: Index, embedder: Embedder, centring: Centring,
        reranker: Reranker | None = None,
    ) -> None:  # fmt: skip
        self._library = library
        self._index = index
        self._embedder = embedder
        self._centring = centring
        self._reranker = reranker
        self._wording = Wording(library, embedder, centring)

    def understand(self, text: str, language: str | None = None) -> Question:
        """Detect the question's language unless it is given, embed it, and count its words."""
        language = language or detect_question_language(text)
        words = self._wording.understand(text, language)
        vector = self._centring.questions(self._embedder.embed_query(text), language)
        # Not of function words: counting what is nearly everywhere takes as long as all the rest.
        asked = set(terms(" ".join(words.words), language))
        frequencies = self._library.passages.document_frequencies(asked)
        return Question(text, language, vector, frequencies, words)

    def find(self, question: Question, top: int, filters: Filters = EVERYTHING) -> list[Found]:
        """The ``top`` passages that best fit ``question``, best first, of those ``filters`` let by.

        What repeats a better passage, and the fourth and later ones of an article, come last.
        """
        most = max(top, RERANKED) if self._reranker else top
        with self._library.snapshot():  # else a passage could go between two looks at it
            found = self._find(question, most, filters)
        return self._reranker.rerank(question.text, found)[:top] if self._reranker else found

    def surroundings(
        self, question: Question, found: Sequence[Found], reach: int, clearance: Clearance = ALL
    ) -> list[Found]:
        """``found`` with the ``reach`` passages before and after each, joined where they touch.

        What a list announces, the heading of a section and the first row of a table may stand in
        the passage before. In the order of the best of what was joined.
        """
        with self._library.snapshot():
            stretches = self._library.passages.beside([one.passage.id for one in found], reach)
            known = {one.passage.id: one for one in found}
            new = [id_ for ids in stretches for id_ in ids if id_ not in known]
            known |= {one.passage.id: one for one in self._look_at(question, new, clearance)}
            joined = [
                join([known[id_] for id_ in ids], self._library.text)
                for ids in stretches
                if all(id_ in known for id_ in ids)
            ]
        return sorted(joined, key=lambda one: one.hit.rank)

    def read(
        self, question: Question, article: str, most: int, clearance: Clearance = ALL
    ) -> Found | None:
        """The first ``most`` passages of an article as one; None if it is not there to be seen."""
        with self._library.snapshot():
            ids = self._library.passages.of_article(article, most)
            found = self._look_at(question, ids, clearance)
            return join(found, self._library.text) if found else None

    def _look_at(self, question: Question, ids: Sequence[int], clearance: Clearance) -> list[Found]:
        """The passages with these ids, as far as they may be seen, after all that was searched."""
        if not ids:
            return []
        scored = {
            one.id: one for one in self._compare_words(question, self._compare(question, ids))
        }
        return [
            self._found(question, LAST, one, passage)
            for passage in self._library.passages.get(list(ids), clearance)
            if (one := scored.get(passage.id))
        ]

    def _find(self, question: Question, top: int, filters: Filters) -> list[Found]:
        nearest = self._compare(question, self._candidates(question, top, filters))
        nearest.sort(key=_by_meaning)
        scored = self._compare_words(question, nearest[: max(top, COMPARED)])
        scored.sort(key=_by_score)
        best = {one.id: one for one in scored[: top + SPARE]}
        # Whatever the candidates were: nothing leaves here but what the asker may see.
        passages = self._library.passages.get(list(best), filters.clearance)
        # Of passages that say the same, not the one that was read first: which one that was is
        # the library's past, and would change which articles are found.
        passages.sort(key=lambda p: (-round(best[p.id].score, 5), p.article, p.start))
        chosen = [passages[i] for i in varied(passages)[:top]]
        return [
            self._found(question, rank, one, passage)
            for rank, (one, passage) in enumerate(((best[p.id], p) for p in chosen), 1)
        ]

    def _found(
        self, question: Question, rank: int, one: _Candidate, passage: StoredPassage
    ) -> Found:
        scale = self._centring.scale(question.language, passage.language)
        return Found(_hit(rank, one, passage), passage, one.near, one.held, scale)

    def _candidates(self, question: Question, top: int, filters: Filters) -> list[int]:
        rarer = _rarest(question.frequencies, COMMON)
        dense = max(top, DENSE_CANDIDATES)
        found = None
        if filters == EVERYTHING:
            found = self._index.query(question.vector, dense, self._library.revision)
        if found is None:
            # The index holds another state of the library, or none; or it would find the nearest
            # first and drop most of them: all are compared instead.
            found = self._nearest(question, filters, dense)
        if replace(filters, clearance=ALL) != EVERYTHING:
            return sorted(found)
        matching = self._library.passages.matching(
            rarer, question.language, max(top, KEYWORD_CANDIDATES), filters.clearance
        )
        return sorted({*found, *matching})

    def _nearest(self, question: Question, filters: Filters, dense: int) -> list[int]:
        """The ``dense`` passages of each language nearest in meaning, of all that there are."""
        allowed = self._library.passages.within(
            filters.language, filters.after, filters.before, filters.source, filters.clearance
        )
        nearest: list[int] = []
        for language, (ids, vectors) in allowed.items():
            near = self._centring.passages(vectors, language) @ question.vector
            nearest += ids[np.argsort(-near, kind="stable")[:dense]].tolist()
        return nearest

    def _compare(self, question: Question, ids: Sequence[int]) -> list[_Candidate]:
        """The nearness of all passages with these ids, a language at a time."""
        compared = []
        for language, some in self._library.passages.vectors_of(ids).items():
            of_sentences = np.repeat(some.vectors, some.counts, axis=0)
            in_context = _in_context(some.sentence_vectors, of_sentences)
            wholes = self._centring.passages(some.vectors, language) @ question.vector
            placed = self._centring.passages(in_context, language) @ question.vector
            of_each = split(placed, some.counts)
            compared += [
                _Candidate(id_, language, np.append(whole, near), Held.nothing(len(near)))
                for id_, whole, near in zip(some.ids.tolist(), wholes, of_each, strict=True)
            ]
        return compared

    def _compare_words(
        self, question: Question, candidates: Sequence[_Candidate]
    ) -> list[_Candidate]:
        """The same candidates with how much of the question's wording they hold."""
        words = self._library.passages.words_of([one.id for one in candidates])
        by_language: dict[str, list[_Candidate]] = defaultdict(list)
        for candidate in candidates:
            if candidate.id in words:  # not removed meanwhile
                by_language[candidate.language].append(candidate)
        compared = []
        for language, some in by_language.items():
            held = self._wording.held(question.words, [words[one.id] for one in some], language)
            compared += [replace(one, held=its) for one, its in zip(some, held, strict=True)]
        return compared


def _in_context(sentences: Vectors, passages: Vectors) -> Vectors:
    """Vectors of sentences that lean on the passages they stand in: on one, or each on its own."""
    placed = sentences + CONTEXT * passages
    length = np.linalg.norm(placed, axis=1, keepdims=True)
    return np.asarray(placed / np.maximum(length, 1e-9), np.float32)


def _rarest(frequencies: Mapping[str, int], limit: int) -> list[str]:
    """The terms that occur least often, of as many as occur ``limit`` times together."""
    terms = sorted(frequencies, key=lambda term: (frequencies[term], term))
    reached = accumulate(frequencies[term] for term in terms)
    return [term for term, count in zip(terms, reached, strict=True) if count <= limit]


def _by_meaning(one: _Candidate) -> tuple[float, int]:
    return -one.meaning, one.id


def _by_score(one: _Candidate) -> tuple[float, int]:
    return -one.score, one.id


def _hit(rank: int, one: _Candidate, passage: StoredPassage) -> Hit:
    why = {"passage": one.whole, "sentence": one.sentence, "wording": one.held.share}
    whole = passage.cut(passage.start, passage.end)
    return Hit(**fields_of(whole), rank=rank, score=one.score, passage_id=passage.id, why=why)

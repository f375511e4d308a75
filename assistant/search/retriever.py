"""Finds and ranks the passages for a question.

Candidates come from two searches: by meaning, separately in every language so that each gets its
chance, and by the rarer words, in the question's language. All are then scored alike: by the
similarity of the passage and of its best sentence, both on language-centred vectors, and by how
much of the question's wording that sentence and the article contain, word by word across languages.
Near-duplicates of better passages, and surplus passages of one article, come last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.language.detection import detect_question_language
from assistant.language.keywords import terms
from assistant.models.answer import Hit
from assistant.models.clearance import ALL, Clearance
from assistant.models.filters import EVERYTHING, Filters
from assistant.models.records import StoredPassage, Vectors, fields_of, split, unit
from assistant.search.completed import CompletedPassages
from assistant.search.diversify import varied
from assistant.search.found import Found, Question, join
from assistant.search.rerank import RERANKED, Reranker
from assistant.search.spelling import Spelling
from assistant.search.unready import Unready
from assistant.search.word_match import Held, Wording
from assistant.store.library import Library
from assistant.store.passage_index import PassageIndex

CANDIDATES = 30
"""Candidates per language by meaning, and in the question's language by words."""

_LIKELY = 4
"""How many times as many as those are compared once more where rounded vectors were."""

COMPARED = 80
"""Candidates whose words are compared: the best by meaning. Raising this or the number by meaning
changed no first hit in 300 questions."""

SPARE = 15
"""Extra passages that replace near-duplicates."""

LAST = 1_000
"""The rank of passages that no search found."""

COMMON = 1_000
"""Limit on the passages, summed over the question's rarest terms, to search for by words; its other
terms only score candidates, as otherwise the time would grow with the library."""

ARTICLE_WORDING = 0.2
"""Weight of the wording that a passage's article contains. It and the next, the share of a
sentence's passage in its vector and the constants of ``word_match`` were tuned on public question
sets within and across French, English and German (PIAF and Belebele), and on questions and claims
about scientific English (COVID-QA), for the first hit in all of them; values a third smaller or
larger lose at most a percent."""

SENTENCE_WORDING = 0.06
"""Weight of a sentence's wording: the one that answers is similar and has the words as well."""

SIMILARITY = (1 - ARTICLE_WORDING - SENTENCE_WORDING) / 2
"""Weight of the similarity of a passage, and of that of its sentence."""

CONTEXT = 0.6
"""Weight of its passage's vector in a sentence's: on their own, many speak of "he" and "it"."""


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
        sentences = SIMILARITY * self.near[1:] + SENTENCE_WORDING * self.held.under_title
        best = float(sentences.max(initial=-SIMILARITY))
        return SIMILARITY * self.whole + best + ARTICLE_WORDING * self.held.share


class Retriever:
    """Finds passages in ``library`` through ``index``; ``reranker`` reorders the best."""

    def __init__(
        self, library: Library, index: PassageIndex, embedder: Embedder, centring: Centring,
        reranker: Reranker | None = None,
    ) -> None:  # fmt: skip
        self._library = library
        self._passages = CompletedPassages(library, embedder)
        self._unready = Unready(library, embedder, centring)
        self._index = index
        self._embedder = embedder
        self._centring = centring
        self._reranker = reranker
        self._wording = Wording(library, embedder, centring)
        self._spelling = Spelling(library, embedder, centring)

    def understand(self, text: str, language: str | None = None) -> Question:
        """Detect the question's language unless given, embed it, and count its words."""
        language = language or detect_question_language(text)
        words = self._wording.understand(text, language)
        vector = self._centring.questions(self._embedder.embed_query(text), language)
        asked = set(terms(" ".join(words.words), language))  # without function words
        frequencies = self._library.keywords.document_frequencies(asked, COMMON)
        return Question(text, language, vector, frequencies, words)

    def spelt(self, text: str, clearance: Clearance = ALL) -> str:
        """``text`` with its mistyped words as the visible articles write them."""
        language = detect_question_language(text)
        return self._spelling.corrected(text, language, clearance)

    def find(self, question: Question, top: int, filters: Filters = EVERYTHING) -> list[Found]:
        """The ``top`` best passages for ``question`` that match ``filters``, best first.

        Near-duplicates, and the fourth and later passages of an article, come last.
        """
        most = max(top, RERANKED) if self._reranker else top
        # In one snapshot: otherwise a passage could disappear between two reads.
        found = self._library.consistently(lambda: self._find(question, most, filters))
        return self._reranker.rerank(question.text, found)[:top] if self._reranker else found

    def surroundings(
        self, question: Question, found: Sequence[Found], reach: int, clearance: Clearance = ALL
    ) -> list[Found]:
        """``found`` extended by ``reach`` passages on either side, joined where they touch.

        The introduction of a list, a section's heading and a table's first row may be in the
        passage before. Ordered by the best passage in each. A passage that the library has
        lost since it was found, as its article has changed, is given as it was.
        """

        def read() -> list[Found]:
            stretches = self._library.passages.beside([one.passage.id for one in found], reach)
            known = {one.passage.id: one for one in found}
            new = [id_ for ids in stretches for id_ in ids if id_ not in known]
            known |= {one.passage.id: one for one in self._look_at(question, new, clearance)}
            whole = [ids for ids in stretches if all(id_ in known for id_ in ids)]
            joined = [join([known[id_] for id_ in ids], self._library.text) for ids in whole]
            held = {id_ for ids in whole for id_ in ids}
            return [*joined, *(one for one in found if one.passage.id not in held)]

        return sorted(self._library.consistently(read), key=lambda one: one.hit.rank)

    def read(
        self, question: Question, article: str, most: int, clearance: Clearance = ALL
    ) -> Found | None:
        """The first ``most`` passages of an article joined; None if it may not be seen."""

        def beginning() -> Found | None:
            ids = self._library.passages.of_article(article, most)
            found = self._look_at(question, ids, clearance)
            return join(found, self._library.text) if found else None

        return self._library.consistently(beginning)

    def _look_at(self, question: Question, ids: Sequence[int], clearance: Clearance) -> list[Found]:
        """The visible ones of the passages with these ids, scored, without having been searched
        for.
        """
        if not ids:
            return []
        scored = {
            one.id: one for one in self._compare_words(question, self._compare(question, ids))
        }
        return [
            self._found(question, LAST, one, passage)
            for passage in self._passages.get(list(ids), clearance)
            if (one := scored.get(passage.id))
        ]

    def _find(self, question: Question, top: int, filters: Filters) -> list[Found]:
        nearest = self._compare(question, self._candidates(question, top, filters))
        nearest.sort(key=_by_meaning)
        scored = self._compare_words(question, nearest[: max(top, COMPARED)])
        scored.sort(key=_by_score)
        best = {one.id: one for one in scored[: top + SPARE]}
        # Whatever the candidates, return nothing that the asker may not see.
        passages = self._passages.get(list(best), filters.clearance)
        # Among duplicates prefer none by reading order: that depends on the library's history, and
        # would change which articles are found.
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
        dense = max(top, CANDIDATES)
        found = None
        if filters == EVERYTHING:
            found = self._index.query(question.vector, dense, self._library.revision)
        if found is None:
            # The index is missing or at another revision, or would find the nearest first and the
            # filters would drop most of them: compare all passages instead.
            found = self._nearest(question, filters, dense)
        keywords, most = self._library.keywords, max(top, CANDIDATES)
        if replace(filters, clearance=ALL) == EVERYTHING:
            found += keywords.matching(rarer, question.language, most, filters.clearance)
        if self._library.incomplete.any():
            # Of other languages, too: names and numbers are alike.
            matching = keywords.matching(rarer, None, most, filters.clearance)
            found = [*self._unready.narrow(question, {*found}, matching, filters)]
        return sorted({*found})

    def _nearest(self, question: Question, filters: Filters, dense: int) -> list[int]:
        """The ``dense`` nearest passages of each language, by exhaustive comparison."""
        nearest: list[int] = []
        for language, (ids, vectors) in self._library.passages.within(filters).items():
            roughly = self._centring.nearness(question.vector, vectors, language)
            likely = _largest(roughly, _LIKELY * dense)
            unpacked = vectors.at(likely).unpacked()
            near = self._centring.passages(unpacked, language) @ question.vector
            nearest += ids[likely[_largest(near, dense)]].tolist()
        return nearest

    def _compare(self, question: Question, ids: Sequence[int]) -> list[_Candidate]:
        """The similarity of all passages with these ids, one language at a time."""
        compared = []
        for language, some in self._passages.vectors_of(ids).items():
            of_sentences = np.repeat(some.vectors, some.counts, axis=0)
            in_context = _in_context(some.sentence_vectors, of_sentences)
            wholes = self._centring.passages(some.vectors, language) @ question.vector
            placed = self._centring.passages(in_context, language) @ question.vector
            each = np.insert(placed, np.cumsum(some.counts) - some.counts, wholes)
            of_each = split(each, some.counts + 1)
            compared += [
                _Candidate(id_, language, near, Held.nothing(len(near) - 1))
                for id_, near in zip(some.ids.tolist(), of_each, strict=True)
            ]
        return compared

    def _compare_words(
        self, question: Question, candidates: Sequence[_Candidate]
    ) -> list[_Candidate]:
        """Add to the candidates how much of the question's wording they contain."""
        words = self._library.passages.words_of([one.id for one in candidates])
        by_language: dict[str, list[_Candidate]] = defaultdict(list)
        for candidate in candidates:
            if candidate.id in words:  # otherwise removed meanwhile
                by_language[candidate.language].append(candidate)
        compared = []
        for language, some in by_language.items():
            held = self._wording.held(question.words, [words[one.id] for one in some], language)
            compared += [replace(one, held=its) for one, its in zip(some, held, strict=True)]
        return compared


def _in_context(sentences: Vectors, passages: Vectors) -> Vectors:
    """Sentence vectors mixed with the vectors of their passages: one passage, or one for each."""
    return unit(sentences + CONTEXT * passages)


def _largest(values: Vectors, count: int) -> NDArray[np.integer]:
    """Places of the ``count`` largest of ``values``, in no order."""
    return np.argsort(-values) if len(values) <= count else np.argpartition(-values, count)[:count]


def _rarest(frequencies: Mapping[str, int], limit: int) -> list[str]:
    """The rarest terms whose occurrences sum up to at most ``limit``."""
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

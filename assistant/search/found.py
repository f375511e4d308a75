"""A question as the search sees it, and what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from assistant.language.layout import Layout
from assistant.models.answer import Citation, Hit
from assistant.models.records import StoredPassage, Vectors
from assistant.search.word_match import QuestionWords


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the retriever sees it.

    ``vector`` is centred; ``frequencies`` says in how many passages each of its terms occurs.
    """

    text: str
    language: str
    vector: Vectors
    frequencies: Mapping[str, int]
    words: QuestionWords


@dataclass(frozen=True)  # without slots, which leave no room for what is worked out once
class Found:
    """A hit with what choosing sentences needs.

    ``similarities`` and ``wordings`` hold one value a sentence: how near it is to the question
    within its passage, and how much of the question's wording it holds.
    """

    hit: Hit
    passage: StoredPassage
    similarities: Vectors
    wordings: Vectors
    fits: Vectors = field(default_factory=lambda: np.zeros(0, np.float32))
    """The score of the passage of each sentence, where they are of several; else empty."""

    @cached_property
    def layout(self) -> Layout:
        """How the sentences stand on the page."""
        return Layout(self.passage)

    def fit(self, row: int) -> float:
        """The score of the passage that the sentence ``row`` stands in."""
        return float(self.fits[row]) if len(self.fits) else self.hit.score

    def cite(self, number: int, start: int, end: int) -> Citation:
        """The words of the article from ``start`` to ``end``, which lie in the passage."""
        passage = self.passage
        quote = passage.text[start - passage.start : end - passage.start]
        return Citation(
            number, passage.article, passage.title, passage.source, passage.language,
            passage.published, start, end, quote, passage.sources,
        )  # fmt: skip


def join(parts: Sequence[Found], text: Callable[[str, int, int], str]) -> Found:
    """Passages that follow each other in an article as one, with the hit of the best of them.

    ``text`` gives the words of an article from one place to another.
    """
    if len(parts) == 1:
        return parts[0]
    best = min(parts, key=lambda one: (one.hit.rank, -one.hit.score))
    first, last = parts[0].passage, parts[-1].passage
    passages = [one.passage for one in parts]
    passage = replace(
        best.passage,
        start=first.start,
        end=last.end,
        text=text(first.article, first.start, last.end),
        bounds=np.concatenate([one.bounds for one in passages]),
        headings=np.concatenate([one.headings for one in passages]),
        sentence_vectors=np.concatenate([one.sentence_vectors for one in passages]),
        terms=tuple(term for one in passages for term in one.terms),
    )
    scores = [np.full(len(one.similarities), one.hit.score, np.float32) for one in parts]
    return Found(
        best.hit,
        passage,
        np.concatenate([one.similarities for one in parts]),
        np.concatenate([one.wordings for one in parts]),
        np.concatenate(scores),
    )

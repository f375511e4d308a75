"""Questions and results inside the search."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from assistant.embedding.centring import Scale
from assistant.language.layout import Layout
from assistant.language.periods import Period
from assistant.models.answer import Citation, Hit
from assistant.models.records import StoredPassage, Vectors, fields_of
from assistant.models.table import row_text
from assistant.search.word_match import Held, QuestionWords


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the retriever sees it.

    ``vector`` is centred; ``frequencies`` is the number of passages with each of its terms,
    counted as far as ``KeywordStore.document_frequencies`` does.
    ``earlier`` is the question that was added to it if it goes on from one, so that ``text`` is not
    all of it, and ``said`` what that was answered with. ``period`` is the time that it asks about,
    None if any. ``summarized`` is what a summary is asked of, "" if that was not told.
    """

    text: str
    language: str
    vector: Vectors
    frequencies: Mapping[str, int]
    words: QuestionWords
    earlier: str = ""
    said: str = ""
    period: Period | None = None
    summarized: str = ""


@dataclass(frozen=True)  # without slots, which leave no room for what is worked out once
class Found:
    """A hit with the data to judge it by.

    ``near`` has shape (sentences + 1,): the similarity of the passage, and then of each of its
    sentences, to the question. ``scale`` calibrates it; ``held`` is how much of the question's
    wording the passage contains.
    """

    hit: Hit
    passage: StoredPassage
    near: Vectors
    held: Held
    scale: Scale

    @property
    def similarities(self) -> Vectors:
        """Similarity of each sentence, in its passage, to the question."""
        return self.near[1:]

    @cached_property
    def wordings(self) -> Vectors:
        """Share of the question's wording in each sentence."""
        return self.held.of_sentences

    @cached_property
    def layout(self) -> Layout:
        """The layout of the sentences on the page."""
        return Layout(self.passage)

    def cite(self, number: int, start: int, end: int) -> Citation:
        """Cite ``text[start:end]`` of the article, a range within the passage."""
        columns = row_text(self.passage.columns_at(start, end))
        return Citation(**fields_of(self.passage.cut(start, end)), number=number, columns=columns)


def join(parts: Sequence[Found], text: Callable[[str, int, int], str]) -> Found:
    """Join consecutive passages of an article into one, with the hit of the best of them.

    ``text`` returns an article's text between two offsets.
    """
    if len(parts) == 1:
        return parts[0]
    best = min(parts, key=lambda one: (one.hit.rank, -one.hit.score))
    passages = [one.passage for one in parts]
    start, end = passages[0].start, passages[-1].end
    passage = replace(
        best.passage,
        start=start,
        end=end,
        text=text(best.passage.article, start, end),
        bounds=np.concatenate([one.bounds for one in passages]),
        headings=np.concatenate([one.headings for one in passages]),
        sentence_vectors=np.concatenate([one.sentence_vectors for one in passages]),
        terms=tuple(term for one in passages for term in one.terms),
        columns=tuple(of for one in passages for of in one.columns or ((),) * len(one.bounds)),
    )
    near = np.concatenate([best.near[:1], *(one.near[1:] for one in parts)])
    title = best.held.likeness[:, :1]
    likeness = np.concatenate([title, *(one.held.likeness[:, 1:] for one in parts)], axis=1)
    return Found(best.hit, passage, near, replace(best.held, likeness=likeness), best.scale)

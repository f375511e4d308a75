"""A question as the search sees it, and what it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with what choosing sentences needs.

    ``similarities`` and ``wordings`` hold one value a sentence: how near it is to the question
    within its passage, and how much of the question's wording it holds.
    """

    hit: Hit
    passage: StoredPassage
    similarities: Vectors
    wordings: Vectors

    def cite(self, number: int, start: int, end: int) -> Citation:
        """The words of the article from ``start`` to ``end``, which lie in the passage."""
        passage = self.passage
        quote = passage.text[start - passage.start : end - passage.start]
        return Citation(
            number, passage.article, passage.title, passage.source, passage.language,
            passage.published, start, end, quote, passage.sources,
        )  # fmt: skip

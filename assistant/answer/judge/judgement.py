"""What is judged of the passages found: whether they answer, and which sentence answers best."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.models.answer import Certainty
from assistant.models.records import StoredPassage
from assistant.search.found import Found

__all__ = ["Certainty", "Judgement", "RankedSentence"]


@dataclass(frozen=True, slots=True)
class RankedSentence:
    """Sentence ``row`` of a passage found: the article's ``text[start:end]``, which begins after
    the mark of a list item. ``probability`` is that it answers the question.
    """

    found: Found
    row: int
    start: int
    end: int
    probability: float

    @property
    def passage(self) -> StoredPassage:
        """The passage it stands in."""
        return self.found.passage

    @property
    def quote(self) -> str:
        """Its words, exactly as in the article."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]


@dataclass(frozen=True, slots=True)
class Judgement:
    """``confidence`` is the probability, in 0..1, that the passages found answer the question.

    ``sentences`` are those of all passages but the headings, the likeliest to answer first.
    """

    confidence: float
    certainty: Certainty
    sentences: tuple[RankedSentence, ...]

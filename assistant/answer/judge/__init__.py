"""Passages to a judgement: which sentences answer a question, and how likely any does."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answer.judge.confidence import confidence
from assistant.answer.judge.judgement import Certainty, Judgement, RankedSentence
from assistant.answer.judge.sentences import rank_sentences
from assistant.search.found import Found, Question

__all__ = ["Certainty", "Judgement", "RankedSentence", "judge"]

SURE = 0.6
LEAST_UNSURE = 0.6


def judge(
    question: Question, found: Sequence[Found], passages: int, *, strictness: float = 0.5
) -> Judgement:
    """Judge the passages ``found`` for ``question``; ``passages`` is how many the library holds.

    ``certainty`` is ``NONE`` if ``confidence`` is below ``strictness``, in 0..1.
    """
    sure = confidence(question, found, passages)
    sentences = tuple(rank_sentences(question, found))
    if not sentences or sure < LEAST_UNSURE * strictness:
        return Judgement(sure, Certainty.NONE, sentences)
    return Judgement(sure, Certainty.SURE if sure >= SURE else Certainty.UNSURE, sentences)

"""A message becomes the questions in it, each with what was said before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from assistant.answer.parts import FEWEST_WORDS, questions_in, without_introduction
from assistant.language.detection import detect_question_language
from assistant.language.periods import stated_period
from assistant.models.conversation import MAX_QUESTION, Turn
from assistant.models.filters import Filters
from assistant.search.follow_ups import in_context
from assistant.search.found import Question
from assistant.search.retriever import Retriever


def understand(
    retriever: Retriever, text: str, history: Sequence[Turn], filters: Filters
) -> list[tuple[Question, str]]:
    """The questions in ``text``, in order, and of each how to show what it was understood as.

    Those before it in the message and the sentences that lead up to it count as said before.
    """
    meant = retriever.spelt(text, filters.clearance)
    language = detect_question_language(meant)
    understood: list[tuple[Question, str]] = []
    said = list(history)
    for one in questions_in(meant, language):
        turns = [*said, Turn("user", one.before[-MAX_QUESTION:])] if one.before else said
        plain = _without_introduction(retriever, one.text, language, filters)
        question, shown = in_context(retriever, plain, turns, filters)
        question = _of_period(retriever, question, date.today())
        understood.append((question, shown or (plain if meant != text else "")))
        said = [*said, Turn("user", plain)]
    return understood


def _of_period(retriever: Retriever, question: Question, today: date) -> Question:
    """``question`` with the period that it states.

    "Since March" is left out of what is searched for: what happened since need not name March.
    """
    stated = stated_period(question.text, question.language, today)
    if stated is None:
        return question
    rest = f"{question.text[: stated.start].rstrip()}{question.text[stated.end :]}"
    plain = retriever.understand(question.text, question.language)
    is_joined = not np.array_equal(plain.vector, question.vector)  # with an earlier question
    if stated.bounded and not is_joined:
        shorter = retriever.understand(rest, question.language)
        if len(shorter.words.words) >= FEWEST_WORDS:
            question = shorter
    return replace(question, period=stated.period)


def _without_introduction(retriever: Retriever, text: str, language: str, filters: Filters) -> str:
    """``text`` without what leads up to the question, if that comes nearer to the articles."""
    shorter = list(without_introduction(text, language))
    return _nearest(retriever, (text, *shorter), filters) if shorter else text


def _nearest(retriever: Retriever, readings: Sequence[str], filters: Filters) -> str:
    """The one of ``readings`` that comes nearest to the articles; the first, if none does."""
    return max(readings, key=lambda one: _nearness(retriever, one, filters))


def _nearness(retriever: Retriever, text: str, filters: Filters) -> float:
    """How near the nearest passage and the best sentence in it are to ``text``."""
    found = retriever.find(retriever.understand(text), 1, filters)
    return max((one.hit.why["passage"] + one.hit.why["sentence"] for one in found), default=0.0)

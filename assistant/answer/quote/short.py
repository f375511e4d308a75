"""The few words within a quote that answer by themselves: a date, a number or a sum.

Names and places are left alone. The only date in the sentence that answers is what was asked for in
98 of 100 questions for one (PIAF), the only number in 93, but the only place in 88 and name in 78.
"""

from __future__ import annotations

import re

from assistant.answer.judge.answer_kind import FACTS, asked
from assistant.answer.quote.excerpts import Excerpt
from assistant.language.facts import Fact, facts, holds
from assistant.models.answer import Short
from assistant.search.found import Question

_BEGINS_RANGE = re.compile(r"\b\d[\d.:]*\s*(?:[-–—]|[^\W\d_]{1,3})\s*\Z")
"""What may begin a range, of which a fact is the end alone: "4 to" 22 August, "10:00–" 12:00."""


def short_answer(question: Question, number: int, excerpt: Excerpt) -> Short | None:
    """The words of ``excerpt``, the citation ``number``, that answer; None where it is not sure.

    It is sure if the sentence that was chosen holds one thing of the kind asked for, and no more.
    """
    kind = FACTS.get(asked(question.text, question.language))
    if kind is None:
        return None
    known = facts(question.text, question.language)
    offered = [
        fact
        for fact in facts(excerpt.quote, excerpt.found.passage.language)
        if fact.kind is kind and fact.certain and not holds(known, fact)
    ]
    # "7 a.m. on 5 May" has two dates for one moment; a lone year beside a day is part of it.
    if len(offered) != 1 or _is_bare(offered[0]):
        return None
    fact = offered[0]
    if _BEGINS_RANGE.search(excerpt.quote, 0, fact.start):
        return None
    start, text = excerpt.start + fact.start, fact.text.rstrip(".")
    return Short(number, text, start, start + len(text))


def _is_bare(fact: Fact) -> bool:
    """Whether a number is an ordinal, which counts nothing."""
    return fact.unit == "ordinal"

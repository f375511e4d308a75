"""The form of answer a question wants: one thing, several, a way to do it, two sides, a summary.

Read from the words of the lexicon. In a language without one, one thing is assumed, unless the
layout of what is found says otherwise.
"""

from __future__ import annotations

import re
from enum import StrEnum

from assistant.answer.judge.answer_kind import asks_for_many
from assistant.language.facts import Kind, facts
from assistant.language.facts.fact import flat, folded
from assistant.language.lexicon import lexicon

MOST_LISTED = 12
"""Things that are quoted if all of them are asked for, and that a question may say it asks for."""

_THINGS = re.compile(r"\s+\w+")


class Form(StrEnum):
    """What a question wants for an answer."""

    ONE = "one"
    SEVERAL = "several"
    WAY = "way"
    SIDES = "sides"
    SUMMARY = "summary"


def form(question: str, language: str) -> Form:
    """The form of answer that ``question`` wants."""
    text = folded(question).replace("’", "'").strip(' ?!.¿¡"«»')
    asks = lexicon(language).forms
    for wanted, pattern in ((Form.SUMMARY, asks.summary), (Form.SIDES, asks.sides)):
        if pattern and re.search(pattern, text):
            return wanted
    if (
        asks_for_many(question, language)
        or wants_timeline(question, language)
        or wants_table(question, language)
        or _counts(question, language)
    ):
        return Form.SEVERAL
    if asks.way and re.search(asks.way, text):
        return Form.WAY
    return Form.ONE


def wants_timeline(question: str, language: str) -> bool:
    """Whether ``question`` asks for what happened, in the order of time."""
    return _matches(lexicon(language).forms.timeline, question)


def wants_table(question: str, language: str) -> bool:
    """Whether ``question`` asks for its answer as a table."""
    return _matches(lexicon(language).forms.table, question)


def without_summary_words(question: str, language: str) -> str:
    """``question``, folded, without the words that ask for a summary: what is to be summarized."""
    asks = lexicon(language).forms.summary
    text = folded(question).replace("’", "'")
    return re.sub(asks, " ", text) if asks else text


def _matches(pattern: str, question: str) -> bool:
    return bool(pattern and re.search(pattern, folded(question)))


def _counts(question: str, language: str) -> bool:
    """Whether a question says how many things it asks for, as "which three causes" does."""
    asks = lexicon(language).forms.before_count
    if not asks:
        return False
    text = flat(question)
    counted = {match.end() for match in re.finditer(rf"\b(?:{asks})\s+", text)}
    return any(
        fact.kind is Kind.NUMBER
        and not fact.unit
        and fact.value.isdigit()
        and 1 < int(fact.value) <= MOST_LISTED
        and fact.start in counted
        and _THINGS.match(text, fact.end)
        for fact in facts(question, language)
    )

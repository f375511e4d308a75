"""What a question asks for, and whether a sentence holds such a thing.

A sentence that resembles a question often repeats it; one that answers "when" holds a date that the
question does not. Questions are understood in the languages that have a lexicon; of any other it is
not known what they ask for, and no sentence is preferred.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from functools import cache

from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.facts.cldr import is_currency
from assistant.language.lexicon import lexicon, lexicons, says
from assistant.models.table import BAR


class Asked(StrEnum):
    """The kind of thing that answers a question."""

    TIME = "time"
    REASON = "reason"
    MONEY = "money"
    NUMBER = "number"
    DATE = "date"
    PLACE = "place"
    NAME = "name"
    ANYTHING = "anything"


FACTS = {Asked.MONEY: Kind.NUMBER, Asked.NUMBER: Kind.NUMBER, Asked.DATE: Kind.DATE}
"""What kind of fact answers what is asked for."""


def asked(question: str, language: str) -> Asked:
    """What ``question`` asks for; ``Asked.ANYTHING`` where its words do not tell."""
    known = lexicon(language).questions
    text = _plain(question)
    for kind, pattern in known.interrogatives.items():
        nouns = f"{known.which} ?(?:\\w+ )?(?:{known.nouns[kind]})[esnx]{{0,2}}\\b"
        begins = rf"(?:^|[,:;] )(?:\w+[ '])?(?:{pattern})\b"
        if re.search(rf"{begins}|\b(?:{pattern})$|\b{nouns}", text):
            return Asked(kind)
    return Asked.ANYTHING


def asks_for_many(question: str, language: str) -> bool:
    """Whether ``question`` asks for several things, as "list all" and "which countries" do."""
    many = lexicon(language).questions.many
    return bool(many and re.search(many, _plain(question)))


def offers(kind: Asked, sentence: str, language: str, known: Sequence[Fact]) -> bool:
    """Whether ``sentence`` holds a thing of ``kind`` that is not among ``known``.

    ``known`` are the facts of the question, which do not answer it.
    """
    if kind is Asked.ANYTHING:
        return False
    if kind is Asked.REASON:
        return says(lexicon(language).answers.reasons, _folded(sentence))
    found = [fact for fact in facts(sentence, language) if not holds(known, fact)]
    if kind is Asked.TIME:
        hours = lexicon(language).answers.times
        return any(fact.value.startswith("T") for fact in found if fact.kind is Kind.DATE) or bool(
            hours and re.search(hours, _folded(sentence))
        )
    if kind is Asked.MONEY:
        in_row = BAR in sentence  # whose heading may say that it is money
        return any(
            fact.kind is Kind.NUMBER and (is_currency(fact.unit) or fact.unit == "%" or in_row)
            for fact in found
        )
    if kind is Asked.NUMBER:
        return any(fact.kind is Kind.NUMBER for fact in found)
    if kind is Asked.DATE:
        return any(fact.kind is Kind.DATE for fact in found)
    names = [fact for fact in found if fact.kind is Kind.NAME and fact.certain]
    if kind is Asked.NAME:
        return bool(names)
    places = lexicon(language).answers.places or lexicon("en").answers.places
    at = re.compile(rf"\b(?:{places}) ?(?:{_articles()})?$")
    return any(at.search(_folded(sentence[: fact.start])[-20:]) for fact in names)


@cache
def _articles() -> str:
    every = (word for known in lexicons().values() for word in known.answers.articles)
    return "|".join(word if word.endswith("'") else f"{word} " for word in every)


def _plain(question: str) -> str:
    return _folded(question).strip(' ?!.¿¡"«»')


def _folded(text: str) -> str:
    """``text`` in lower case, without accents, with straight apostrophes."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("’", "'").replace("ß", "ss"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))

"""Amounts: in what units the one that a question asks for is given, and whether a text gives it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.facts.fact import folded
from assistant.language.lexicon import any_of, lexicons

_TIME = frozenset(("second", "minute", "hour", "day", "week", "month", "year", "decade", "century"))
_LENGTH = frozenset(
    ("millimeter", "centimeter", "meter", "kilometer", "inch", "foot", "yard", "mile", "light-year")
)
_MONEY = "money"
_UNITS: Mapping[str, frozenset[str]] = {
    "speed": frozenset(
        ("kilometer", "kilometer-per-hour", "meter-per-second", "mile-per-hour", "mile", "knot")
    ),
    "weight": frozenset(("gram", "kilogram", "tonne", "ton", "pound", "ounce", "milligram")),
    "temperature": frozenset(("", "degree", "celsius", "fahrenheit", "kelvin")),
    "length": _LENGTH | {_MONEY, "%"},  # a rent is high, too
    "extent": _TIME | _LENGTH,
    "age": _TIME,
    "money": frozenset({_MONEY}),
}
"""Of each amount in the lexicons the units one of which the answer then has."""


@lru_cache(maxsize=1_000)
def units_asked(question: str) -> frozenset[str] | None:
    """The units of the amount that is asked for; None if it is no such amount."""
    text = folded(question).replace("’", "'")
    return next((_UNITS[amount] for amount, asks in _amounts().items() if asks.search(text)), None)


def holds_amount(units: frozenset[str], text: str, language: str, known: Sequence[Fact]) -> bool:
    """Whether ``text`` states an amount in one of ``units`` that is not among ``known``."""
    for fact in facts(text, language):
        if holds(known, fact):
            continue
        if fact.kind is Kind.DATE and units >= _TIME:
            return True
        is_money = len(fact.unit) == len("EUR") and fact.unit.isupper()
        if fact.kind is Kind.NUMBER and (_MONEY if is_money else fact.unit) in units:
            return True
    return False


@cache
def _amounts() -> Mapping[str, re.Pattern[str]]:
    """What asks for each amount, in whatever language."""
    known = [one.questions.amounts for one in lexicons().values()]
    every = {name: any_of(amounts[name] for amounts in known) for name in _UNITS}
    return {name: re.compile(rf"\b(?:{pattern})\b") for name, pattern in every.items()}

"""Numbers, dates and names in a text, in a form that is the same in every language.

So a fact that one text states can be looked for in another: "1 milliard" in "one billion",
"mid-2023" in "mi-2023", "London" in "Londres". English, French, German and Spanish are known
well; other languages as far as figures, the calendar and capital letters tell.

Kept by hand, over Babel and text2num: Duckling is a server of its own, spaCy needs a model to be
downloaded for each language, and neither says whether two texts state the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from assistant.language.facts.dates import dates
from assistant.language.facts.fact import Fact, Kind, Taken
from assistant.language.facts.holding import holds
from assistant.language.facts.names import coded, names
from assistant.language.facts.numbers import numbers

__all__ = ["Fact", "Kind", "facts", "holds"]

_REMEMBERED = 5_000  # sentences: the same ones are looked at for many questions
_REMEMBERED_FULL = 200
_FULL = 32
"""Facts; of texts with more, which may have a thousand, fewer are remembered."""


def facts(text: str, language: str) -> tuple[Fact, ...]:
    """The facts in ``text``, in order and without overlap.

    ``language`` is an ISO 639-1 code, or ``UNKNOWN_LANGUAGE``.
    """
    found = _few(text, language)
    return _many(text, language) if found is None else found


@lru_cache(maxsize=_REMEMBERED)
def _few(text: str, language: str) -> tuple[Fact, ...] | None:
    found = find_facts(text, language)
    return found if len(found) <= _FULL else None


@lru_cache(maxsize=_REMEMBERED_FULL)
def _many(text: str, language: str) -> tuple[Fact, ...]:
    return find_facts(text, language)


def find_facts(text: str, language: str) -> tuple[Fact, ...]:
    """What ``facts`` gives, found anew."""
    dated = dates(text, language)
    counted = numbers(text, language, _taken(text, *_spans(dated), *coded(text)))
    named = names(text, language, _taken(text, *_spans(dated), *_spans(counted)))
    return tuple(sorted((*dated, *counted, *named), key=lambda fact: fact.start))


def _spans(found: Sequence[Fact]) -> list[tuple[int, int]]:
    return [(fact.start, fact.end) for fact in found]


def _taken(text: str, *spans: tuple[int, int]) -> Taken:
    taken = Taken(text)
    for start, end in spans:
        taken.add(start, end)
    return taken

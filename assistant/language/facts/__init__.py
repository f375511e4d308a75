"""Numbers, dates and names in a text, in a form that is the same in every language.

So a fact that one text states can be looked for in another: "1 milliard" in "one billion",
"mid-2023" in "mi-2023", "London" in "Londres". English, French, German and Spanish are known
well; other languages as far as figures, the calendar and capital letters tell.

Kept by hand, over Babel and text2num: Duckling is a server of its own, spaCy needs a model to be
downloaded for each language, and neither says whether two texts state the same.
"""

from __future__ import annotations

from functools import lru_cache

from assistant.language.facts.dates import dates
from assistant.language.facts.fact import Fact, Kind
from assistant.language.facts.holding import holds
from assistant.language.facts.names import coded, names
from assistant.language.facts.numbers import numbers

__all__ = ["Fact", "Kind", "facts", "holds"]

_REMEMBERED = 20_000  # sentences: the same ones are looked at for many questions


@lru_cache(maxsize=_REMEMBERED)
def facts(text: str, language: str) -> tuple[Fact, ...]:
    """The facts in ``text``, in order and without overlap.

    ``language`` is an ISO 639-1 code, or ``UNKNOWN_LANGUAGE``.
    """
    dated = dates(text, language)
    taken = [(fact.start, fact.end) for fact in dated] + coded(text)
    counted = numbers(text, language, taken)
    taken = [(fact.start, fact.end) for fact in (*dated, *counted)]
    named = names(text, language, taken)
    return tuple(sorted((*dated, *counted, *named), key=lambda fact: fact.start))

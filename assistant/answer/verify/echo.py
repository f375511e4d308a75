"""Sentences that only say the question again: who asks "Why did they sack her?" may be told "They
sacked her in May" by a model whose sources hold no such thing.

All facts of such a sentence may be in a source, and its subject is the source's, so it sounds near.
What it claims, it has from the question: there alone are its words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assistant.answer.verify.alignment import ALIGNED, Aligner
from assistant.answer.verify.clauses import cause
from assistant.answer.verify.evidence import Claim, Evidence
from assistant.language.facts import Kind, facts
from assistant.language.facts.cldr import is_currency
from assistant.language.facts.fact import flat
from assistant.language.function_words import function_words
from assistant.language.keywords import terms, words
from assistant.language.lexicon import Pattern, lexicon, says


def echoes(claim: Claim, text: str, evidence: Evidence, aligner: Aligner) -> bool:
    """Whether ``claim``, but for the cause that it gives, adds no more than names, numbers and
    dates to its question, and ``text`` says no word that it has from there and that the
    ``evidence`` around lacks.
    """
    given = cause(claim.text, claim.language)
    claim = replace(claim, text=claim.text[: claim.text.rfind(given)] if given else claim.text)
    own = list(_own_words(claim)) if claim.question else []
    asked = aligner.align(claim.text, claim.question) if own else None
    told = aligner.align(claim.text, text) if asked else None
    if asked is None or told is None or _is_price(claim):
        return False
    stems = set(terms(claim.question, claim.language))
    around = set(terms(evidence.text, evidence.language))
    has_unsaid = False
    for row, word in own:
        said = set(terms(word, claim.language))
        if not said & stems and asked.likeness[row].max() < ALIGNED:
            return False
        if not said <= around:
            if told.likeness[row].max() >= ALIGNED:
                return False
            has_unsaid = True
    return has_unsaid


def _own_words(claim: Claim) -> Iterator[tuple[int, str]]:
    """The words of ``claim`` that say something and are part of no fact, by their places."""
    common = function_words(claim.language)
    stated = facts(claim.text, claim.language)
    for row, found in enumerate(Aligner.words(claim.text)):
        if any(fact.start < found.end() and found.start() < fact.end for fact in stated):
            continue
        if any(word not in common for word in words(found[0])):
            yield row, " ".join(word for word in words(found[0]) if word not in common)


def _is_price(claim: Claim) -> bool:
    """Whether ``claim`` gives a price to a question for one: with an amount of money, "costs" is
    said by "a subscription at $20".
    """
    money = lexicon(claim.language).picks.measured.get("money", Pattern(""))
    stated = facts(claim.text, claim.language)
    paid = any(fact.kind is Kind.NUMBER and is_currency(fact.unit) for fact in stated)
    return paid and says(money, flat(claim.question))

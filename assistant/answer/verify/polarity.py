"""Whether two texts with similar wording say the opposite of each other.

Vectors hardly distinguish "refused" from "accepted". So this checks whether one of the two is
negated and the other is not, and whether one has an antonym of a word in the other. Both together
cancel out: "not open" says "closed".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from assistant.language.facts.fact import flat
from assistant.language.keywords import terms
from assistant.language.lexicon import any_of, lexicon, lexicons

_WORD = re.compile(r"[^\W\d_]+")
_ENDED = ("join - leave", "appoint - dismiss")
"""Pairs whose second side says what "no longer" does: "removed as head", "is no longer head"."""

_REACH = 20  # characters between a negation and what it negates: "not very far from open"


def is_negated(text: str, language: str) -> bool:
    """Whether ``text`` has a negation; False in a language without a lexicon."""
    return next(_negations(text, language), None) is not None


def contradicts(text: str, language: str, other: str, other_language: str) -> bool:
    """Whether two texts about the same say the opposite, judged by their words.

    They do if one has an antonym of a word in the other, or if only one of them is negated;
    both together cancel out ("not open" says "closed"), as do "no longer head" and "dismissed".
    """
    here, there = _stances(text, language), _stances(other, other_language)
    turned = [pair for pair in here.keys() & there.keys() if here[pair][0] != there[pair][0]]
    if any(here[pair][1] == there[pair][1] for pair in turned):
        return True
    negated = is_negated(text, language)
    if turned or negated == is_negated(other, other_language):
        return False
    plain = there if negated else here
    return not any(plain.get(pair) == (1, False) for pair in _ENDED)


def _stances(text: str, language: str) -> dict[str, tuple[int, bool]]:
    """Which side, 0 or 1, of each antonym pair ``text`` takes, and whether it negates that; without
    pairs of which it has both sides.
    """
    known = _opposites(language)
    plain = _at_least().sub(" ", text.lower())
    negations = list(_negations(plain, language))
    found: dict[str, set[tuple[int, bool]]] = defaultdict(set)
    for word in _WORD.finditer(plain):
        for stem in terms(word[0], language):
            for pair, side in known.get(stem, ()):
                negated = any(_reaches(negation, word) for negation in negations)
                found[pair].add((side, negated))
    return {pair: stances.pop() for pair, stances in found.items() if len(stances) == 1}


def _reaches(negation: re.Match[str], word: re.Match[str]) -> bool:
    """Whether a negation applies to a word: it precedes it; "pas" and "nicht" may also follow."""
    before = word.start() - negation.end()
    after = negation.start() - word.end()
    return 0 <= before <= _REACH or (negation[0] in _after() and 0 <= after <= _REACH)


def _negations(text: str, language: str) -> Iterator[re.Match[str]]:
    """The negations, in folded text of the same length."""
    pattern = _negation(language)
    return pattern.finditer(flat(text)) if pattern is not None else iter(())


@cache
def _negation(language: str) -> re.Pattern[str] | None:
    words = lexicon(language).polarity.negations
    return re.compile(rf"\b(?:{words})(?!\w)") if words else None


@cache
def _after() -> frozenset[str]:
    return frozenset(word for one in lexicons().values() for word in one.polarity.after)


@cache
def _at_least() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{any_of(one.polarity.at_least for one in lexicons().values())})\b")


@cache
def _opposites(language: str) -> Mapping[str, frozenset[tuple[str, int]]]:
    """For each stem with an antonym, its pairs and its side in each."""
    found: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for pair, words in lexicon(language).polarity.opposites.items():
        for side, alike in enumerate(words.split("/")):
            for stem in terms(alike, language):
                found[stem].add((pair, side))
    return {stem: frozenset(sides) for stem, sides in found.items()}

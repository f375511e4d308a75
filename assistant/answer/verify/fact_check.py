"""Which numbers, dates, names and addresses of a claim its sources lack."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

import numpy as np

from assistant.answer.verify.alignment import Aligner
from assistant.answer.verify.evidence import Claim, Evidence, Source, names_in
from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.facts.fact import folded
from assistant.language.facts.holding import spelt_alike, tokens
from assistant.language.keywords import fold, words
from assistant.models.records import Vectors
from assistant.support.links import addresses

TRANSLATED = 0.62
SPELLING_WEIGHT = 0.5
"""Least similarity of a name and its translation: the cosine of their centred vectors and half the
share of letters in common. "Dunkirk" and "Dunkerque" have 0.97, "Pirineos" and "Pyrénées" 0.75,
"Google" and "Microsoft" 0.6."""

TRANSLATED_WORD = 0.5
"""The same for the words of multi-word names, often common words: "White House"."""

_NUMERAL = re.compile("[ivxlc]{1,5}")  # of a king or pope

Fault = tuple[str, str]
"""The reason and the detail of a verdict against a sentence."""

Known = Callable[[Iterable[str]], Mapping[str, Vectors]]


class FactCheck:
    """Looks for the facts of claims in evidence, names in translation too: by the vectors of words,
    of which ``known`` gives raw ones that are at hand, and as ``aligner`` aligns them in context.
    """

    def __init__(
        self, embedder: Embedder, centring: Centring, aligner: Aligner, known: Known
    ) -> None:
        self._embedder = embedder
        self._centring = centring
        self._aligner = aligner
        self._known = known

    def missing(
        self, claim: Claim, text: str, evidence: Evidence, sources: Sequence[Source]
    ) -> Iterator[Fault]:
        """The facts and addresses of the claim that nothing holds, names last, except what is the
        sum of others and what ``text`` translates.
        """
        stated = facts(claim.text, claim.language)
        held = [fact for fact in stated if evidence.holds(fact)]
        missing = [fact for fact in stated if fact not in held]
        for fact in missing:
            if fact.kind is not Kind.NAME and not _is_total(fact, held):
                yield fact.kind.value, fact.text
        for start, end in addresses(claim.text):
            if not evidence.spells_out(claim.text[start:end]):
                yield Kind.NAME.value, claim.text[start:end]
        for fact in missing:
            if fact.kind is Kind.NAME and not self._is_excused(claim, fact, evidence, sources):
                foreign = claim.language != evidence.language
                aligned = self._aligner.align(claim.text, text) if foreign else None
                if aligned is None or not aligned.renders(fact.start, fact.end):
                    yield fact.kind.value, fact.text

    def _is_excused(
        self, claim: Claim, fact: Fact, evidence: Evidence, sources: Sequence[Source]
    ) -> bool:
        """Whether a name occurs in translation, or may not be a name."""
        if not fact.certain:
            # Apparently a common noun, unless another source uses it as a name.
            return not holds(tuple(names_in(sources)), fact)
        spelt = {folded(word) for word in evidence.words}
        # Without "von": "wurde in London von Suleyman gegründet" names two.
        wanted = set(tokens(fact.value)) - spelt
        asked = [word for word in words(fact.text) if folded(word) in wanted]
        if any(word.isdigit() or _NUMERAL.fullmatch(word) for word in asked):
            return False
        if not asked or claim.language == evidence.language:
            return not asked
        likeness = self._likeness(asked, claim.language, sorted(evidence.words), evidence.language)
        return bool((likeness >= (TRANSLATED_WORD if " " in fact.text else TRANSLATED)).all())

    def _likeness(
        self, asked: Sequence[str], language: str, there: Sequence[str], other_language: str
    ) -> Vectors:
        """Similarity of each of ``asked`` to the most similar word of ``there``, shape (asked,)."""
        known = dict(self._known([*asked, *there]))
        missing = [word for word in dict.fromkeys((*asked, *there)) if word not in known]
        known |= zip(missing, self._embedder.embed_passages(missing), strict=True)
        rows = np.array([known[word] for word in (*asked, *there)], np.float32)
        ours = self._centring.words(rows[: len(asked)], language)
        theirs = self._centring.words(rows[len(asked) :], other_language)
        spelling = [[spelt_alike(fold(one), fold(word)) for word in there] for one in asked]
        likeness = ours @ theirs.T + SPELLING_WEIGHT * np.array(spelling)
        return np.asarray(likeness.max(axis=1, initial=0), np.float32)


def _is_total(fact: Fact, held: Sequence[Fact]) -> bool:
    """Whether a number is the sum of the others of its unit that the claim states: "8 billion: 4 in
    2023 and 4 in 2024".
    """
    if fact.kind is not Kind.NUMBER or not fact.unit:
        return False
    terms = [one for one in held if one.kind is Kind.NUMBER and one.unit == fact.unit]
    return len(terms) > 1 and sum(map(_amount, terms)) == _amount(fact)


def _amount(number: Fact) -> Decimal:
    return Decimal(number.value)

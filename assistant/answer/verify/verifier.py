"""Checks a chat model's sentence against the sources: numbers, dates, names, meaning.

A sentence is supported if it is one of the sources word for word, or if one of those that it
cites, or several of them together, or else another sentence of the same hits, contains everything
that it states:

- a number or date in that sentence or a neighbour, as models merge neighbours; the year of a date
  also elsewhere in the passage, in the title, or as the year of publication; a number may also be
  the sum of those beside it;
- a name anywhere in its passage or the title, as articles go on with "he" and "the group";
- a web or mail address there too, verbatim;
- the meaning: nothing in it says the opposite, see ``polarity``, or the same of another name, see
  ``alignment``; it lacks no part of the sentence and gives its cause, see ``meaning``; and learnt
  weights judge that it says this, see ``features`` and ``entailment``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

import numpy as np

from assistant.answer.verify.alignment import Aligner
from assistant.answer.verify.entailment import Entailment, bundled
from assistant.answer.verify.evidence import (
    Claim,
    Evidence,
    Source,
    joined,
    names_in,
    same_passage,
    sources_of,
)
from assistant.answer.verify.features import Numbers, features
from assistant.answer.verify.meaning import Meaning
from assistant.answer.verify.nli import ENTAILED, CrossEncoderNli
from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.facts.fact import folded
from assistant.language.facts.holding import spelt_alike, tokens
from assistant.language.keywords import fold, words
from assistant.models.records import Vectors
from assistant.support.links import addresses

__all__ = ["Source", "Verdict", "Verifier", "sources_of"]

OTHERS = 5
"""Uncited sentences to try, the nearest first, and pairs of them with those cited."""

NEAR = 0.5
"""Least cosine of an uncited sentence and the claim, both centred."""

MISCITED = 2
"""A model that cites wrongly mostly cites a neighbour: a sentence at most so many places away is
tried before the cited one if it is nearer."""

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

OPPOSED: Fault = ("meaning", "opposite")
EXCHANGED: Fault = ("meaning", "exchanged")

Known = Callable[[Iterable[str]], Mapping[str, Vectors]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence is supported, and by which ``sources``, as indexes; all that it takes.

    If not, ``reason`` is "number", "date" or "name" for a fact that no source contains, given as
    ``detail``; "meaning" if no source says it, with "opposite" if a cited one denies it, and
    "exchanged" if they say it of another name; "citation" if nothing was cited and nothing fits.
    """

    supported: bool
    sources: tuple[int, ...] = ()
    reason: str = ""
    detail: str = ""

    @property
    def source(self) -> int | None:
        """The first source."""
        return self.sources[0] if self.sources else None


class Verifier:
    """Checks sentences by vectors of ``embedder``, centred by ``centring``.

    ``known`` gives the raw vectors of words that are at hand; others are embedded. ``nli`` judges
    the meaning instead of the learnt weights, ``entailment``.
    """

    def __init__(
        self,
        embedder: Embedder,
        centring: Centring,
        known: Known = lambda words: {},
        entailment: Entailment | None = None,
        nli: CrossEncoderNli | None = None,
    ) -> None:
        self._embedder = embedder
        self._centring = centring
        self._known = known
        self._meaning = Meaning(embedder, centring)
        self._aligner = Aligner(embedder)
        self._entailment = entailment or bundled()
        self._nli = nli

    def check(
        self,
        sentence: str,
        language: str,
        cited: Sequence[int],
        sources: Sequence[Source],
        question: str = "",
    ) -> Verdict:
        """Whether ``sources`` support ``sentence``, which cites those with the indexes ``cited``
        and answers ``question``.

        Tries the cited ones first, and neighbours that are nearer; then two of them together or one
        with a neighbour; then others. The likeliest of the first of these that support it is given.
        """
        if not sources:
            return Verdict(False, reason="citation")
        if (same := _word_for_word(sentence, cited, sources)) is not None:
            return Verdict(True, (same,))
        claim = self._meaning.claim(sentence, language, question)
        ways = self._meaning.ways(sources)
        alone, near = ways[0] @ claim.vector, (ways @ claim.vector).max(axis=0)
        first = sorted({i for i in cited if 0 <= i < len(sources)}, key=lambda i: -near[i])
        if self._exchanges(claim, joined(first, sources)):
            return Verdict(False, (), *EXCHANGED)
        least_cited, least_uncited = self._entailment.cited, self._entailment.uncited
        if self._nli is not None:
            least_cited = least_uncited = ENTAILED
        faults: dict[tuple[int, ...], Fault] = {}
        denied = False
        for step in _steps(first, alone, sources):
            supported: dict[tuple[int, ...], float] = {}
            for support in step.supports if step.together or not denied else ():
                fault, chance = self._judged(claim, support, sources, ways)
                if chance >= (least_cited if step.cited else least_uncited):
                    supported[support] = chance
                faults.setdefault(support, fault)
            # What stands beside the opposite sounds much the same.
            denied = bool(first) and alone[first[0]] >= NEAR and faults[first[0],] == OPPOSED
            if supported and (step.together or not denied):
                best = max(supported, key=lambda support: supported[support])
                return Verdict(True, tuple(sorted(best, key=lambda i: -near[i])))
        if not first:
            return Verdict(False, reason="citation")
        return Verdict(False, (), *faults[first[0],])

    def examine(
        self, claim: Claim, support: tuple[int, ...], sources: Sequence[Source], ways: Vectors
    ) -> Fault | Numbers:
        """What the sources ``support`` together certainly lack or deny of the claim; where nothing
        is certain, the features that are weighed.
        """
        language = sources[support[0]].language
        if any(sources[i].language != language for i in support):
            return "meaning", ""
        evidence = Evidence.of(support, sources)
        text = joined(support, sources)
        if unknown := next(self._unknown(claim, text, evidence, sources), None):
            return unknown
        if self._meaning.opposes(claim, text, language):
            return OPPOSED
        if self._exchanges(claim, text):
            return EXCHANGED
        vectors = self._meaning.of_support(support, sources, ways)
        invented = self._meaning.added(claim, text, language, vectors)
        invented = invented or self._meaning.invents_cause(claim, text, language)
        if invented:
            return "meaning", invented
        return features(claim, support, sources, ways, self._meaning, evidence)

    def _judged(
        self, claim: Claim, support: tuple[int, ...], sources: Sequence[Source], ways: Vectors
    ) -> tuple[Fault, float]:
        """What speaks against the claim if anything does, and the probability that the sources
        ``support`` together state it.
        """
        known = self.examine(claim, support, sources, ways)
        if isinstance(known, tuple):
            return known, 0.0
        if self._nli is None:
            return ("meaning", ""), self._entailment.probability(known)
        text = f"{sources[support[0]].title}. {joined(support, sources)}"
        return ("meaning", ""), self._nli.probability(text, claim.text)

    def _exchanges(self, claim: Claim, text: str) -> bool:
        """Whether ``text`` says of one name what the claim says of another."""
        stated = facts(claim.text, claim.language)
        names = [fact for fact in stated if fact.kind is Kind.NAME and fact.certain]
        aligned = self._aligner.align(claim.text, text) if len(names) > 1 else None
        return aligned is not None and aligned.exchanges(names)

    def _unknown(
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


@dataclass(frozen=True, slots=True)
class _Step:
    """Sources to try one after the other: of those ``cited`` or others, and if ``together``, even
    where one of them alone says the opposite.
    """

    supports: Sequence[tuple[int, ...]]
    cited: bool = False
    together: bool = False


def _steps(first: Sequence[int], alone: Vectors, sources: Sequence[Source]) -> Iterator[_Step]:
    """What to try for a claim that cites ``first``; ``alone`` are the cosines of all sources."""
    by_nearness = [int(i) for i in np.argsort(-alone, kind="stable") if i not in first]
    meant = [j for j in by_nearness if any(_is_meant(j, i, alone, sources) for i in first)]
    yield _Step([(i,) for i in (*first, *meant)], cited=True)
    yield _Step([*combinations(first, 2)], cited=True, together=True)
    yield _Step([*_with_neighbours(first[:1], sources)])
    yield _Step([(i,) for i in by_nearness[:OTHERS] if alone[i] >= NEAR])


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


def _word_for_word(sentence: str, cited: Sequence[int], sources: Sequence[Source]) -> int | None:
    """The index of the source that is ``sentence``, one that is ``cited`` if possible."""
    said = _bare(sentence)
    same = [i for i, source in enumerate(sources) if _bare(source.text) == said]
    return next((i for i in same if i in cited), same[0] if same else None)


def _bare(sentence: str) -> str:
    return " ".join(sentence.casefold().split()).rstrip(" .!?…。")


def _with_neighbours(cited: Sequence[int], sources: Sequence[Source]) -> Iterator[tuple[int, int]]:
    """Each of ``cited`` with the sentence after it and that before: models merge neighbours."""
    for i in cited:
        yield from ((i, i + step) for step in (1, -1) if same_passage(sources, i, i + step))


def _is_meant(j: int, i: int, alone: Vectors, sources: Sequence[Source]) -> bool:
    """Whether ``j`` is a neighbour of ``i`` and nearer to the claim."""
    return abs(j - i) <= MISCITED and same_passage(sources, i, j) and bool(alone[j] > alone[i])

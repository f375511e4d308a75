"""Checks a chat model's sentence against the sources: numbers, dates, names, meaning, negation.

A sentence is supported if one of the sentences that it cites, or two of them together, or else
another sentence of the same hits, contains everything that it states:

- a number or date in that sentence or a neighbour, as models merge neighbours; the
  year of a date also elsewhere in the passage, in the title, or as the year of publication;
- a name anywhere in its passage or the title, as articles go on with "he" and "the group";
- a web or mail address there too, verbatim;
- the meaning in that sentence, see ``assistant.answer.verify.meaning``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from assistant.answer.verify.evidence import Evidence, Source, names_in, same_passage, sources_of
from assistant.answer.verify.meaning import NEAR, NEAR_ALONE, OPPOSITE, Claim, Meaning
from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.facts.holding import spelt_alike
from assistant.language.keywords import fold, words
from assistant.models.records import Vectors
from assistant.support.links import addresses

__all__ = ["Source", "Verdict", "Verifier", "sources_of"]

OTHERS = 4
"""Uncited sentences to try, the nearest first, if no cited one supports the claim."""

MISCITED = 2
NEARER = 0.05
"""A model that cites wrongly mostly cites a neighbour: a sentence at most so many places away is
tried before the cited one if its cosine is higher by this much."""

TRANSLATED = 0.72
SPELLING_WEIGHT = 0.5
"""Least similarity of a name and its translation: the cosine of their centred vectors and half the
share of letters in common. "Dunkirk" and "Dunkerque" have 0.97, "Pirineos" and "Pyrénées" 0.75,
"Google" and "Microsoft" 0.6."""

TRANSLATED_WORD = 0.5
"""The same for the words of multi-word names, often common words: "White House"."""

_NUMERAL = re.compile("[ivxlc]{1,5}")  # of a king or pope

Fault = tuple[str, str]
"""The reason and the detail of a verdict against a sentence."""

OPPOSED: Fault = ("meaning", OPPOSITE)

Known = Callable[[Iterable[str]], Mapping[str, Vectors]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence is supported, and by which source: ``source`` is its index.

    If not, ``reason`` is "number", "date" or "name" for a fact that no source contains, given as
    ``detail``; "meaning" if no source says it, with the unsupported part as ``detail``, or
    "opposite"; "citation" if nothing was cited and nothing fits.
    """

    supported: bool
    source: int | None
    reason: str = ""
    detail: str = ""


class Verifier:
    """Checks sentences with the vectors of ``embedder``, centred by ``centring``.

    ``known`` looks up the vectors of already embedded words (``WordStore.get``).
    """

    def __init__(
        self, embedder: Embedder, centring: Centring, known: Known = lambda words: {}
    ) -> None:
        self._embedder = embedder
        self._centring = centring
        self._known = known
        self._meaning = Meaning(embedder, centring)

    def check(
        self, sentence: str, language: str, cited: Sequence[int], sources: Sequence[Source]
    ) -> Verdict:
        """Whether ``sources`` support ``sentence``, which cites those with the indexes ``cited``.

        Tries the cited ones first, alone and then in pairs, the nearest first, but after neighbours
        that are nearer; then others.
        """
        if not sources:
            return Verdict(False, None, "citation")
        claim = self._meaning.claim(sentence, language)
        ways = self._meaning.ways(sources)
        alone, near = ways[0] @ claim.vector, (ways @ claim.vector).max(axis=0)
        first = sorted({i for i in cited if 0 <= i < len(sources)}, key=lambda i: -near[i])
        by_nearness = [int(i) for i in np.argsort(-alone, kind="stable") if i not in first]
        meant = [j for j in by_nearness if any(_is_meant(j, i, alone, sources) for i in first)]
        passages = {sources[i].passage for i in first}
        others = [
            i
            for i in by_nearness[:OTHERS]
            if alone[i] >= (NEAR if sources[i].passage in passages else NEAR_ALONE)
        ]
        faults: dict[tuple[int, ...], Fault] = {}
        alone_or_two = (*((i,) for i in (*meant, *first)), *combinations(first, 2))
        for support in dict.fromkeys((*alone_or_two, *((i,) for i in others))):
            fault = self._fault(claim, support, sources, ways)
            if fault is None:
                return Verdict(True, max(support, key=lambda i: near[i]))
            faults[support] = fault
            if fault == OPPOSED and support[0] not in meant:
                break  # neighbours of the opposite sound much the same
        if not first:
            return Verdict(False, None, "citation")
        return Verdict(False, None, *faults[first[0],])

    def _fault(
        self, claim: Claim, support: tuple[int, ...], sources: Sequence[Source], ways: Vectors
    ) -> Fault | None:
        """Why the sources ``support`` together do not support the claim; None if they do."""
        language = sources[support[0]].language
        if any(sources[i].language != language for i in support):
            return "meaning", ""
        evidence = Evidence.of(support, sources)
        for fact in facts(claim.text, claim.language):
            if not evidence.holds(fact) and not self._is_excused(claim, fact, evidence, sources):
                return fact.kind.value, fact.text
        for start, end in addresses(claim.text):
            if not evidence.spells_out(claim.text[start:end]):
                return Kind.NAME.value, claim.text[start:end]
        text = " ".join(sources[i].text for i in support)
        vectors = np.concatenate([ways[:, i] for i in support])
        difference = self._meaning.differs(claim, text, language, vectors)
        return None if difference is None else ("meaning", difference)

    def _is_excused(
        self, claim: Claim, fact: Fact, evidence: Evidence, sources: Sequence[Source]
    ) -> bool:
        """Whether a name occurs in translation, or may not be a name."""
        if fact.kind is not Kind.NAME:
            return False
        if not fact.certain:
            # Apparently a common noun, unless another source uses it as a name.
            return not holds(tuple(names_in(sources)), fact)
        spelt = {fold(word) for word in evidence.words}
        asked = [word for word in words(fact.text) if fold(word) not in spelt]
        if any(word.isdigit() or _NUMERAL.fullmatch(word) for word in asked):
            return False
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


def _is_meant(j: int, i: int, alone: Vectors, sources: Sequence[Source]) -> bool:
    """Whether ``j`` is a neighbour of ``i`` and nearer to the claim."""
    beside = abs(j - i) <= MISCITED and same_passage(sources, i, j)
    return beside and bool(alone[j] >= alone[i] + NEARER)

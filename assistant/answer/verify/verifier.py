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
  ``alignment``; it lacks no part of the sentence and gives its cause, see ``meaning``; learnt
  weights judge that it says this, see ``features`` and ``entailment``; and the sentence does not
  only say the question again, see ``echo``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer.verify.alignment import Aligner
from assistant.answer.verify.echo import echoes
from assistant.answer.verify.entailment import Entailment, bundled
from assistant.answer.verify.evidence import Claim, Evidence, Source, joined, sources_of
from assistant.answer.verify.fact_check import FactCheck, Fault, Known
from assistant.answer.verify.features import Numbers, features
from assistant.answer.verify.meaning import Meaning
from assistant.answer.verify.nli import ENTAILED, CrossEncoderNli
from assistant.answer.verify.support import NEAR, steps
from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.language.facts import Kind, facts
from assistant.models.records import Vectors

__all__ = ["Source", "Verdict", "Verifier", "sources_of"]

OPPOSED: Fault = ("meaning", "opposite")
EXCHANGED: Fault = ("meaning", "exchanged")
ECHOED: Fault = ("meaning", "question")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence is supported, and by which ``sources``, as indexes; all that it takes.

    If not, ``reason`` is "number", "date" or "name" for a fact that no source contains, given as
    ``detail``; "meaning" if no source says it, with "opposite" if a cited one denies it,
    "exchanged" if they say it of another name, and "question" if only the question says it;
    "citation" if nothing was cited and nothing fits.
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
        self._meaning = Meaning(embedder, centring)
        self._aligner = Aligner(embedder)
        self._facts = FactCheck(embedder, centring, self._aligner, known)
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

        Tries the cited ones first, and neighbours that are nearer; then two or all together or one
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
        for step in steps(first, alone, sources):
            supported: dict[tuple[int, ...], float] = {}
            for support in step.supports if step.together or not denied else ():
                fault, chance = self._judged(claim, support, sources, ways, together=step.together)
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
        self,
        claim: Claim,
        support: tuple[int, ...],
        sources: Sequence[Source],
        ways: Vectors,
        *,
        together: bool = False,
    ) -> Fault | Numbers:
        """What the sources ``support``, cited ``together``, certainly lack or deny of the claim;
        where nothing is certain, the features that are weighed.
        """
        language = sources[support[0]].language
        if any(sources[i].language != language for i in support):
            return "meaning", ""
        evidence = Evidence.of(support, sources)
        text = joined(support, sources)
        if unknown := next(self._facts.missing(claim, text, evidence, sources), None):
            return unknown
        if self._meaning.opposes(claim, text, language):
            return OPPOSED
        if self._exchanges(claim, text):
            return EXCHANGED
        vectors = self._meaning.of_support(support, sources, ways)
        invented = self._meaning.added(claim, text, language, vectors, together=together)
        invented = invented or self._meaning.invents_cause(claim, text, language)
        if invented:
            return "meaning", invented
        return features(claim, support, sources, ways, self._meaning, evidence)

    def _judged(
        self,
        claim: Claim,
        support: tuple[int, ...],
        sources: Sequence[Source],
        ways: Vectors,
        *,
        together: bool,
    ) -> tuple[Fault, float]:
        """What speaks against the claim if anything does, and the probability that the sources
        ``support`` together state it.
        """
        known = self.examine(claim, support, sources, ways, together=together)
        if isinstance(known, tuple):
            return known, 0.0
        if self._nli is None:
            chance = self._entailment.probability(known)
            if chance < self._entailment.assured and self._echoes(claim, support, sources):
                return ECHOED, 0.0
            return ("meaning", ""), chance
        text = f"{sources[support[0]].title}. {joined(support, sources)}"
        return ("meaning", ""), self._nli.probability(text, claim.text)

    def _echoes(self, claim: Claim, support: tuple[int, ...], sources: Sequence[Source]) -> bool:
        """Whether the claim says no more than its question, and the sources not even that."""
        evidence = Evidence.of(support, sources)
        return echoes(claim, joined(support, sources), evidence, self._aligner)

    def _exchanges(self, claim: Claim, text: str) -> bool:
        """Whether ``text`` says of one name what the claim says of another."""
        stated = facts(claim.text, claim.language)
        names = [fact for fact in stated if fact.kind is Kind.NAME and fact.certain]
        aligned = self._aligner.align(claim.text, text) if len(names) > 1 else None
        return aligned is not None and aligned.exchanges(names)


def _word_for_word(sentence: str, cited: Sequence[int], sources: Sequence[Source]) -> int | None:
    """The index of the source that is ``sentence``, one that is ``cited`` if possible."""
    said = _bare(sentence)
    same = [i for i, source in enumerate(sources) if _bare(source.text) == said]
    return next((i for i in same if i in cited), same[0] if same else None)


def _bare(sentence: str) -> str:
    return " ".join(sentence.casefold().split()).rstrip(" .!?…。")

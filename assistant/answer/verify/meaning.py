"""Whether a source means the same as a sentence, judged by vectors and a few words.

Four checks, from the cheapest to the most expensive: is the sentence similar enough to the source;
if not, to a clause of it; does a clause about the same say the opposite; does the sentence add
something of its own, so that it is more similar to the source without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answer.verify.clauses import clauses, parts, shortened
from assistant.answer.verify.evidence import Source, same_passage
from assistant.answer.verify.polarity import contradicts
from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.models.records import Vectors

NEAR = 0.55
"""Least cosine of a sentence and its source, both centred, the source alone or in context. Chosen
on the halves "tune" and "free" of ``benchmarks/claims.jsonl``: it marks 10 of 135 true sentences
(0.58 marks 12) and lets 7 of 157 faulty ones pass (0.58: 5)."""

NEAR_ALONE = 0.65
"""The same for an uncited source, alone, and for one clause of a source."""

NEAR_PARTS = 0.45
"""Least cosine of a source whose clauses are compared: embedding them takes time."""

CONTEXT = 0.4
"""Weight of its passage's vector added to a source sentence's."""

BESIDE = 0.2
"""How much less similar than the nearest clause one may be that says the opposite. For true
sentences of "tune" such clauses are 0.35 or more less similar."""

ADDED = 0.29
ADDED_WITHIN = 0.45
GAIN_WEIGHT = 3.0
"""A sentence adds something of its own if its least similar part has less than this cosine to the
source, minus ``GAIN_WEIGHT`` times the sentence's gain in similarity without a part. Similarity is
lower across languages. Of the sentences of "tune" that add something, 11 of 11 have 0.25 and less
across languages and 5 of 5 have 0.44 and less within one; of the 101 true ones, one."""

OPPOSITE = "opposite"


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence to check; its vector is centred."""

    text: str
    language: str
    vector: Vectors


class Meaning:
    """Compares sentences with sources by vectors of ``embedder``, centred by ``centring``."""

    def __init__(self, embedder: Embedder, centring: Centring) -> None:
        self._embedder = embedder
        self._centring = centring

    def claim(self, text: str, language: str) -> Claim:
        """``text`` with its vector."""
        return Claim(text, language, self._centred([text], language)[0])

    def ways(self, sources: Sequence[Source]) -> Vectors:
        """Centred vectors of each source: alone, in its passage, with its predecessor, with its
        successor.

        Shape (4, sources, dimension).
        """
        own, context = self._vectors(sources)
        ways = [own, _unit(own + CONTEXT * context)]
        for step in (-1, 1):
            near = [(i, i + step) for i in range(len(own))]
            beside = [j if same_passage(sources, i, j) else i for i, j in near]
            ways.append(_unit(own + own[beside]))
        stacked = np.stack(ways)
        languages = np.array([source.language for source in sources])
        for language in sorted(set(languages)):
            rows = languages == language
            stacked[:, rows] = self._centring.passages(stacked[:, rows], language)
        return stacked

    def differs(self, claim: Claim, text: str, language: str, ways: Vectors) -> str | None:
        """The reason why ``text`` does not mean the same as ``claim``; None if it does.

        ``ways`` are centred vectors of ``text``, first of it alone, shape (n, dimension). The
        reason is ``OPPOSITE``, the part of the claim that is not in the source, or "" if all of it
        is dissimilar.
        """
        near = float((ways @ claim.vector).max())
        if near < NEAR_PARTS:
            return ""
        within = clauses(text)
        vectors = self._centred(within, language) if len(within) > 1 else ways[:1]
        if near < NEAR and not self._is_in_clauses(claim, within, vectors, language):
            return ""
        if self._is_opposed(claim, text, within, vectors, language):
            return OPPOSITE
        least = ADDED_WITHIN if claim.language == language else ADDED
        return self._addition(claim, np.concatenate([ways, vectors]), ways, least)

    def _is_in_clauses(
        self, claim: Claim, within: Sequence[str], vectors: Vectors, language: str
    ) -> bool:
        """Whether one clause of a long sentence, or its first few, supports the claim."""
        begins = [", ".join(within[:count]) for count in range(2, len(within))]
        every = np.concatenate([vectors, self._centred(begins, language)])
        return len(within) > 1 and bool((every @ claim.vector).max() >= NEAR_ALONE)

    def _is_opposed(
        self, claim: Claim, text: str, within: Sequence[str], vectors: Vectors, language: str
    ) -> bool:
        """Whether a clause about the same says the opposite, and so does the whole."""
        if not contradicts(claim.text, claim.language, text, language):
            return False
        cosines = vectors @ claim.vector
        opposed = [contradicts(claim.text, claim.language, one, language) for one in within]
        best = max((c for c, against in zip(cosines, opposed, strict=True) if against), default=-1)
        return bool(best >= cosines.max() - BESIDE)

    def _addition(self, claim: Claim, every: Vectors, ways: Vectors, least: float) -> str | None:
        """The part of the claim that is not similar to any of the source's vectors ``every``."""
        of_claim = parts(claim.text)
        if len(of_claim) < 2:
            return None
        nearest = (self._centred(of_claim, claim.language) @ every.T).max(axis=1)
        without = self._centred(shortened(claim.text), claim.language)
        gain = float((without @ ways.T).max(initial=-1) - (ways @ claim.vector).max())
        is_held = nearest.min() - GAIN_WEIGHT * gain >= least
        return None if is_held else of_claim[int(nearest.argmin())]

    def _vectors(self, sources: Sequence[Source]) -> tuple[Vectors, Vectors]:
        """The raw vectors of the sentences and of their passages."""
        missing = [source.text for source in sources if source.vector is None]
        embedded = iter(self._embedder.embed_passages(missing))
        own = np.array([next(embedded) if s.vector is None else s.vector for s in sources])
        passages = np.array([source.passage for source in sources])
        context = [
            own[passages == s.passage].mean(axis=0) if s.context is None else s.context
            for s in sources
        ]
        return own.astype(np.float32), np.array(context, np.float32)

    def _centred(self, texts: Sequence[str], language: str) -> Vectors:
        return self._centring.passages(self._embedder.embed_passages(texts), language)


def _unit(vectors: Vectors) -> Vectors:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), np.float32)

"""The vectors of claims and sources, as they are compared."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from assistant.answer.verify.clauses import cause, parts, pieces, shortened
from assistant.answer.verify.evidence import Claim, Source, joined, same_passage
from assistant.answer.verify.polarity import contradicts
from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.language.keywords import terms
from assistant.models.records import Vectors, unit
from assistant.search.retriever import CONTEXT

_KEPT = 256

OPPOSED = 0.2
"""How much less similar than the nearest part of a source one may be that says the opposite: most
of a long sentence is not about what the claim denies."""

ADDED = 0.55
GAIN_WEIGHT = 3.0
FOREIGN = 0.26
"""A part of a claim was added if the cosine to what is nearest to it, less ``GAIN_WEIGHT`` times
what the claim gains without a part, is lower than ``ADDED``; across languages, where cosines of
parts are lower, by ``FOREIGN`` more. A cause farther than ``ADDED`` is invented. Without
this check most additions pass: a truth with a few words more is still near its source."""


class Meaning:
    """Vectors of texts, by ``embedder``, centred by ``centring``."""

    def __init__(self, embedder: Embedder, centring: Centring) -> None:
        self._embedder = embedder
        self._centring = centring
        # The parts of a claim are compared with one source after the other.
        self._embed = lru_cache(_KEPT)(self._embedded)

    def claim(self, text: str, language: str, question: str = "") -> Claim:
        """``text`` with its vector."""
        return Claim(text, language, self.embed([text], language)[0], question)

    def ways(self, sources: Sequence[Source]) -> Vectors:
        """Centred vectors of each source: alone, in its passage, with its predecessor, with its
        successor.

        Shape (4, sources, dimension).
        """
        own, context = self._vectors(sources)
        ways = [own, unit(own + CONTEXT * context)]
        for step in (-1, 1):
            near = [(i, i + step) for i in range(len(own))]
            beside = [j if same_passage(sources, i, j) else i for i, j in near]
            ways.append(unit(own + own[beside]))
        stacked = np.stack(ways)
        languages = np.array([source.language for source in sources])
        for language in sorted(set(languages)):
            rows = languages == language
            stacked[:, rows] = self._centring.passages(stacked[:, rows], language)
        return stacked

    def of_support(
        self, support: Sequence[int], sources: Sequence[Source], ways: Vectors
    ) -> Vectors:
        """Centred vectors of the sources with the indexes ``support``, first of them as one text.

        Shape (n, dimension).
        """
        whole = ways[0, list(support)]
        if len(support) > 1:
            whole = self.embed([joined(support, sources)], sources[support[0]].language)
        return np.concatenate([whole, *(ways[:, i] for i in support)])

    def opposes(self, claim: Claim, text: str, language: str) -> bool:
        """Whether ``text`` says the opposite of ``claim``: as a whole, and in a part about it."""
        if not contradicts(claim.text, claim.language, text, language):
            return False
        of_text = pieces(text)
        cosines = self.embed(of_text, language) @ claim.vector
        return any(
            cosine >= cosines.max() - OPPOSED
            and contradicts(claim.text, claim.language, part, language)
            for part, cosine in zip(of_text, cosines, strict=True)
        )

    def added(
        self, claim: Claim, text: str, language: str, vectors: Vectors, *, together: bool
    ) -> str:
        """The part of ``claim`` that was added to what ``text``, which has ``vectors``, states; ""
        if there is none. Of sources cited ``together``, the first vector is that of all.

        Such a part is far from every part of the text, and the claim is nearer without one.
        """
        of_claim = [
            part
            for part in parts(claim.text)
            if claim.language != language or not _repeats(part, text, language)
        ]
        if not of_claim:
            return ""
        every = np.concatenate([vectors, self.embed(pieces(text), language)])
        held = (self.embed(of_claim, claim.language) @ every.T).max(axis=1)
        # What two sources carry together is nearer to one without the part of the other.
        whole = vectors[:1] if together else vectors
        without = (self.embed(shortened(claim.text), claim.language) @ whole.T).max(initial=-1.0)
        gain = float(without) - float((whole @ claim.vector).max())
        least = ADDED - (FOREIGN if claim.language != language else 0.0)
        place = int(held.argmin())
        return of_claim[place] if held[place] - GAIN_WEIGHT * gain < least else ""

    def invents_cause(self, claim: Claim, text: str, language: str) -> str:
        """The cause that ``claim`` gives and ``text`` does not; "" if there is none."""
        given = cause(claim.text, claim.language)
        if not given:
            return ""
        said = self.embed([*pieces(text), cause(text, language) or text], language)
        near = (said @ self.embed([given], claim.language)[0]).max()
        return given if near < ADDED else ""

    def embed(self, texts: Sequence[str], language: str) -> Vectors:
        """Centred vectors of ``texts``, shape (texts, dimension)."""
        return self._embed(tuple(texts), language)

    def _embedded(self, texts: tuple[str, ...], language: str) -> Vectors:
        return self._centring.passages(self._embedder.embed_passages(texts), language)

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


def _repeats(part: str, text: str, language: str) -> bool:
    """Whether all words of a part are in ``text``."""
    return set(terms(part, language)) <= set(terms(text, language))

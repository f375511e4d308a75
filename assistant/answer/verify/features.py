"""What is known of a claim and the sources that may support it, as numbers to weigh."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.answer.verify.clauses import parts
from assistant.answer.verify.evidence import Source
from assistant.answer.verify.polarity import contradicts, is_negated
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.models.records import Vectors

NAMES = (
    "near", "whole", "beside", "least part", "names unknown", "names away", "names instead",
    "contradicts", "negates", "length", "longer", "foreign",
)  # fmt: skip
"""The features, in order:

- the cosine of the claim and the nearest source, that of the claim and the sources as one text, how
  much nearer another source is, and the cosine of the claim's least similar part;
- how many of the claim's names their passages lack, which share the sources themselves lack, and
  whether they have others instead;
- whether the sources say the opposite, or only one side is negated;
- the logarithms of the claim's length and of its ratio to the sources', and whether they are in
  another language.
"""

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence to check, and the ``question`` that it answers; its vector is centred."""

    text: str
    language: str
    vector: Vectors
    question: str = ""


def features(
    claim: Claim,
    support: Sequence[int],
    sources: Sequence[Source],
    ways: Vectors,
    embed: Callable[[Sequence[str], str], Vectors],
    unknown: int,
) -> Numbers:
    """The features of ``claim`` and the sources with the indexes ``support``, as ``NAMES`` lists.

    ``ways`` are the centred vectors of all sources, as ``Vectors.ways`` gives them; ``embed`` gives
    those of other texts in a language. ``unknown`` is how many of the claim's names are nowhere.
    """
    language = sources[support[0]].language
    text = " ".join(sources[i].text for i in support)
    whole = ways[0, support[0]] if len(support) == 1 else embed([text], language)[0]
    vectors = np.concatenate([whole[None], *(ways[:, i] for i in support)])
    near = float((vectors @ claim.vector).max())
    others = [i for i in range(len(sources)) if i not in support]
    beside = float((ways[0, others] @ claim.vector).max()) if others else 0.0
    of_claim = parts(claim.text)
    least = near
    if len(of_claim) > 1:
        least = float((embed(of_claim, claim.language) @ vectors.T).max(axis=1).min())
    size, there = len(claim.text.split()), len(text.split())
    return np.array([
        near, float(whole @ claim.vector), max(0.0, beside - near), least,
        unknown, *_names(claim, text, language),
        contradicts(claim.text, claim.language, text, language),
        is_negated(claim.text, claim.language) != is_negated(text, language),
        math.log(size), math.log(size / max(there, 1)), claim.language != language,
    ], np.float32)  # fmt: skip


def _names(claim: Claim, text: str, language: str) -> tuple[float, float]:
    """The share of the claim's names that ``text`` lacks, and whether it has others instead.

    Names in the question are not counted: they are what both are about.
    """
    said = facts(text, language)
    asked = facts(claim.question, claim.language)
    mine = facts(claim.text, claim.language)
    ours = [fact for fact in mine if _is_name(fact) and not holds(asked, fact)]
    missing = [fact for fact in ours if not holds(said, fact)]
    instead = [f for f in said if _is_name(f) and not holds(mine, f) and not holds(asked, f)]
    return len(missing) / max(len(ours), 1), float(bool(missing and instead))


def _is_name(fact: Fact) -> bool:
    return fact.kind is Kind.NAME and fact.certain

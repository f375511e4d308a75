"""What is known of a claim and the sources that may support it, as numbers to weigh."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.answer.verify.evidence import Claim, Evidence, Source, joined
from assistant.answer.verify.meaning import Meaning
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.models.records import Vectors

NAMES = ("whole", "beside", "names instead", "length", "foreign")
"""The features, in order:

- the cosine of the claim and the sources as one text, and how much nearer another source is;
- whether a name of the claim is elsewhere in the passages, and the sources have others instead;
- the logarithm of the claim's length, and whether the sources are in another language.
"""

Numbers = NDArray[np.float32]


def features(
    claim: Claim,
    support: Sequence[int],
    sources: Sequence[Source],
    ways: Vectors,
    meaning: Meaning,
    evidence: Evidence,
) -> Numbers:
    """The features of ``claim`` and the sources with the indexes ``support``, as ``NAMES`` lists.

    ``evidence`` are their facts, ``ways`` the centred vectors of all sources, as ``Meaning.ways``
    gives them.
    """
    language = sources[support[0]].language
    cosines = meaning.of_support(support, sources, ways) @ claim.vector
    others = [i for i in range(len(sources)) if i not in support]
    beside = float((ways[0, others] @ claim.vector).max()) if others else 0.0
    return np.array([
        float(cosines[0]), max(0.0, beside - float(cosines.max())),
        _has_other_names(claim, joined(support, sources), evidence),
        math.log(len(claim.text.split())), claim.language != language,
    ], np.float32)  # fmt: skip


def _has_other_names(claim: Claim, text: str, evidence: Evidence) -> bool:
    """Whether ``text`` lacks a name of the claim that is elsewhere in ``evidence``, and has another
    instead.

    Names in the question are not counted: they are what both are about.
    """
    said = [fact for fact in facts(text, evidence.language) if _is_name(fact)]
    asked = facts(claim.question, claim.language)
    mine = [fact for fact in facts(claim.text, claim.language) if fact.kind is Kind.NAME]
    elsewhere = [fact for fact in evidence.around if _is_name(fact)]
    lacks = any(
        not holds(said, fact) and not holds(asked, fact) and holds(elsewhere, fact) for fact in mine
    )
    return lacks and any(not holds(mine, fact) and not holds(asked, fact) for fact in said)


def _is_name(fact: Fact) -> bool:
    return fact.kind is Kind.NAME and fact.certain

"""How probable it is that sources state a claim: a logistic regression, learnt by
``tools.verifier`` and kept as a readable file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from assistant.answer.judge.model import Logistic
from assistant.answer.verify.features import NAMES, Numbers

WEIGHTS = "weights.json"
"""The file of weights in the package."""


@dataclass(frozen=True, slots=True)
class Entailment:
    """The learnt weights, and the probability from which on a claim counts as supported: by what it
    cites, and by other sources; and from which on even if it says no more than its question.
    """

    weights: Logistic
    cited: float
    uncited: float
    assured: float

    def probability(self, features: Numbers) -> float:
        """The probability of ``features``, shape (features,)."""
        return float(1 / (1 + np.exp(-self.weights.odds(features))))


@cache
def bundled() -> Entailment:
    """The weights that come with the package."""
    kept = json.loads((resources.files(__package__) / WEIGHTS).read_text("utf-8"))
    return Entailment(
        Logistic.of(kept["entailment"], NAMES),
        float(kept["cited"]),
        float(kept["uncited"]),
        float(kept["assured"]),
    )

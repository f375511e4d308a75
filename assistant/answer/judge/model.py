"""The learnt weights: two logistic regressions, kept as a readable file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.answer.judge import evidence, sentences

WEIGHTS = "weights.json"


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression: odds are ``features @ weights + bias``, as logarithms."""

    weights: NDArray[np.float32]
    bias: float

    def odds(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The odds of each row of ``features``, or of the only one."""
        return np.asarray(features @ self.weights + self.bias, np.float32)

    @classmethod
    def of(cls, kept: Mapping[str, Any], names: Sequence[str]) -> Logistic:
        """The regression of the features ``names``, as kept; one that is not named weighs 0."""
        weights = [kept["weights"].get(name, 0.0) for name in names]
        return cls(np.array(weights, np.float32), float(kept["bias"]))


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt: which sentence answers, whether any does, and from what confidence on
    ``sure`` is said.
    """

    sentence: Logistic
    answer: Logistic
    sure: float

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Weights:
        """The weights as their file holds them."""
        return cls(
            Logistic.of(kept["sentence"], sentences.NAMES),
            Logistic.of(kept["answer"], evidence.NAMES),
            float(kept["sure"]),
        )


@cache
def bundled() -> Weights:
    """The weights that come with the package."""
    file = resources.files("assistant.answer.judge") / WEIGHTS
    return Weights.of(json.loads(file.read_text("utf-8")))

"""The learnt weights: three logistic regressions, kept as a readable file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.answer.judge import evidence, sentences
from assistant.support.errors import SettingsError

WEIGHTS = "weights.json"
OWN = "judge.json"
"""The file of weights in the package, and that in the data folder."""

EMBEDDER = "embedding_model"
"""Where that in the data folder names the embedding model that it was learnt with."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression: odds are ``features @ weights + bias``, as logarithms."""

    weights: NDArray[np.float32]
    bias: float

    def odds(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The odds of each row of ``features``, or of the only one."""
        return np.asarray(features @ self.weights + self.bias, np.float32)

    def stretched(self, scale: Logistic) -> Logistic:
        """The regression whose odds are those that ``scale`` makes of this one's."""
        by = float(scale.weights[0])
        weights = np.asarray(self.weights * by, np.float32)
        return Logistic(weights, self.bias * by + scale.bias)

    def to_json(self, names: Sequence[str]) -> dict[str, Any]:
        """The regression as it is kept."""
        weights = [round(float(weight), 4) for weight in self.weights]
        return {"bias": round(self.bias, 4), "weights": dict(zip(names, weights, strict=True))}

    @classmethod
    def of(cls, kept: Mapping[str, Any], names: Sequence[str]) -> Logistic:
        """The regression of the features ``names``, as kept; one that is not named weighs 0."""
        weights = [kept["weights"].get(name, 0.0) for name in names]
        return cls(np.array(weights, np.float32), float(kept["bias"]))


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt: which sentence answers, whether the articles are about what is asked,
    whether any sentence answers it, and from what confidence in that on ``sure`` is said.
    """

    sentence: Logistic
    about: Logistic
    answer: Logistic
    sure: float

    def to_json(self) -> dict[str, Any]:
        """The weights as their file holds them."""
        return {
            "sentence": self.sentence.to_json(sentences.NAMES),
            "about": self.about.to_json(evidence.ABOUT_NAMES),
            "answer": self.answer.to_json(evidence.NAMES),
            "sure": round(self.sure, 4),
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Weights:
        """The weights as their file holds them."""
        return cls(
            Logistic.of(kept["sentence"], sentences.NAMES),
            Logistic.of(kept["about"], evidence.ABOUT_NAMES),
            Logistic.of(kept["answer"], evidence.NAMES),
            float(kept["sure"]),
        )


@cache
def bundled() -> Weights:
    """The weights that come with the package."""
    file = resources.files("assistant.answer.judge") / WEIGHTS
    return Weights.of(json.loads(file.read_text("utf-8")))


def own(folder: Path, embedder: str) -> Weights:
    """The weights that ``evaluate --fit`` kept in ``folder``, or those of the package: also if they
    were learnt with another embedding model than the one of the identity ``embedder``.

    Raises ``SettingsError`` for a file that is not as it was written.
    """
    file = folder / OWN
    try:
        kept = json.loads(file.read_text("utf-8"))
        if kept.get(EMBEDDER, embedder) != embedder:
            return bundled()
        # One of an earlier version does not say what the articles are about.
        return Weights.of({"about": bundled().to_json()["about"], **kept})
    except FileNotFoundError:
        return bundled()
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"The judge's weights in {file} cannot be read: {error!r}. Remove the file, or learn "
            "them again: assistant evaluate answers --fit."
        ) from error

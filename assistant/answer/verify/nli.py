"""An optional cross-encoder that judges whether a text entails a claim.

Off unless ``ASSISTANT_NLI`` names one: any sentence-transformers model of natural-language
inference, by name or folder. It reads both together, and knows better than the weights that come
with the package, at a hundred times the cost.
"""

from __future__ import annotations

import logging
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from assistant.support.errors import ModelError

logger = logging.getLogger(__name__)

ENTAILED = 0.5
"""The probability from which on a claim counts as entailed."""


class CrossEncoderNli:
    """The cross-encoder ``model``; loaded on first use."""

    def __init__(self, model: str) -> None:
        self._name = model

    def probability(self, text: str, claim: str) -> float:
        """How probable it is that ``text`` entails ``claim``. Raises ``ModelError`` if the model
        cannot be loaded.
        """
        scores = np.asarray(self._model.predict([(text, claim)], show_progress_bar=False))[0]
        if scores.ndim == 0:
            return float(scores)  # a model of two classes gives the probability itself
        chances = np.exp(scores - scores.max())
        return float(chances[self._entailment] / chances.sum())

    @cached_property
    def _entailment(self) -> int:
        """The place of "entailment" among the classes."""
        named = self._model.config.id2label
        for place, label in named.items():
            if str(label).lower().startswith("entail"):
                return int(place)
        raise ModelError(
            f"ASSISTANT_NLI={self._name!r} has the classes {', '.join(map(str, named.values()))}, "
            "none of them entailment. Name a model of natural-language inference."
        )

    @cached_property
    def _model(self) -> Any:
        # Imported late: torch takes seconds and hundreds of megabytes.
        from huggingface_hub import constants
        from sentence_transformers import CrossEncoder

        constants.HF_HUB_DISABLE_TELEMETRY = True
        try:
            try:
                return CrossEncoder(self._name, local_files_only=True)
            except OSError:
                if Path(self._name).exists():
                    raise
                logger.info("The model %s is not here; asking the model hub.", self._name)
                return CrossEncoder(self._name)
        except Exception as error:  # the hub, torch and transformers each raise their own classes
            raise ModelError(
                f"The model {self._name!r} of ASSISTANT_NLI cannot be loaded: "
                f"{str(error).rstrip('. ')}. Name the folder of a cross-encoder, or unset it."
            ) from error

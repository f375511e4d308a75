"""Optional reranking of the best passages by a cross-encoder.

Off unless a model is set. A cross-encoder reads question and passage together: it ranks better than
vectors at a hundred times the cost, so it gets only the first passages. It is a
sentence-transformers model, given by name or folder.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.support.errors import ModelError

if TYPE_CHECKING:
    from assistant.search.found import Found

logger = logging.getLogger(__name__)

RERANKED = 20
"""Passages to rerank; those after them keep their order."""


class Reranker:
    """The cross-encoder ``model``; loaded on first use, or by ``load``."""

    def __init__(self, model: str) -> None:
        self._name = model

    def load(self) -> None:
        """Load the model. Raises ``ModelError`` if that fails."""
        _ = self._model

    def rerank(self, question: str, found: Sequence[Found]) -> list[Found]:
        """``found`` with the first ``RERANKED`` in the model's order.

        Updates ranks; a hit keeps its score, and its ``why`` gains the model's as
        ``reranker``. Raises ``ModelError`` if the model cannot be loaded.
        """
        first = list(found[:RERANKED])
        if not first:
            return []
        pairs = [(question, f"{one.hit.title}\n{one.hit.text}") for one in first]
        scores = [float(score) for score in self._model.predict(pairs, show_progress_bar=False)]
        judged = [
            replace(one, hit=replace(one.hit, why={**one.hit.why, "reranker": score}))
            for one, score in zip(first, scores, strict=True)
        ]
        judged.sort(key=lambda one: -one.hit.why["reranker"])
        ordered = [*judged, *found[RERANKED:]]
        return [replace(one, hit=replace(one.hit, rank=n)) for n, one in enumerate(ordered, 1)]

    @cached_property
    def _model(self) -> Any:
        # Imported late: torch takes seconds and hundreds of megabytes.
        from huggingface_hub import constants
        from sentence_transformers import CrossEncoder

        constants.HF_HUB_DISABLE_TELEMETRY = True
        try:
            try:
                return CrossEncoder(self._name, num_labels=1, local_files_only=True)
            except OSError:
                if Path(self._name).exists():
                    raise
                logger.info("The reranker %s is not here; asking the model hub.", self._name)
                return CrossEncoder(self._name, num_labels=1)
        except Exception as error:  # the hub, torch and transformers each raise their own classes
            raise ModelError(
                f"The reranker {self._name!r} cannot be loaded: {str(error).rstrip('. ')}. Set "
                "ASSISTANT_RERANKER to the folder of a cross-encoder of sentence-transformers, to "
                "a name of the model hub when it can be reached, or unset it."
            ) from error

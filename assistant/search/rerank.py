"""A second look at the best passages by a model that reads question and passage together.

Off unless a model is named. A cross-encoder ranks better than vectors, at a hundred times the cost,
so that it sees the first passages only. It comes from sentence-transformers, as a name or a folder.
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
"""Passages that are looked at again; those after them keep their order."""


class Reranker:
    """The cross-encoder ``model``; it is loaded when first needed, or by ``load``."""

    def __init__(self, model: str) -> None:
        self._name = model

    def load(self) -> None:
        """Load the model now. Raises ``ModelError`` if it cannot be."""
        _ = self._model

    def rerank(self, question: str, found: Sequence[Found]) -> list[Found]:
        """``found`` with its first ``RERANKED`` in the model's order.

        Ranks are counted anew; a hit keeps its score, and its ``why`` gains the model's as
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
        # Imports torch: seconds and hundreds of megabytes that only this feature should cost.
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
        except (
            Exception
        ) as error:  # the hub, torch and transformers each raise classes of their own
            raise ModelError(
                f"The reranker {self._name!r} cannot be loaded: {str(error).rstrip('. ')}. Set "
                "ASSISTANT_RERANKER to the folder of a cross-encoder of sentence-transformers, to "
                "a name of the model hub when it can be reached, or unset it."
            ) from error

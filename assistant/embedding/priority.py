"""Gives questions priority over background work, which would slow them down on few processors."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, takewhile

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder, EmbedderProxy

LONGEST_WAIT_S = 0.5
"""Longest wait of a piece of work for questions, so that it makes progress under any load."""

LIVELY_S = 30.0
"""Seconds after a question during which more are expected."""

PIECE = 1_500
"""Characters embedded between checks while questions are expected: some 0.2 s."""

LARGE_PIECE = 30_000
"""Characters embedded between checks when idle."""

OVERHEAD = 30
"""Overhead of a text in characters: the prompt and special tokens."""


class QuestionPriority:
    """Tracks whether questions are being answered. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asking = 0
        self._last = -LIVELY_S

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Mark that a question is being answered while the block runs."""
        with self._changed:
            self._asking += 1
        try:
            yield
        finally:
            with self._changed:
                self._asking -= 1
                self._last = time.monotonic()
                self._changed.notify_all()

    def give_way(self) -> int:
        """Wait until no question is being answered, at most ``LONGEST_WAIT_S``; return how many
        characters may be embedded before the next call.
        """
        with self._changed:
            lively = self._asking or time.monotonic() - self._last < LIVELY_S
            self._changed.wait_for(lambda: not self._asking, LONGEST_WAIT_S)
        return PIECE if lively else LARGE_PIECE


class BackgroundEmbedder(EmbedderProxy):
    """``embedder`` for background work: embeds passages between questions."""

    def __init__(self, embedder: Embedder, priority: QuestionPriority) -> None:
        super().__init__(embedder)
        self._priority = priority

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Delegates to the embedder, piece by piece."""
        parts = [np.empty((0, self.dimension), np.float32)]
        done = 0
        while done < len(texts):
            end = done + _fitting(texts[done:], self._priority.give_way())
            parts.append(self._embedder.embed_passages(texts[done:end]))
            done = end
        return np.concatenate(parts)


def _fitting(texts: Sequence[str], characters: int) -> int:
    """How many leading texts fit into ``characters``; at least one."""
    spent = accumulate(len(text) + OVERHEAD for text in texts)
    return max(1, sum(1 for _ in takewhile(lambda much: much <= characters, spent)))

"""Background work gives way to questions: on few processors a sync would make them wait."""

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
"""How long one piece of work waits for questions, so that it goes on however many are asked."""

LIVELY_S = 30.0
"""How long after a question more are to be expected."""

PIECE = 1_500
"""Characters embedded between two looks where questions are to be expected: some 0.2 s."""

LARGE_PIECE = 30_000
"""The same where nobody asks."""

OVERHEAD = 30
"""Characters that a text costs besides its own: the prompt, and the marks of begin and end."""


class QuestionPriority:
    """Knows whether questions are being answered. Many threads may use one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asking = 0
        self._last = -LIVELY_S

    @contextmanager
    def asking(self) -> Iterator[None]:
        """A question is answered while the block runs."""
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
        """Wait until no question is being answered, or long enough; return how many characters may
        be embedded before the next call.
        """
        with self._changed:
            lively = self._asking or time.monotonic() - self._last < LIVELY_S
            self._changed.wait_for(lambda: not self._asking, LONGEST_WAIT_S)
        return PIECE if lively else LARGE_PIECE


class BackgroundEmbedder(EmbedderProxy):
    """``embedder`` for work in the background: passages are embedded between questions."""

    def __init__(self, embedder: Embedder, priority: QuestionPriority) -> None:
        super().__init__(embedder)
        self._priority = priority

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As the embedder that it stands for."""
        parts = [np.empty((0, self.dimension), np.float32)]
        done = 0
        while done < len(texts):
            end = done + _fitting(texts[done:], self._priority.give_way())
            parts.append(self._embedder.embed_passages(texts[done:end]))
            done = end
        return np.concatenate(parts)


def _fitting(texts: Sequence[str], characters: int) -> int:
    """How many of the first texts have so many characters together; one at least."""
    spent = accumulate(len(text) + OVERHEAD for text in texts)
    return max(1, sum(1 for _ in takewhile(lambda much: much <= characters, spent)))

"""The assistant as one of the benchmarked systems, as shipped and with fewer vectors."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import assistant.ingest.completion
from assistant import Assistant, Settings
from assistant.embedding import Embedder, EmbedderProxy, load_embedder
from assistant.models.status import Stage
from assistant.support.settings import BUNDLED_MODEL
from benchmarks.systems import TOP, Synthetic

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

_ASKED_EVERY = 1.3
"""By how much the time between two rounds of questions grows during a sync."""

_FILLED_AT_ONCE = 1_000
"""Passages per batch with synthetic vectors; the usual batches would mostly spend time writing."""


class Ours:
    """``assistant sync`` and ``assistant search``."""

    def __init__(self, folder: Path, model: Path) -> None:
        self._folder = folder
        self._cache = model
        self._embedder: Embedder
        self._assistant: Assistant

    def load(self) -> None:
        self._embedder = load_embedder(BUNDLED_MODEL, self._cache)

    def ingest(self, corpus: Path) -> dict[str, float]:
        return self._sync(corpus, self._embedder, self._cache)

    def fill(self, corpus: Path) -> dict[str, float]:
        assistant.ingest.completion._AT_ONCE = _FILLED_AT_ONCE
        embed = Synthetic(self._embedder.embed_passages, corpus)
        # Do not cache values derived from synthetic vectors.
        apart = self._folder / "cache"
        return self._sync(corpus, _With(self._embedder, embed), apart)

    def open(self) -> None:
        settings = Settings(data=self._folder, cache=self._cache)
        self._assistant = Assistant(settings, self._embedder)

    def ask(self, question: str) -> int:
        return len(self._assistant.search(question, TOP))

    def found_first(self, corpus: Path, questions: Sequence[str]) -> list[float]:
        """For each question, after how many seconds of a sync it finds first what it finds in the
        end. It is asked at growing intervals, which the seconds do not count.
        """
        settings = Settings(corpus=corpus, data=self._folder, cache=self._cache)
        syncing = Assistant(settings, self._embedder)
        began, asking, due = time.monotonic(), 0.0, 0.0
        seen: list[tuple[float, list[object]]] = []

        def ask() -> None:
            nonlocal asking, due
            after = time.monotonic() - began - asking
            hits = [syncing.search(question, TOP).hits[:1] for question in questions]
            seen.append((after, [[(hit.source, hit.start) for hit in some] for some in hits]))
            asking = time.monotonic() - began - after
            due = _ASKED_EVERY * after

        def look(stage: Stage, done: int, total: int) -> None:
            if done and (time.monotonic() - began - asking >= due or done == total):
                ask()

        syncing.sync(look)
        ask()
        syncing.close()
        last = seen[-1][1]
        return [
            next(after for after, found in seen if found[place] == last[place])
            for place in range(len(questions))
        ]

    def _sync(self, corpus: Path, embedder: Embedder, cache: Path) -> dict[str, float]:
        settings = Settings(corpus=corpus, data=self._folder, cache=cache)
        syncing = Assistant(settings, embedder)
        report = syncing.sync()
        syncing.close()
        if report.failed:
            raise RuntimeError(f"{len(report.failed)} files failed: {report.failed[0]}")
        after = report.seconds - report.answerable_seconds
        return {"passages": report.passages, "sentences": report.sentences, "after_s": after}


class WithoutSentences(Ours):
    """``Ours`` without sentence vectors."""

    def ingest(self, corpus: Path) -> dict[str, float]:
        partial = Partial(self._embedder)
        counts = self._sync(corpus, partial, self._cache)
        if 2 * partial.left_out < counts["sentences"]:
            raise RuntimeError("Sentences were embedded that this run was to leave out.")
        return {**counts, "sentences": 0}


class _With(EmbedderProxy):
    """``embedder`` with ``embed_passages`` replaced."""

    def __init__(self, embedder: Embedder, embed: Embed) -> None:
        super().__init__(embedder)
        self._embed = embed

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._embed(texts)


class Partial(EmbedderProxy):
    """Embeds sentences as zero vectors.

    It recognizes sentences by their having been counted: passages are built by adding up the tokens
    of sentences.
    """

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(embedder)
        self._sentences: set[str] = set()
        self.left_out = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        self._sentences.update(texts)
        return super().count_tokens(texts)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        rows = [row for row, text in enumerate(texts) if text not in self._sentences]
        vectors[rows] = super().embed_passages([texts[row] for row in rows])
        self.left_out += len(texts) - len(rows)
        return vectors

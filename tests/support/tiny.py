"""A tiny embedding model behind the public seam, and work with it in a process that can be killed.

A word's vector is drawn from its hash, a text's is the mean of its words': the same everywhere, and
texts that share words are near each other.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import random
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.assistant import Assistant
from assistant.language.keywords import words
from assistant.store.maintenance import compact
from assistant.support.settings import Settings

DIMENSION = 24


@dataclass
class TinyEmbedder:
    """See the module. ``texts`` are those of several words that were embedded as passages."""

    identity: str = "tiny-1"
    dimension: int = DIMENSION
    max_tokens: int = 512
    texts: list[str] = field(default_factory=list)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += [text for text in texts if " " in text]
        return np.array([self._vector(text) for text in texts], np.float32).reshape(-1, DIMENSION)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self._vector(text)

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([self._vector(text) for text in texts], np.float32).reshape(-1, DIMENSION)

    def in_context(self, words: Sequence[str]) -> None:
        """None: it gives vectors of whole texts only."""

    def sketch(self, texts: Sequence[str]) -> None:
        """None: it is cheap as it is."""

    def match(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros(len(texts), np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [2 * len(text.split()) for text in texts]

    def _vector(self, text: str) -> NDArray[np.float32]:
        total = np.sum([_word(self.identity, word) for word in [*words(text), ""]], axis=0)
        return np.asarray(total / np.linalg.norm(total), np.float32)


@cache
def _word(identity: str, word: str) -> NDArray[np.float32]:
    seed = hashlib.sha256(f"{identity}\0{word}".encode()).digest()[:8]
    drawn = np.random.default_rng(int.from_bytes(seed, "big")).normal(size=DIMENSION)
    return np.asarray(drawn, np.float32)


def tiny_assistant(corpus: Path, data: Path, identity: str = "tiny-1") -> Assistant:
    """An assistant with the tiny model; what it keeps is beside its data."""
    settings = Settings(corpus=corpus, data=data, cache=data.parent / "cache")
    return Assistant(settings, TinyEmbedder(identity))


def vocabulary(seed: int = 5) -> list[str]:
    """Six hundred words that no language has."""
    draw = random.Random(seed)
    return ["".join(draw.choices("abdegiklmnoprstuv", k=7)) for _ in range(600)]


def write_article(folder: Path, name: str, draw: random.Random) -> str:
    """Write an article of some hundred words in two dozen sentences; return its text."""
    known = vocabulary()
    sentences = [" ".join(draw.sample(known, 12)).capitalize() + "." for _ in range(24)]
    text = "\n\n".join(" ".join(sentences[at : at + 8]) for at in range(0, 24, 8))
    (folder / name).write_text(f"---\ntitle: {name}\nlanguage: en\n---\n{text}\n", "utf-8")
    return text


def work(command: str, corpus: Path, data: Path, identity: str, most_bytes: int = 0) -> None:
    """What a process does that may be killed; ``most_bytes`` bounds each file that it writes."""
    if most_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    made = tiny_assistant(corpus, data, identity)
    if command == "sync":
        made.sync()
    elif command == "compact":
        compact(made.settings, TinyEmbedder(identity))
    else:
        raise ValueError(command)
    made.close()


def process(*arguments: object) -> multiprocessing.process.BaseProcess:
    """A process that does ``work``, from a server that has imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "chromadb", "assistant.ingest.readers.plain"])
    made = context.Process(target=work, args=arguments)
    made.start()
    return made


def killed(after: float, *arguments: object) -> bool:
    """Do ``work`` in a process and kill it after so many seconds; False if it was done before."""
    running = process(*arguments)
    running.join(after)
    running.kill()
    running.join()
    return running.exitcode == -9


def duration(*arguments: object) -> float:
    """How long ``work`` takes in a process of its own, which must succeed."""
    started = time.monotonic()
    running = process(*arguments)
    running.join()
    if running.exitcode:
        sys.exit(f"the work failed with {running.exitcode}")
    return time.monotonic() - started


def found(assistant: Assistant, questions: Sequence[str]) -> list[list[tuple[object, ...]]]:
    """What a search gives for each question, comparable between libraries: no ids, no ties."""
    return [
        sorted(
            (round(hit.score, 3), hit.article, hit.sources, hit.start, hit.end, hit.text[:60])
            for hit in assistant.search(question, 8)
        )
        for question in questions
    ]

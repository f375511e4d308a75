"""Reading and syncing one text of 1, 5 and 20 MB: whether the time grows with its length alone.

The embedding model, whose time does, is left out: what stands for it gives every text one vector.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant import Assistant, Settings
from assistant.ingest.passages import split_article
from assistant.ingest.readers import read_article

WORDS = """
the a of and in to keeper light tower storm ship year harbour coast paint white red stone stair lamp
night watch island boat crew rope was built by after before stood fell
"""
DIMENSION = 8
MEGABYTE = 1_000_000


class OneVector:
    """Gives every text the same vector, and counts words for tokens."""

    identity = "one-vector"
    dimension = DIMENSION
    max_tokens = 512

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vector, as often as there are texts."""
        return np.full((len(texts), DIMENSION), DIMENSION**-0.5, np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector."""
        return self.embed_passages([text])[0]

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vector, as often as there are texts."""
        return self.embed_passages(texts)

    def sketch(self, texts: Sequence[str]) -> None:
        """None."""

    def match(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Zeros."""
        return np.zeros(len(texts), np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The words of each."""
        return [len(text.split()) for text in texts]


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of the processor for one text; ``sync_s`` is by the clock, reading included."""

    megabytes: float
    read_s: float
    split_s: float
    sync_s: float
    passages: int


def main(arguments: Sequence[str]) -> int:
    """Measure each size; print one JSON object a line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks long_text", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=float, default=[1, 5, 19.9], metavar="MB")
    for size in parser.parse_args(arguments).sizes:
        sys.stdout.write(json.dumps(asdict(measure(size))) + "\n")
        sys.stdout.flush()
    return 0


def measure(megabytes: float) -> Measured:
    """Read, split and sync one text of that size."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        file = corpus / "long.txt"
        file.write_text(_text(int(megabytes * MEGABYTE)))
        began = time.process_time()
        article = read_article(file, file.name)
        read = time.process_time()
        passages = split_article(article, OneVector().count_tokens)
        split = time.process_time()
        settings = Settings(corpus=corpus, data=Path(folder, "data"))
        started = time.perf_counter()
        with closing(Assistant(settings, OneVector())) as assistant:
            assistant.sync()
        synced = time.perf_counter() - started
    times = (round(read - began, 2), round(split - read, 2), round(synced, 2))
    return Measured(megabytes, *times, len(passages))


def _text(length: int) -> str:
    """Sentences in paragraphs, some with a heading, the same at every run."""
    chance = random.Random(1)
    vocabulary = WORDS.split()
    parts: list[str] = []
    size = 0
    while size < length:
        words = chance.choices(vocabulary, k=chance.randint(5, 25))
        sentence = f"{' '.join(words).capitalize()}{chance.choice(['.', '.', '?'])} "
        if chance.random() < 0.15:
            sentence += "\n\n"
        if chance.random() < 0.01:
            sentence += f"{' '.join(words[:3]).title()}\n\n"
        parts.append(sentence)
        size += len(sentence)
    return "".join(parts)[:length]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

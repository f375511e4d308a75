"""Makes vectors comparable across languages.

A multilingual model encodes much of a text's language in its vector, so plain cosine ranks a
mediocre passage in the question's language above the right one in another. Subtracting most of the
language's mean vector removes that. The means are those of parallel reference sentences, so they do
not change as articles come and go.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Protocol

import numpy as np

from assistant.embedding import Embedder
from assistant.language.keywords import words
from assistant.language.reference import reference_sentences
from assistant.models.records import Vectors, unit
from assistant.support.atomic_files import replace_bytes
from assistant.support.errors import ModelError

STRENGTH = 0.8
"""The share of the mean subtracted from passages, sentences and questions. Over six tasks within
and across French, English and German, values from 0.7 to 1 rank alike; 0 is far worse."""

APART = 3.0
"""Least standard deviations between unrelated texts and those that say the same. A model that does
not know a language has fewer, and chance would look like meaning. The bundled one has 5.6 or more.
"""

_INTERFACE_LANGUAGES = ("de", "en", "es", "fr")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scale:
    """Calibrates similarity between a question's language and a text's: cosines of centred vectors.

    ``chance`` is typical of unrelated texts, with standard deviation ``spread``; ``same`` of texts
    that say the same.
    """

    chance: float
    same: float
    spread: float

    def place(self, near: Vectors) -> Vectors:
        """Map cosines to a scale from 0 (chance) to 1 (same meaning), whatever the model."""
        return np.asarray((near - self.chance) / (self.same - self.chance), np.float32)

    def by_chance(self, texts: int) -> float:
        """The value that the nearest of so many texts reaches by chance: the expected maximum of as
        many normally distributed values.
        """
        return self.spread / (self.same - self.chance) * math.sqrt(2 * math.log(max(texts, 2)))


class Comparable(Protocol):
    """Many raw vectors that are not unpacked all at once."""

    def dot(self, others: Vectors) -> Vectors:
        """Dot products with ``others``, shape (n, others)."""


class Centring:
    """Centres the vectors of ``embedder``. Caches the means in the folder ``kept``.

    A language's mean is computed when first needed, in about half a second. If the folder cannot be
    written, as on a full disk, that is logged, and the mean computed again next time.
    """

    def __init__(self, embedder: Embedder, kept: Path) -> None:
        self._embedder = embedder
        self._kept = kept
        self._means: dict[tuple[str, str], Vectors] = {}
        self._scales: dict[tuple[str, str], Scale] = {}

    def passages(self, vectors: Vectors, language: str) -> Vectors:
        """Centred unit vectors of passages or sentences, shape as given."""
        return centred(vectors, self._mean("passage", language))

    def questions(self, vectors: Vectors, language: str) -> Vectors:
        """Centred unit vectors of questions, shape as given."""
        return centred(vectors, self._mean("query", language))

    def sketches(self, vectors: Vectors, language: str) -> Vectors:
        """Centred unit vectors of sketches, of questions as of passages."""
        return centred(vectors, self._mean("sketch", language), 1.0)

    def words(self, vectors: Vectors, language: str) -> Vectors:
        """Centred unit vectors of single words: the whole mean is subtracted, as it encodes only
        the language and that it is a single word.
        """
        return centred(vectors, self._mean("word", language), 1.0)

    def compare_words(self, asked: Vectors, others: Vectors, language: str) -> Vectors:
        """Cosines of centred words with ``others``, raw vectors of words in ``language``.

        Shape (asked, others); 0 for a zero vector. Equals ``asked @ words(others).T`` without
        copying ``others``, which are thousands.
        """
        mean = self._mean("word", language)
        near = _cosines(asked @ others.T, others @ mean, asked @ mean, mean, 1.0)
        return np.asarray(near * others.any(axis=1), np.float32)

    def nearness(self, asked: Vectors, others: Comparable, language: str) -> Vectors:
        """Cosines of a centred question with ``others``, raw vectors of passages in ``language``.

        Shape (others,). ``passages(others) @ asked`` without copying ``others``, as exactly as they
        give dot products.
        """
        mean = self._mean("passage", language)
        dots = others.dot(np.stack([asked, mean]))
        return _cosines(dots[:, 0], dots[:, 1], asked @ mean, mean, STRENGTH)

    def sketch_nearness(self, asked: Vectors, others: Comparable, language: str) -> Vectors:
        """As ``nearness``, of a question's centred sketch with sketches of passages."""
        mean = self._mean("sketch", language)
        dots = others.dot(np.stack([asked, mean]))
        return _cosines(dots[:, 0], dots[:, 1], asked @ mean, mean, 1.0)

    def scale(self, asking: str, language: str) -> Scale:
        """The scale from questions in ``asking`` to texts in ``language``."""
        if (asking, language) not in self._scales:
            self._scales[asking, language] = self._measure(asking, language)
        return self._scales[asking, language]

    def _measure(self, asking: str, language: str) -> Scale:
        known = (
            (code,) if reference_sentences(code) else _INTERFACE_LANGUAGES
            for code in (asking, language)
        )
        pairs = list(product(*known))
        # All that is known of an unknown language: it is hardly the other one.
        pairs = [(asks, says) for asks, says in pairs if asks != says] or pairs
        near = np.mean([self._nearness(*pair) for pair in pairs], axis=0)
        others = near[~np.eye(len(near), dtype=bool)]
        chance, spread = float(others.mean()), float(others.std())
        return Scale(chance, max(float(near.diagonal().mean()), chance + APART * spread), spread)

    def _nearness(self, asking: str, language: str) -> Vectors:
        """Cosines of each reference sentence as a question with each as a text."""
        asked = self.questions(self._references("query", asking), asking)
        said = self.passages(self._references("passage", language), language)
        return np.asarray(asked @ said.T, np.float32)

    def _mean(self, kind: str, language: str) -> Vectors:
        if (kind, language) not in self._means:
            self._means[kind, language] = self._load(kind, language)
        return self._means[kind, language]

    def _load(self, kind: str, language: str) -> Vectors:
        sentences = reference_sentences(language)
        if not sentences:
            # Unknown language: subtract what vectors of all languages have in common.
            means = [self._mean(kind, known) for known in _INTERFACE_LANGUAGES]
            return np.asarray(np.mean(means, axis=0), np.float32)
        return np.asarray(self._references(kind, language).mean(axis=0), np.float32)

    def _references(self, kind: str, language: str) -> Vectors:
        """The vectors of the reference sentences as questions or texts, or of their words."""
        texts: Sequence[str] = reference_sentences(language)
        if kind == "word":
            texts = sorted(set(words(" ".join(texts))))
        made_of = "\n".join((self._embedder.identity, kind, *texts))
        name = f"{kind}s-{language}-{hashlib.sha256(made_of.encode()).hexdigest()[:16]}"
        file, shape = self._kept / name, (len(texts), self._embedder.dimension)
        if file.is_file() and file.stat().st_size == 4 * shape[0] * shape[1]:
            return np.frombuffer(file.read_bytes(), np.float32).reshape(shape)
        vectors = self._embedded(kind, texts)
        keep(vectors, file)
        return vectors

    def _embedded(self, kind: str, texts: Sequence[str]) -> Vectors:
        if kind == "sketch":
            sketches = self._embedder.sketch(texts)
            if sketches is None:
                raise ModelError("This embedding model makes no sketches.")
            return sketches
        is_query = kind == "query"
        embed = self._embedder.embed_queries if is_query else self._embedder.embed_passages
        return embed(texts)


def _cosines(
    with_asked: Vectors,
    with_mean: Vectors,
    asked_with_mean: Vectors,
    mean: Vectors,
    strength: float,
) -> Vectors:
    """Cosines of centred vectors, given the dot products of raw ones."""
    length = np.sqrt(np.maximum(1 - 2 * strength * with_mean + strength**2 * (mean @ mean), 1e-9))
    moved = strength * np.asarray(asked_with_mean)[..., None]
    return np.asarray((with_asked - moved) / length, np.float32)


def keep(vectors: Vectors, file: Path) -> None:
    """Write ``vectors`` to ``file`` in the cache. A failure is only logged."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_bytes(file, vectors.tobytes())
    except OSError as error:
        logger.warning(
            "The mean vector of a language cannot be cached, so the next start takes "
            "longer: %s. Make room there, or set ASSISTANT_CACHE to another folder.",
            error,
        )


def centred(vectors: Vectors, mean: Vectors, strength: float = STRENGTH) -> Vectors:
    """``vectors`` minus ``strength`` times ``mean``, normalized."""
    return unit(vectors - strength * mean)

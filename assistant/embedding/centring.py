"""Vectors made comparable across languages.

A multilingual model puts much of a text's language into its vector, so that plain cosine ranks a
mediocre passage in the question's language above the right one in another. Subtracting most of the
mean vector of the language takes that away. The means are those of reference sentences that say the
same in every language, so they do not move when articles come and go.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from assistant.embedding import Embedder
from assistant.language.keywords import words
from assistant.language.reference import reference_sentences
from assistant.models.records import Vectors
from assistant.support.atomic_files import replace_bytes

STRENGTH = 0.8
"""The share of the mean that is subtracted from passages, sentences and questions. Over six tasks
within and across French, English and German, 0.7 to 1 rank alike, none of it (0) far worse."""

_INTERFACE_LANGUAGES = ("de", "en", "es", "fr")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scale:
    """How near questions in one language come to texts in another: cosines of centred vectors.

    ``chance`` is usual for texts that have nothing in common, give or take ``spread``, ``same`` for
    those that say the same.
    """

    chance: float
    same: float
    spread: float

    def place(self, near: Vectors) -> Vectors:
        """Cosines as places between chance, 0, and the same meaning, 1, whatever the model."""
        return np.asarray((near - self.chance) / (self.same - self.chance), np.float32)

    def by_chance(self, texts: int) -> float:
        """The place that the nearest of so many texts reaches by chance: the law for the largest
        of as many values that vary normally.
        """
        return self.spread / (self.same - self.chance) * math.sqrt(2 * math.log(max(texts, 2)))


class Centring:
    """Centres the vectors that ``embedder`` makes. Means are kept in the folder ``kept``.

    The mean of a language is measured when it is first needed, in about half a second. A folder
    that cannot be written, as on a full disk, is told in the log: it is measured again next time.
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

    def words(self, vectors: Vectors, language: str) -> Vectors:
        """Centred unit vectors of single words: all of the mean is taken, as it tells only the
        language and that there is but one word.
        """
        return centred(vectors, self._mean("word", language), 1.0)

    def compare_words(self, asked: Vectors, others: Vectors, language: str) -> Vectors:
        """Cosines of centred words with the words ``others`` of ``language``, as the model gave.

        Shape (asked, others); 0 for a vector that is zero. The same as ``asked @ words(others).T``,
        without a copy of ``others``, which are thousands.
        """
        mean = self._mean("word", language)
        length = np.sqrt(np.maximum(1 - 2 * (others @ mean) + mean @ mean, 1e-9))
        cosines = (asked @ others.T - (asked @ mean)[:, None]) / length
        return np.asarray(cosines * others.any(axis=1), np.float32)

    def scale(self, asking: str, language: str) -> Scale:
        """How near questions in the language ``asking`` come to texts in ``language``."""
        if (asking, language) not in self._scales:
            self._scales[asking, language] = self._measure(asking, language)
        return self._scales[asking, language]

    def _measure(self, asking: str, language: str) -> Scale:
        known = (
            (code,) if reference_sentences(code) else _INTERFACE_LANGUAGES
            for code in (asking, language)
        )
        pairs = list(product(*known))
        # Of an unknown language only this is known, that it is hardly the other one.
        pairs = [(asks, says) for asks, says in pairs if asks != says] or pairs
        near = np.mean([self._nearness(*pair) for pair in pairs], axis=0)
        others = near[~np.eye(len(near), dtype=bool)]
        return Scale(float(others.mean()), float(near.diagonal().mean()), float(others.std()))

    def _nearness(self, asking: str, language: str) -> Vectors:
        """Of each reference sentence as a question to each as a text."""
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
            # An unknown language: take away what all vectors have in common, whatever the language.
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
        is_query = kind == "query"
        embed = self._embedder.embed_queries if is_query else self._embedder.embed_passages
        vectors = embed(texts)
        keep(vectors, file)
        return vectors


def keep(vectors: Vectors, file: Path) -> None:
    """Write ``vectors`` to ``file`` of the cache. That it cannot be written is only logged."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_bytes(file, vectors.tobytes())
    except OSError as error:
        logger.warning(
            "What is known of a language cannot be kept in the cache, so the next start takes "
            "longer: %s. Make room there, or set ASSISTANT_CACHE to another folder.",
            error,
        )


def centred(vectors: Vectors, mean: Vectors, strength: float = STRENGTH) -> Vectors:
    """``vectors`` less ``strength`` of ``mean``, at unit length again."""
    moved = vectors - strength * mean
    length = np.linalg.norm(moved, axis=-1, keepdims=True)
    return np.asarray(moved / np.maximum(length, 1e-9), np.float32)

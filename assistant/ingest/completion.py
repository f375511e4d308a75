"""Makes the vectors of what was read: of passages, then of their sentences, then of words.

Each step makes answers better, and each batch is committed: a sync that was stopped continues with
what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np

from assistant.ingest.executor import Executor
from assistant.language.keywords import has_meaning
from assistant.models.records import PassageTexts, Vectors
from assistant.store.engine import Engine
from assistant.store.incomplete_passages import IncompletePassages
from assistant.store.vectors import pack, pack_sentences

_AT_ONCE = 16
"""Passages per transaction: a second or two of work, so that progress shows and a stop loses
little; larger batches are no faster."""

_WORDS_AT_ONCE = 256
"""Words per transaction: a second's work."""


def embed_passages(engine: Engine, executor: Executor) -> Iterator[tuple[int, int]]:
    """Embed the passages that have no vector; yields how many were done, and how many texts were
    embedded for them, after each batch.
    """
    library, incomplete = engine.library, engine.library.incomplete
    waiting = _in_turn(incomplete.without_vector(), incomplete.asked)
    batches = (_batch(incomplete, ids, lambda texts: (texts.whole,), 0) for ids in waiting)
    for batch, vectors in _embedded(batches, engine, executor, lambda of_one, _: pack(of_one)):
        with library.change():
            library.put_vectors(vectors)
        engine.put_into_index({}, vectors)
        yield batch.size, batch.count


def embed_sentences(engine: Engine, executor: Executor) -> Iterator[tuple[int, int]]:
    """As ``embed_passages``, for the sentences of passages."""
    incomplete = engine.library.incomplete
    waiting = _in_turn(incomplete.without_sentences(), incomplete.asked)
    batches = (_batch(incomplete, ids, lambda texts: texts.sentences, 1) for ids in waiting)
    for batch, vectors in _embedded(batches, engine, executor, pack_sentences):
        with engine.library.change():
            incomplete.put_sentence_vectors(vectors)
        yield batch.size, batch.count


def learn_words(engine: Engine, executor: Executor) -> Iterator[tuple[int, int]]:
    """Embed the words that have no vector; yields how many were done after each batch, and 0, as
    words are not counted among the texts.

    Until its words have vectors, a passage matches a question's wording only literally.
    """

    def meant(words: list[str]) -> list[str]:
        return [word for word in words if has_meaning(word)]

    library = engine.library
    batches = library.words.without_vector(_WORDS_AT_ONCE)
    for waiting, vectors in executor.embed(engine.embedder, batches, meant):
        known = dict(zip(meant(waiting), vectors, strict=True))
        with library.change():
            library.words.put_vectors({word: known.get(word) for word in waiting})
        yield len(waiting), 0


@dataclass(frozen=True, slots=True)
class _Batch:
    """Passages that get vectors, by id the digest of what is embedded for each. ``known`` are the
    packed vectors of digests that were embedded before, ``new`` the texts of the others, ``wholes``
    the vectors that passages have; empty before they have one.
    """

    size: int
    digests: Mapping[int, bytes]
    known: Mapping[bytes, bytes]
    new: Mapping[bytes, Sequence[str]]
    wholes: Mapping[bytes, Vectors]

    @property
    def count(self) -> int:
        """The number of texts to embed."""
        return sum(map(len, self.new.values()))

    def texts(self) -> list[str]:
        """All texts to embed."""
        return [text for some in self.new.values() for text in some]


def _batch(
    incomplete: IncompletePassages,
    ids: Sequence[int],
    texts_of: Callable[[PassageTexts], Sequence[str]],
    place: Literal[0, 1],
) -> _Batch:
    """The passages with these ids; ``place`` is that of their vectors in what is ``embedded``."""
    texts = incomplete.texts_of(ids)
    digests = {id_: one.digest for id_, one in texts.items()}
    found = incomplete.embedded(list(digests.values()))
    known = {digest: some for digest, both in found.items() if (some := both[place]) is not None}
    new = {one.digest: texts_of(one) for one in texts.values() if one.digest not in known}
    none = np.empty(0, np.float32)
    wholes = {one.digest: none if one.vector is None else one.vector for one in texts.values()}
    return _Batch(len(ids), digests, known, new, wholes)


def _embedded(
    batches: Iterable[_Batch],
    engine: Engine,
    executor: Executor,
    packed: Callable[[Vectors, Vectors], bytes],
) -> Iterator[tuple[_Batch, dict[int, bytes]]]:
    """Each batch with the vectors of each of its passages, ``packed`` of them and the passage's."""
    for batch, vectors in executor.embed(engine.embedder, batches, _Batch.texts):
        known, at = dict(batch.known), 0
        for digest, some in batch.new.items():
            known[digest] = packed(vectors[at : at + len(some)], batch.wholes[digest])
            at += len(some)
        yield batch, {id_: known[digest] for id_, digest in batch.digests.items()}


def _in_turn(ids: Sequence[int], asked: set[int]) -> Iterator[list[int]]:
    """Batches of ``ids`` in their order, but first those that questions came upon meanwhile."""
    waiting, rest = set(ids), iter(ids)
    while waiting:
        batch = sorted(asked & waiting)[:_AT_ONCE]
        waiting.difference_update(batch)
        batch += islice((id_ for id_ in rest if id_ in waiting), _AT_ONCE - len(batch))
        waiting.difference_update(batch)
        yield batch

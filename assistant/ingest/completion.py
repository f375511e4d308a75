"""Makes the vectors of what was read: of passages, then of their sentences, then of words.

Each step makes answers better, and each batch is committed: a sync that was stopped continues with
what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.language.keywords import has_meaning
from assistant.store.indexing import entries
from assistant.store.library import Library
from assistant.store.passage_index import PassageIndex
from assistant.store.vectors import pack, pack_sentences

_AT_ONCE = 16
"""Passages per transaction: a second or two of work, so that progress shows and a stop loses
little; larger batches are no faster."""

_WORDS_AT_ONCE = 256
"""Words per transaction: a second's work."""


def embed_passages(
    library: Library, index: PassageIndex, embedder: Embedder, centring: Centring
) -> Iterator[tuple[int, int]]:
    """Embed the passages that have no vector; yields how many were done, and how many texts were
    embedded for them, after each batch.
    """
    passages = library.passages
    for ids in _in_turn(passages.without_vector(), passages.asked):
        texts = passages.texts_of(ids)
        known = {
            d: v for d, (v, _) in passages.embedded([t.digest for t in texts.values()]).items()
        }
        new = {t.digest: t.whole for t in texts.values() if t.digest not in known}
        known |= zip(new, map(pack, embedder.embed_passages(list(new.values()))), strict=True)
        with library.change():
            library.put_vectors({id_: known[text.digest] for id_, text in texts.items()})
        # Rounded as in the library: an index rebuilt from it later must find the same.
        index.apply({}, list(entries(library, centring, texts)), library.revision)
        yield len(ids), len(new)


def embed_sentences(library: Library, embedder: Embedder) -> Iterator[tuple[int, int]]:
    """As ``embed_passages``, for the sentences of passages."""
    passages = library.passages
    for ids in _in_turn(passages.without_sentences(), passages.asked):
        texts = passages.texts_of(ids)
        found = passages.embedded([t.digest for t in texts.values()])
        known = {digest: parts for digest, (_, parts) in found.items() if parts is not None}
        new = {t.digest: (t.sentences, t.vector) for t in texts.values() if t.digest not in known}
        count = sum(len(sentences) for sentences, _ in new.values())
        vectors = embedder.embed_passages(
            [one for sentences, _ in new.values() for one in sentences]
        )
        at = 0
        for digest, (sentences, whole) in new.items():
            if whole is not None:  # all have, by now
                known[digest] = pack_sentences(vectors[at : at + len(sentences)], whole)
            at += len(sentences)
        with library.change():
            passages.put_sentence_vectors(
                {i: known[t.digest] for i, t in texts.items() if t.digest in known}
            )
        yield len(ids), count


def learn_words(library: Library, embedder: Embedder) -> Iterator[tuple[int, int]]:
    """Embed the words that have no vector; yields how many were done after each batch, and 0, as
    words are not counted among the texts.

    Until its words have vectors, a passage matches a question's wording only literally.
    """
    while waiting := library.words.without_vector(_WORDS_AT_ONCE):
        meant = [word for word in waiting if has_meaning(word)]
        vectors = dict(zip(meant, embedder.embed_passages(meant), strict=True))
        with library.change():
            library.words.put_vectors({word: vectors.get(word) for word in waiting})
        yield len(waiting), 0


def _in_turn(ids: Sequence[int], asked: set[int]) -> Iterator[list[int]]:
    """Batches of ``ids`` in their order, but first those that questions came upon meanwhile."""
    waiting, rest = set(ids), iter(ids)
    while waiting:
        batch = sorted(asked & waiting)[:_AT_ONCE]
        waiting.difference_update(batch)
        batch += islice((id_ for id_ in rest if id_ in waiting), _AT_ONCE - len(batch))
        waiting.difference_update(batch)
        yield batch

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
        known |= zip(new, embedder.embed_passages(list(new.values())), strict=True)
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
        new = {t.digest: t.sentences for t in texts.values() if t.digest not in known}
        count = sum(map(len, new.values()))
        vectors = embedder.embed_passages([text for some in new.values() for text in some])
        at = 0
        for digest, some in new.items():
            known[digest] = vectors[at : at + len(some)]
            at += len(some)
        with library.change():
            passages.put_sentence_vectors({i: known[text.digest] for i, text in texts.items()})
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

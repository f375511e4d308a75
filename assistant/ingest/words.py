"""Embeds the library's words, after its passages."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.embedding import Embedder
from assistant.language.keywords import has_meaning
from assistant.store.library import Library

_LEARNT_AT_ONCE = 256
"""Words per transaction: a second's work."""


def learn_words(library: Library, embedder: Embedder) -> Iterator[None]:
    """Embed the words that have no vector; yields after each batch, which is committed.

    Separate from reading the articles, which can be asked about before: until its words have
    vectors, a passage matches a question's wording only literally.
    """
    while waiting := library.words.without_vector(_LEARNT_AT_ONCE):
        meant = [word for word in waiting if has_meaning(word)]
        vectors = dict(zip(meant, embedder.embed_passages(meant), strict=True))
        with library.change():
            library.words.put_vectors({word: vectors.get(word) for word in waiting})
        yield

"""Rows of the table of passages as records, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from assistant.models.records import (
    PassageTexts,
    PassageVectors,
    PassageWords,
    StoredPassage,
    Vectors,
    split,
)
from assistant.models.table import in_context, with_headings
from assistant.store import varints
from assistant.store.vectors import sentence_size, unpack, unpack_sentences
from assistant.store.word_store import NO_WORD

BYTES_A_SENTENCE = 12
"""Three int32 of ``bounds``: a sentence's start, its end, and whether it is a heading."""


def stored(row: tuple[Any, ...]) -> StoredPassage:
    """A row of ``PassageStore.get`` as a passage."""
    sources = tuple(sorted(json.loads(row[3])))
    published, start, end, text, vector, bounds, sentence_vectors, terms, columns = row[5:]
    whole, parts = unpack_both(vector, sentence_vectors)
    places = np.frombuffer(bounds, np.int32).reshape(-1, 3)
    return StoredPassage(
        id=row[0],
        article=row[1],
        title=row[2],
        source=sources[0],
        language=row[4],
        published=date.fromisoformat(published) if published else None,
        start=start,
        end=end,
        text=text,
        vector=whole,
        bounds=places[:, :2],
        headings=places[:, 2].astype(bool),
        sentence_vectors=parts,
        terms=tuple(terms.split()),
        sources=sources,
        columns=tuple(map(tuple, json.loads(columns))) if columns else (),
    )


def texts_in(
    digest: bytes,
    language: str,
    start: int,
    text: str,
    bounds: bytes,
    columns: str | None,
    vector: bytes | None,
) -> PassageTexts:
    """A row of ``IncompletePassages.texts_of``, without its id."""
    places = np.frombuffer(bounds, np.int32).reshape(-1, 3)[:, :2] - start
    headings = json.loads(columns) if columns else [()] * len(places)
    sentences = (
        with_headings(of, text[begin:end])
        for of, (begin, end) in zip(headings, places.tolist(), strict=True)
    )
    return PassageTexts(
        digest,
        language,
        in_context(headings, text),
        tuple(sentences),
        None if vector is None else unpack(vector, len(vector))[0],
    )


def together(rows: list[tuple[int, bytes, bytes | None]]) -> PassageVectors:
    """Rows of id, vector and sentence vectors, stacked."""
    ids, vectors, sentences = zip(*rows, strict=True)
    wholes = unpack(b"".join(vectors), len(vectors[0]))
    size = sentence_size(len(vectors[0]))
    counts = np.array([len(of_one or b"") // size for of_one in sentences])
    joined = b"".join(of_one or b"" for of_one in sentences)
    of_sentences = unpack_sentences(joined, np.repeat(wholes, counts, axis=0))
    return PassageVectors(np.array(ids), wholes, counts, of_sentences)


def pack_words(words: Iterable[Sequence[str]], ids: Mapping[str, int]) -> bytes:
    """The number of groups of words, their sizes, and the ids of all: in each group in their order,
    by how far they are apart.
    """
    return _packed([[ids[word] for word in group] or [NO_WORD] for group in words])


def unpack_words(rows: Sequence[tuple[str, bytes]]) -> list[PassageWords]:
    """Rows of article and what ``pack_words`` packed; several at once, which is faster."""
    articles, packed = zip(*rows, strict=True) if rows else ((), ())
    numbers, sizes = varints.unpack(packed)
    begins = np.cumsum(sizes) - sizes
    groups = numbers[begins]
    place = np.arange(len(numbers)) - np.repeat(begins, sizes)
    counted = place <= np.repeat(groups, sizes)
    counts = numbers[counted & (place > 0)]
    reached = np.cumsum(numbers[~counted])
    before = np.concatenate([[0], reached])[np.cumsum(counts) - counts]
    ids = (reached - np.repeat(before, counts)).astype(np.int32)
    of_each = split(ids, sizes - groups - 1), split(counts.astype(np.int32), groups)
    return [PassageWords(*some) for some in zip(articles, *of_each, strict=True)]


def narrowed_words(before: bytes, size_of_bounds: int) -> bytes:
    """The words of a passage as they were kept before, packed."""
    groups = size_of_bounds // BYTES_A_SENTENCE + 1
    numbers = np.frombuffer(before, np.int32).astype(np.int64)
    ends = np.cumsum(numbers[:groups])[:-1]
    return _packed([group.tolist() for group in np.split(numbers[groups:], ends)])


def _packed(groups: Sequence[Sequence[int]]) -> bytes:
    apart = (np.diff(np.sort(group), prepend=0) for group in groups)
    sizes = np.array([len(groups), *map(len, groups)], np.int64)
    return varints.pack(np.concatenate([sizes, *apart]))


def unpack_both(vector: bytes | None, sentence_vectors: bytes | None) -> tuple[Vectors, Vectors]:
    """Both vectors of a passage; empty where they are still to be made."""
    whole = unpack(vector, len(vector))[0] if vector else np.empty(0, np.float32)
    return whole, unpack_sentences(sentence_vectors or b"", whole)

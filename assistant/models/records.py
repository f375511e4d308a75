"""The library's records: files, article summaries, pieces of text, passages with their vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.models.table import in_context, with_headings

Vectors = NDArray[np.float32]
"""Unit vectors: shape (dimension,) for one, (n, dimension) for several."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as last read.

    ``digest`` is the SHA-256 of its bytes, with that of the details given for its articles, if any;
    ``modified`` is its modification time in nanoseconds.
    ``article`` is the id of the article read from it, or None if ``error`` says why there is none;
    ``note`` says what of the file was left out, such as a damaged part.
    """

    source: str
    digest: str
    size: int
    modified: int
    article: str | None
    error: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """An article without its text; ``sources`` are all the files that hold it, sorted."""

    id: str
    title: str
    language: str
    published: date | None
    sources: tuple[str, ...]
    passages: int

    @property
    def source(self) -> str:
        """The first file, where one is enough."""
        return self.sources[0]


@dataclass(frozen=True, slots=True)
class Extract:
    """A slice of the article with the id ``article``: ``text`` is its ``text[start:end]``. The base
    of passages, hits and citations.

    ``sources`` are all the files that hold the article, sorted; ``source`` is the first of them.
    """

    article: str
    title: str
    source: str
    language: str
    published: date | None
    start: int
    end: int
    text: str
    sources: tuple[str, ...] = ()

    def cut(self, start: int, end: int) -> Extract:
        """The part between the article's offsets ``start`` and ``end``."""
        text = self.text[start - self.start : end - self.start]
        return Extract(
            self.article, self.title, self.source, self.language, self.published,
            start, end, text, self.sources,
        )  # fmt: skip

    def where(self) -> dict[str, Any]:
        """The article and the offsets, as in the JSON of hits and citations."""
        return {
            "article": self.article,
            "title": self.title,
            "source": self.source,
            "sources": list(self.sources or (self.source,)),
            "language": self.language,
            "published": self.published.isoformat() if self.published else None,
            "start": self.start,
            "end": self.end,
        }


def fields_of(extract: Extract) -> dict[str, Any]:
    """The fields for making another kind of extract of the same text."""
    return {one.name: getattr(extract, one.name) for one in fields(Extract)}


@dataclass(frozen=True, slots=True)
class EmbeddedPassage:
    """A passage ready to be stored.

    ``digest`` is that of the embedded text, so that the same text is not embedded twice. ``bounds``
    are the sentences' offsets in the article, shape (n, 2); ``headings`` flags those that are
    headings, shape (n,); ``columns`` are the column headings of each table row;
    ``vector`` and ``sentence_vectors`` are packed, and None until they are made; ``sketch``, a
    cheap vector, stands in for ``vector``. ``terms`` are its keywords, in order; ``words`` the
    distinct words of the article's title and of each sentence.
    """

    start: int
    end: int
    text: str
    digest: bytes
    vector: bytes | None
    bounds: NDArray[np.int32]
    headings: NDArray[np.bool_]
    sentence_vectors: bytes | None
    terms: Sequence[str]
    words: Sequence[Sequence[str]]
    columns: tuple[tuple[str, ...], ...] = ()
    sketch: Vectors | None = None


@dataclass(frozen=True, slots=True)
class PassageTexts:
    """What of a passage the vectors are made of: its text and each sentence, in their contexts.

    ``vector`` is the passage's, None if it is still to be made.
    """

    digest: bytes
    language: str
    whole: str
    sentences: tuple[str, ...]
    vector: Vectors | None


@dataclass(frozen=True, slots=True)
class Completeness:
    """The numbers of passages without any vector yet, with their own alone, and in full."""

    by_words: int
    by_meaning: int
    in_full: int

    @property
    def incomplete(self) -> int:
        """The number of passages that lack vectors."""
        return self.by_words + self.by_meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPassage(Extract):
    """A passage as stored in the library.

    The vectors are raw: they are centred when compared; those that are still to be made are empty.
    ``columns`` are as in ``EmbeddedPassage``, or empty if it has no table row with headings.
    """

    id: int
    vector: Vectors
    bounds: NDArray[np.int32]
    headings: NDArray[np.bool_]
    sentence_vectors: Vectors
    terms: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...] = ()

    @property
    def in_context(self) -> str:
        """Its text, after the column headings if it begins in the middle of a table."""
        return in_context(self.columns, self.text)

    def columns_at(self, start: int, end: int) -> tuple[str, ...]:
        """The column headings of the first row between these offsets of the article, if any."""
        rows = zip(self.bounds.tolist(), self.columns, strict=False)
        return next((of for (a, b), of in rows if of and a < end and start < b), ())

    def in_words(self, start: int, end: int) -> str:
        """The article's ``text[start:end]``, a slice of it, with each cell after its heading."""
        words = self.text[start - self.start : end - self.start]
        if not any(self.columns):
            return words
        lines = []
        for line in words.split("\n"):
            lines.append(with_headings(self.columns_at(start, start + len(line)), line))
            start += len(line) + 1
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """The raw vectors of passages in one language, stacked for comparison.

    ``ids`` has shape (passages,), ``vectors`` (passages, dimension). ``sentence_vectors`` are those
    of all their sentences, concatenated; ``counts`` is the number of sentences of each, 0 while
    their vectors are still to be made.
    """

    ids: NDArray[np.int64]
    vectors: Vectors
    counts: NDArray[np.int64]
    sentence_vectors: Vectors


@dataclass(frozen=True, slots=True)
class PassageWords:
    """The ids of the distinct words of a passage's title and of each sentence.

    ``article`` is the id of its article. ``ids`` concatenates the groups; ``counts`` is the size of
    each group, shape (sentences + 1,); no group is empty.
    """

    article: str
    ids: NDArray[np.int32]
    counts: NDArray[np.int32]


def split(rows: NDArray[Any], counts: NDArray[np.integer]) -> list[NDArray[Any]]:
    """Split ``rows`` into groups of these sizes; ``numpy.split`` is slow for many small ones."""
    ends = np.cumsum(counts).tolist()
    return [rows[begin:end] for begin, end in pairwise([0, *ends])]


def unit(vectors: Vectors) -> Vectors:
    """``vectors`` with length 1, or 0 for those that are zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), np.float32)

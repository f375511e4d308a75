"""Turns a changed file into passages ready to store: read, split."""

from __future__ import annotations

import hashlib
import json
import logging
import stat
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder
from assistant.ingest.details import DetailsBySource
from assistant.ingest.passages import split_article
from assistant.ingest.reader_process import ReaderProcess
from assistant.ingest.readers import MAX_BYTES
from assistant.ingest.readers.containers import Content
from assistant.language.keywords import terms, words
from assistant.models.article import Article, Block, Passage
from assistant.models.clearance import HELD
from assistant.models.records import EmbeddedPassage, FileRecord
from assistant.store.library import Library
from assistant.support.errors import ArticleError, LibraryError

logger = logging.getLogger(__name__)

MOST_READINGS = 1_000
"""Most articles in one file, including those in nested archives."""

_WITH = "+"
"""Stands in a digest before the mark of the details given for a file."""

Item = TypeVar("Item")
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading a changed file.

    ``article`` is None if ``record.error`` says why it could not be read, and for an archive;
    ``passages`` is None if the library already holds the article unchanged.
    """

    record: FileRecord
    article: Article | None = None
    passages: tuple[Passage, ...] | None = None


def stamp(path: Path) -> tuple[int, int]:
    """Size in bytes and modification time in nanoseconds; (-1, -1) if the file has no stat."""
    try:
        status = path.stat()
    except OSError:
        return -1, -1
    return status.st_size, status.st_mtime_ns


def is_current(path: Path, record: FileRecord, mark: str) -> bool:
    """Whether ``record`` is of the file as it is, by its stamp, and of details with this mark."""
    same = not record.digest or record.digest.partition(_WITH)[2] == mark
    return same and (record.size, record.modified) == stamp(path)


def read(
    path: Path,
    source: str,
    before: FileRecord | None,
    library: Library,
    embedder: Embedder,
    reader: ReaderProcess,
    details: DetailsBySource,
) -> list[Reading]:
    """Read and split one file, then the files inside it: attachments, an archive's content.

    Yields only the file itself if its bytes and ``details`` are as ``before``. Errors of a file end
    up in ``record.error`` and are never raised.
    """
    size, modified = stamp(path)  # before reading, so that a change meanwhile is seen next time
    record = FileRecord(source, "", size, modified, None)
    try:
        record = replace(record, digest=_file_digest(path, details.mark(source)))
    except OSError as error:
        return [Reading(replace(record, error=str(error)))]
    if before and before.digest and before.digest == record.digest:
        return [Reading(replace(before, size=size, modified=modified))]
    found = _readings(path, record, (), library, embedder, _Corrected(reader, details))
    readings = list(islice(found, MOST_READINGS))
    if len(readings) == MOST_READINGS:
        logger.warning("%s: only the first %d files in it are read.", source, MOST_READINGS)
    return readings


def _readings(
    path: Path,
    record: FileRecord,
    inside: tuple[str, ...],
    library: Library,
    embedder: Embedder,
    reader: _Corrected,
) -> Iterator[Reading]:
    """The file of ``record``, which is or lies in ``path``, then the files inside it."""
    try:
        content = reader.read_file(path, record.source, inside)
        record = replace(record, note=" ".join(content.notes) or None)
        yield _reading(record, content.article, library, embedder)
    except (ArticleError, OSError) as error:
        yield Reading(replace(record, article=None, error=str(error)))
        return
    except LibraryError:  # a damaged library is not this file's fault
        raise
    except Exception as error:  # a reader's bug must not stop the other files
        logger.exception("Reading %s failed", record.source)
        message = f"{record.source} cannot be read: {type(error).__name__}: {error}."
        yield Reading(replace(record, article=None, error=message))
        return
    for name in content.parts:
        held = replace(record, note=None, source=f"{record.source}{HELD}{name}")
        yield from _readings(path, held, (*inside, name), library, embedder, reader)


def _reading(
    record: FileRecord, article: Article | None, library: Library, embedder: Embedder
) -> Reading:
    if article is None:  # an archive
        return Reading(record)
    record = replace(record, article=article.id)
    if _is_kept(article, library):
        return Reading(record, article)
    return Reading(record, article, split_article(article, embedder.count_tokens))


@dataclass(frozen=True, slots=True)
class _Corrected:
    """A reader whose articles have the details given for them."""

    reader: ReaderProcess
    details: DetailsBySource

    def read_file(self, path: Path, source: str, inside: Sequence[str]) -> Content:
        content = self.reader.read_file(path, source, inside)
        if content.article is None:
            return content
        return replace(content, article=self.details.applied(content.article))


def _file_digest(path: Path, mark: str) -> str:
    """A digest of the bytes of a file, with the mark of the details given for it; "" for one that
    is not read, whatever its content.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
        return ""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"{digest}{_WITH}{mark}" if mark else digest


def _is_kept(article: Article, library: Library) -> bool:
    """Whether the library already holds the article unchanged.

    If another file holds the same article, that file's pages and headings count.
    """
    try:
        kept = library.article(article.id)
    except LibraryError as error:
        if error.__cause__ is not None:  # a database error, not a missing article
            raise
        return False
    return kept.source != article.source or kept == article


def prepare(
    readings: list[Reading], library: Library, embedder: Embedder
) -> list[tuple[Article, list[EmbeddedPassage]]]:
    """The passages of ``readings`` as the library keeps them, with the vectors it already has.

    Those of text that it does not hold in any article are made later.
    """
    work = [(r.article, p) for r in readings if r.article for p in r.passages or ()]
    digests = [_digest(passage) for _, passage in work]
    known = library.passages.embedded(digests)
    new = [
        passage.in_context for d, (_, passage) in zip(digests, work, strict=True) if d not in known
    ]
    sketches = embedder.sketch(new)
    ahead = iter(() if sketches is None else sketches)
    articles: dict[str, tuple[Article, list[EmbeddedPassage]]] = {}
    for digest, (article, passage) in zip(digests, work, strict=True):
        _, kept = articles.setdefault(article.id, (article, []))
        bounds = np.array([(s.start, s.end) for s in passage.sentences], np.int32)
        vector, sentence_vectors = known.get(digest, (None, None))
        kept.append(
            EmbeddedPassage(
                passage.start, passage.end, passage.text, digest, vector, bounds,
                _headings(article, passage), sentence_vectors,
                terms(passage.in_context, article.language),
                [tuple(dict.fromkeys(words(text)))
                 for text in (article.title, *(s.in_context for s in passage.sentences))],
                tuple(s.headings for s in passage.sentences),
                next(ahead, None) if vector is None else None,
            )
        )  # fmt: skip
    return list(articles.values())


def _headings(article: Article, passage: Passage) -> NDArray[np.bool_]:
    """Which sentences of ``passage`` are part of a heading."""
    return np.array([_is_in_heading(article.blocks, s.start) for s in passage.sentences], np.bool_)


def _is_in_heading(blocks: Sequence[Block], start: int) -> bool:
    index = bisect_right(blocks, start, key=lambda block: block.start) - 1
    return index >= 0 and blocks[index].heading and start < blocks[index].end


def _digest(passage: Passage) -> bytes:
    bounds = [[s.start - passage.start, s.end - passage.start] for s in passage.sentences]
    return passage_digest(bounds, passage.text, [s.headings for s in passage.sentences])


def passage_digest(
    bounds: Sequence[Sequence[int]], text: str, columns: Sequence[Sequence[str]] = ()
) -> bytes:
    """Sixteen bytes that identify everything a passage's vectors depend on.

    ``bounds`` are its sentences' offsets in ``text``; ``columns`` are the column headings of those
    that are rows.
    """
    places = [tuple(place) for place in bounds]
    context = json.dumps([list(of) for of in columns]) if any(columns) else ""
    return hashlib.sha256(f"{places}\0{text}{context}".encode()).digest()[:16]


def ahead(
    work: Callable[[Item], Done], items: Iterable[Item], size: int = 64
) -> Generator[Done, None, None]:
    """``work(item)`` for each item in order, computed up to ``size`` ahead in a thread.

    So reading overlaps embedding. Closing the iterator drops what has not started.
    """
    with ThreadPoolExecutor(1, "reader") as pool:
        pending: deque[Future[Done]] = deque()
        try:
            for item in items:
                pending.append(pool.submit(work, item))
                if len(pending) == size:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()

"""Turns a changed file into passages ready to store: read, split. Needs no library."""

from __future__ import annotations

import hashlib
import json
import logging
import stat
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder
from assistant.ingest.details import NO_DETAILS, DetailsBySource
from assistant.ingest.passages import split_article
from assistant.ingest.reader_process import ReaderProcess
from assistant.ingest.readers.formats import MAX_BYTES
from assistant.language.keywords import terms, words
from assistant.models.article import Article, Block, Passage
from assistant.models.clearance import HELD
from assistant.models.records import EmbeddedPassage, FileRecord
from assistant.support.errors import ArticleError

logger = logging.getLogger(__name__)

MOST_READINGS = 1_000
"""Most articles in one file, including those in nested archives."""

_WITH = "+"
"""Stands in a digest before the mark of the details given for a file."""

Item = TypeVar("Item")
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file to read: ``source`` is what it is called, ``before`` what is known of it from the last
    time, ``details`` what is given for the articles in it.
    """

    source: str
    path: Path
    before: FileRecord | None = None
    details: DetailsBySource = NO_DETAILS


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading a changed file.

    ``article`` is None if ``record.error`` says why it could not be read, for an archive, and if
    nothing has changed; ``passages`` are its passages as the library keeps them, without vectors.
    """

    record: FileRecord
    article: Article | None = None
    passages: tuple[EmbeddedPassage, ...] = ()


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


def read(file: ChangedFile, embedder: Embedder, reader: ReaderProcess) -> list[Reading]:
    """Read and split one file, then the files inside it: attachments, an archive's content.

    Yields only the file itself if its bytes and details are as before. Errors of a file end up in
    ``record.error`` and are never raised.
    """
    path, before = file.path, file.before
    size, modified = stamp(path)  # before reading, so that a change meanwhile is seen next time
    record = FileRecord(file.source, "", size, modified, None)
    try:
        record = replace(record, digest=_file_digest(path, file.details.mark(file.source)))
    except OSError as error:
        return [Reading(replace(record, error=str(error)))]
    if before and before.digest and before.digest == record.digest:
        return [Reading(replace(before, size=size, modified=modified))]
    found = _readings(file, record, (), embedder, reader)
    readings = list(islice(found, MOST_READINGS))
    if len(readings) == MOST_READINGS:
        logger.warning("%s: only the first %d files in it are read.", file.source, MOST_READINGS)
    return readings


def _readings(
    file: ChangedFile,
    record: FileRecord,
    inside: tuple[str, ...],
    embedder: Embedder,
    reader: ReaderProcess,
) -> Iterator[Reading]:
    """The file of ``record``, which is or lies in ``file``, then the files inside it."""
    try:
        content = reader.read_file(file.path, record.source, inside)
        record = replace(record, note=" ".join(content.notes) or None)
        if content.article is None:  # an archive
            yield Reading(record)
        else:
            article = file.details.applied(content.article)
            made = prepared(article, embedder)
            yield Reading(replace(record, article=article.id), article, made)
    except (ArticleError, OSError) as error:
        yield Reading(replace(record, article=None, error=str(error)))
        return
    except Exception as error:  # a reader's bug must not stop the other files
        logger.exception("Reading %s failed", record.source)
        message = f"{record.source} cannot be read: {type(error).__name__}: {error}."
        yield Reading(replace(record, article=None, error=message))
        return
    for name in content.parts:
        held = replace(record, note=None, source=f"{record.source}{HELD}{name}")
        yield from _readings(file, held, (*inside, name), embedder, reader)


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


def prepared(article: Article, embedder: Embedder) -> tuple[EmbeddedPassage, ...]:
    """The passages of ``article`` as the library keeps them, without vectors."""
    passages = split_article(article, embedder.count_tokens)
    sketches = embedder.sketch([passage.in_context for passage in passages])
    return tuple(
        EmbeddedPassage(
            passage.start, passage.end, passage.text, _digest(passage), None,
            np.array([(s.start, s.end) for s in passage.sentences], np.int32),
            _headings(article, passage), None,
            terms(passage.in_context, article.language),
            [tuple(dict.fromkeys(words(text)))
             for text in (article.title, *(s.in_context for s in passage.sentences))],
            tuple(s.headings for s in passage.sentences),
            None if sketches is None else sketches[place],
        )
        for place, passage in enumerate(passages)
    )  # fmt: skip


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
    submit: Callable[[Item], Future[Done]], items: Iterable[Item], size: int
) -> Generator[tuple[Item, Done], None, None]:
    """Each of ``items`` with the result of the future that ``submit`` gives for it, in order; up to
    ``size`` are awaited at a time. Closing the iterator drops what has not started.
    """
    pending: deque[tuple[Item, Future[Done]]] = deque()
    rest = iter(items)
    try:
        while True:
            pending.extend((item, submit(item)) for item in islice(rest, size - len(pending)))
            if not pending:
                return
            item, future = pending.popleft()
            yield item, future.result()
    finally:
        for _, future in pending:
            future.cancel()

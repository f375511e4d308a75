"""Syncs the library with the corpus: reads, splits and embeds what changed, nothing else.

First all changed files are read, which makes them answerable by their words; then the vectors
follow (``completion``). Both go in batches; each batch is one transaction, followed by the same
change of the index. A kill loses at most the current batch.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from assistant.ingest.completion import embed_passages, embed_sentences, learn_words
from assistant.ingest.details import NO_DETAILS, DetailsBySource
from assistant.ingest.executor import Executor, LocalExecutor
from assistant.ingest.pipeline import ChangedFile, Reading, is_current, prepared, stamp
from assistant.ingest.report import SyncReport
from assistant.models.article import Article
from assistant.models.clearance import file_of
from assistant.models.records import EmbeddedPassage, FileRecord
from assistant.models.status import Failure, Stage
from assistant.store.engine import Engine
from assistant.store.library import Library
from assistant.support.errors import LibraryError

logger = logging.getLogger(__name__)

BATCH_PASSAGES = 400
"""Passages written per transaction: half a second of work."""

BATCH_FILES = 200
"""Files written per transaction."""

SyncProgress = Callable[[Stage, int, int], None]
"""Called with the stage, and how many of its files, passages or words are done of how many."""


def sync(
    files: Mapping[str, Path],
    engine: Engine,
    executor: Executor,
    progress: SyncProgress = lambda stage, done, total: None,
    details: DetailsBySource = NO_DETAILS,
    waited_for: Callable[[], bool] = lambda: False,
    patience: float = 0.0,
) -> SyncReport:
    """Make the library and the index of ``engine`` hold exactly the articles in ``files``, which
    are given by source: the path in the corpus, or the address on the web. ``details`` take the
    place of what the files say.

    A file that cannot be read is reported; the others continue. When it is ``waited_for``, as new
    files are to be read, it ends before all vectors are made, after ``patience`` seconds. The
    caller holds the writer's lock.
    """
    started = time.monotonic()
    library = engine.library
    known = library.files()
    changed = {
        source: path
        for source, path in files.items()
        if (before := known.get(source)) is None
        or not is_current(path, before, details.mark(source))
    }
    report = SyncReport()
    done = len(files) - len(changed)
    progress(Stage.READING, done, len(files))

    gone = [source for source in known if source not in files and file_of(source) not in files]
    moved = _perhaps_moved(gone, known, files)
    report.removed = _forget(engine, [source for source in gone if source not in moved])
    to_read = (
        ChangedFile(source, path, known.get(source), details.within(source))
        for source, path in changed.items()
    )
    with closing(executor.read(engine.embedder, to_read)) as found:
        for batch in _batches(_each(found, known, moved)):
            _keep(engine, batch)
            for reading in batch:
                _count(report, reading, known)
            done += sum(reading.record.source in changed for reading in batch)
            progress(Stage.READING, done, len(files))
    # Last, so that the passages of a moved file can still be reused.
    report.removed += _forget(engine, moved)
    report.stages[Stage.READING] = time.monotonic() - started

    def enough() -> bool:
        return time.monotonic() - started > patience and waited_for()

    for stage in _complete(engine, executor, report, progress, enough):
        report.stages[stage] = time.monotonic() - started
    report.failed = [Failure(*failed) for failed in library.failures()]
    report.partial = library.partial()
    report.unchanged += sum(known[s].error is None for s in files if s not in changed)
    for name, count in library.counts().items():
        setattr(report, name, count)
    report.seconds = time.monotonic() - started
    return report


def _complete(
    engine: Engine,
    executor: Executor,
    report: SyncReport,
    progress: SyncProgress,
    enough: Callable[[], bool] = lambda: False,
) -> Iterator[Stage]:
    """Make all vectors that are missing, until it is ``enough``; yields each stage when it is
    complete.
    """
    library = engine.library
    waiting = library.passages.completeness()
    for stage, total, work in (
        (Stage.PASSAGES, waiting.by_words, embed_passages),
        (Stage.SENTENCES, waiting.incomplete, embed_sentences),
        (Stage.WORDS, library.words.waiting(), learn_words),
    ):
        done = 0
        for some, embedded in work(engine, executor):
            done += some
            report.embedded += embedded
            progress(stage, done, total)
            if enough():
                return
        yield stage
    library.incomplete.forget()


def add_articles(articles: Iterable[Article], engine: Engine) -> int:
    """Add articles that do not come from files; return how many texts were embedded.

    Each stands in the library as if a file named ``article.source`` held it.
    """
    readings = (
        Reading(
            FileRecord(article.source, article.id, 0, 0, article.id),
            article,
            prepared(article, engine.embedder),
        )
        for article in articles
    )
    report = SyncReport()
    for batch in _batches(readings):
        _keep(engine, batch)
    for _ in _complete(engine, LocalExecutor(), report, lambda *_: None):
        pass
    return report.embedded


def _each(
    found: Iterable[list[Reading]], known: Mapping[str, FileRecord], gone: list[str]
) -> Iterator[Reading]:
    """The readings in ``found``, grouped by file. Sources that a file no longer contains are added
    to ``gone``.
    """
    held: dict[str, set[str]] = {}
    for source in known:
        if file_of(source) != source:
            held.setdefault(file_of(source), set()).add(source)
    for readings in found:
        record = readings[0].record
        before = known.get(record.source)
        if before is None or not record.digest or before.digest != record.digest:
            now = {reading.record.source for reading in readings}
            gone += sorted(held.get(record.source, set()) - now)
        yield from readings


def _perhaps_moved(
    gone: list[str], known: dict[str, FileRecord], files: Mapping[str, Path]
) -> list[str]:
    """Those of ``gone`` that may have been moved: a new file has the same size."""
    sizes = {stamp(path)[0] for source, path in files.items() if source not in known}
    return [source for source in gone if known[source].size in sizes]


def _forget(engine: Engine, sources: list[str]) -> int:
    if sources:
        library = engine.library
        with library.change():
            dropped = library.drop_orphans({library.drop_file(source) for source in sources})
        engine.put_into_index(dropped, [])
    return len(sources)


def _batches(readings: Iterable[Reading]) -> Iterator[list[Reading]]:
    batch: list[Reading] = []
    size = 0
    for reading in readings:
        batch.append(reading)
        size += len(reading.passages)
        if size >= BATCH_PASSAGES or len(batch) >= BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _keep(engine: Engine, batch: list[Reading]) -> None:
    """Store ``batch``, with the vectors that are known; those of new texts are made later."""
    library = engine.library
    fresh = {
        reading.article.id: (reading.article, reading.passages)
        for reading in batch
        if reading.article is not None and not _is_kept(reading.article, library)
    }
    known = library.incomplete.embedded([p.digest for _, some in fresh.values() for p in some])
    dropped: dict[int, str] = {}
    added: list[int] = []
    with library.change():
        for article, passages in fresh.values():
            dropped |= library.drop_passages(article.id)
            added += library.put_article(article, [_with_known(p, known) for p in passages])
        replaced = {library.put_file(reading.record) for reading in batch}
        dropped |= library.drop_orphans(replaced)
    engine.put_into_index(dropped, added)


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


def _with_known(
    passage: EmbeddedPassage, known: Mapping[bytes, tuple[bytes, bytes | None]]
) -> EmbeddedPassage:
    if passage.digest not in known:
        return passage
    vector, of_sentences = known[passage.digest]
    return replace(passage, vector=vector, sentence_vectors=of_sentences, sketch=None)


def _count(report: SyncReport, reading: Reading, known: dict[str, FileRecord]) -> None:
    before = known.get(reading.record.source)
    if reading.record.error is not None:
        return
    if before is None:
        report.added += 1
    elif before.digest == reading.record.digest:
        report.unchanged += 1
    else:
        report.updated += 1

"""Bring the library up to date with the corpus: read, split and embed what changed, nothing else.

Changed files are worked on in batches; each batch is one transaction, then the same change of the
index. A kill between two batches loses nothing of those before.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.ingest.passages import split_article
from assistant.ingest.pipeline import Reading, ahead, embed, read, stamp
from assistant.ingest.reader_process import ReaderProcess
from assistant.ingest.readers import SUFFIXES, is_readable
from assistant.ingest.watcher import is_temporary
from assistant.ingest.words import learn_words
from assistant.models.article import Article
from assistant.models.corpus_files import NO_ARTICLES, source_name
from assistant.models.records import FileRecord
from assistant.models.status import Failure
from assistant.store.index import Index
from assistant.store.indexing import entries
from assistant.store.library import Library
from assistant.support.errors import CorpusError, MissingCorpusError

logger = logging.getLogger(__name__)

BATCH_PASSAGES = 16
"""Passages embedded and written in one transaction: a second or two of work, so that progress
shows and a stop loses little; larger batches are no faster."""

BATCH_FILES = 200
"""Files written in one transaction where none needs embedding."""

Progress = Callable[[int, int], None]
"""Called with the number of files done and of files to do."""


@dataclass(slots=True)
class SyncReport:
    """What a sync did, counted in files, and what the library then holds.

    ``embedded`` counts passages and sentences. After ``answerable_seconds`` every article could be
    asked about; until ``seconds``, its words got the vectors that find a question's words in
    another form or language. ``failed`` names every file that could not be read,
    also those that failed before and have not changed since, and every web source that could not
    be fetched when that was last tried.
    """

    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: list[Failure] = field(default_factory=list)
    articles: int = 0
    passages: int = 0
    sentences: int = 0
    embedded: int = 0
    answerable_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def changed(self) -> bool:
        """Whether the sync found anything else than the one before."""
        return bool(self.added or self.updated or self.removed)

    def summary(self) -> str:
        """The report in a line."""
        return (
            f"{self.articles} articles, {self.passages} passages, {self.sentences} sentences: "
            f"{self.added} added, {self.updated} updated, {self.removed} removed, "
            f"{self.unchanged} unchanged, {len(self.failed)} failed, in {self.seconds:.1f} s"
        )

    def to_json(self) -> dict[str, Any]:
        """The report as ``sync --json`` prints it."""
        return {
            "added": self.added,
            "updated": self.updated,
            "removed": self.removed,
            "unchanged": self.unchanged,
            "failed": [{"source": f.source, "error": f.error} for f in self.failed],
            "articles": self.articles,
            "passages": self.passages,
            "sentences": self.sentences,
            "embedded": self.embedded,
            "answerable_seconds": round(self.answerable_seconds, 6),
            "seconds": round(self.seconds, 6),
        }


def sync(
    files: Mapping[str, Path],
    library: Library,
    index: Index,
    embedder: Embedder,
    centring: Centring,
    reader: ReaderProcess,
    progress: Progress = lambda done, total: None,
) -> SyncReport:
    """Make ``library`` and ``index`` hold exactly the articles in ``files``, which are given by
    source: the path in the corpus, or the address on the web.

    A file that cannot be read is reported and the others go on. The caller holds the writer's lock.
    """
    started = time.monotonic()
    known = library.files()
    changed = {s: path for s, path in files.items() if not _unchanged(path, known.get(s))}
    report = SyncReport()
    done = len(files) - len(changed)
    progress(done, len(files))

    def reading_of(source: str) -> Reading:
        return read(changed[source], source, known.get(source), library, embedder, reader)

    gone = [source for source in known if source not in files]
    moved = _perhaps_moved(gone, known, files)
    report.removed = _forget(library, index, [source for source in gone if source not in moved])
    with closing(ahead(reading_of, changed)) as readings:
        for batch in _batches(readings):
            report.embedded += _keep(library, index, embedder, centring, batch)
            for reading in batch:
                _count(report, reading, known)
            done += len(batch)
            progress(done, len(files))
    # Last, so that the passages of a file that was only moved are still there to be taken over.
    report.removed += _forget(library, index, moved)
    report.answerable_seconds = time.monotonic() - started
    for _ in learn_words(library, embedder):
        progress(done, len(files))
    report.failed = [Failure(*failed) for failed in library.failures()]
    report.unchanged += sum(known[s].error is None for s in files if s not in changed)
    for name, count in library.counts().items():
        setattr(report, name, count)
    report.seconds = time.monotonic() - started
    return report


def add_articles(
    articles: Iterable[Article],
    library: Library,
    index: Index,
    embedder: Embedder,
    centring: Centring,
) -> int:
    """Add articles that come from no file; return how many texts were embedded.

    Each stands in the library as if a file named ``article.source`` held it.
    """
    readings = (
        Reading(
            FileRecord(article.source, article.id, 0, 0, article.id),
            article,
            split_article(article, embedder.count_tokens),
        )
        for article in articles
    )
    count = sum(_keep(library, index, embedder, centring, batch) for batch in _batches(readings))
    for _ in learn_words(library, embedder):
        pass
    return count


def scan(corpus: Path, apart: Path) -> dict[str, Path]:
    """The files of ``corpus`` that a reader takes, by source, sorted. Hidden ones and those that
    programs make while they work are left out, and so are links that lead out of ``corpus``, and
    the folder ``apart``.

    Raises ``MissingCorpusError`` if there is no such folder, and ``CorpusError`` if it or one in it
    cannot be listed: to go on would take its articles for removed.
    """

    def check_there(cause: OSError | None = None) -> None:
        if not corpus.is_dir():
            raise MissingCorpusError(
                f"The corpus folder {corpus} does not exist (or is not a folder). Make it and put "
                "articles in it, or name another with --corpus or ASSISTANT_CORPUS."
            ) from cause

    def refuse(error: OSError) -> None:
        check_there(error)  # it may have gone meanwhile
        raise CorpusError(
            f"A folder of the corpus cannot be listed: {error}. Nothing was changed. Allow reading "
            "it, or move it out of the corpus."
        ) from error

    check_there()
    files = {}
    others = set()
    apart, inside = apart.resolve(), os.path.realpath(corpus)
    for folder, folders, names in os.walk(corpus, onerror=refuse):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and Path(folder, name).resolve() != apart
        ]
        here = Path(folder)
        within = here.relative_to(corpus).parts
        for name in names:
            path = here / name
            if is_temporary(name) or name in NO_ARTICLES:
                continue
            if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(inside):
                # Who may write to the folder could otherwise show any file of this machine.
                logger.warning("%s leads out of the corpus: it is not read.", path)
                continue
            if not is_readable(path):
                others.add(path.suffix.lower() or name)
            else:
                # A file name need not be text; a source must be, to be shown and stored.
                source = "/".join(map(source_name, (*within, name)))
                if source in files:
                    logger.error("%s is not read: another file is named as it is shown.", path)
                else:
                    files[source] = path
    _tell_what_is_left_alone(corpus, others, bool(files))
    return dict(sorted(files.items()))


def _tell_what_is_left_alone(corpus: Path, others: set[str], any_read: bool) -> None:
    read = ", ".join(sorted(SUFFIXES))
    if others:
        left = ", ".join(sorted(others))
        logger.warning("%s: files of these kinds are left alone: %s. Read: %s.", corpus, left, read)
    elif not any_read:
        logger.warning("The corpus folder %s holds no article. Put files in it: %s.", corpus, read)


def _unchanged(path: Path, record: FileRecord | None) -> bool:
    return record is not None and (record.size, record.modified) == stamp(path)


def _perhaps_moved(
    gone: list[str], known: dict[str, FileRecord], files: Mapping[str, Path]
) -> list[str]:
    """Those of ``gone`` that may stand elsewhere now: a new file is of the same size."""
    sizes = {stamp(path)[0] for source, path in files.items() if source not in known}
    return [source for source in gone if known[source].size in sizes]


def _forget(library: Library, index: Index, sources: list[str]) -> int:
    if sources:
        with library.change():
            dropped = library.drop_orphans({library.drop_file(source) for source in sources})
        index.apply(dropped, [], library.revision)
    return len(sources)


def _batches(readings: Iterable[Reading]) -> Iterator[list[Reading]]:
    batch: list[Reading] = []
    size = 0
    for reading in readings:
        batch.append(reading)
        size += len(reading.passages or ())
        if size >= BATCH_PASSAGES or len(batch) >= BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _keep(
    library: Library, index: Index, embedder: Embedder, centring: Centring, batch: list[Reading]
) -> int:
    """Embed and store ``batch``; return how many texts were embedded."""
    fresh = {r.article.id: r for r in batch if r.article is not None and r.passages is not None}
    embedded, count = embed(list(fresh.values()), library, embedder)
    dropped: dict[int, str] = {}
    added: list[int] = []
    with library.change():
        for article, passages in embedded:
            dropped |= library.drop_passages(article.id)
            added += library.put_article(article, passages)
        replaced = {library.put_file(reading.record) for reading in batch}
        dropped |= library.drop_orphans(replaced)
    # As the library keeps them, rounded: an index built from it later must find the same.
    index.apply(dropped, list(entries(library, centring, added)), library.revision)
    return count


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

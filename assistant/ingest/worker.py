"""Keeps the library in sync with the corpus and with other processes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from assistant.access.groups import Access
from assistant.embedding.priority import BackgroundEmbedder, QuestionPriority
from assistant.ingest.background import BackgroundSync
from assistant.ingest.bin import Bin
from assistant.ingest.corpus import Contents, Corpus
from assistant.ingest.executor import Executor, LocalExecutor
from assistant.ingest.follower import follow as follow_library
from assistant.ingest.meter import Meter
from assistant.ingest.mirror import mirror
from assistant.ingest.reader_process import ReaderProcess
from assistant.ingest.report import SyncReport
from assistant.ingest.sync import SyncProgress, sync
from assistant.ingest.watcher import Watch
from assistant.models.clearance import file_of
from assistant.models.status import LastSync, Progress, Stage
from assistant.store.engine import Engine
from assistant.store.live import LiveEngine
from assistant.store.storage import writer_of
from assistant.support.errors import EmptiedCorpusError, SettingsError, StoppedError
from assistant.support.settings import Settings

if TYPE_CHECKING:
    from assistant.ingest.web.fetch import FetchReport

logger = logging.getLogger(__name__)

_PATIENCE_S = 20.0
"""Seconds until a sync that makes vectors ends for one that is to read new files: often enough, and
not after every batch where a folder changes all the time."""

_FIRST_PATIENCE_S = 5.0
"""The same for a sync that a question waits for."""


class SyncWorker:
    """Fetches web sources and syncs the library of ``live`` with the corpus. Thread-safe; runs one
    sync at a time and gives questions priority, as tracked by ``priority``.
    """

    def __init__(
        self, settings: Settings, live: LiveEngine, access: Access, priority: QuestionPriority
    ) -> None:
        self._settings = settings
        self._live = live
        self._access = access
        self._priority = priority
        self._corpus = Corpus(settings)
        self._writer = writer_of(settings)
        self._executor: Executor | None = None
        self._syncing = threading.Lock()
        self._background: BackgroundSync | None = None
        self._follower: threading.Thread | None = None
        self._stopped = threading.Event()
        self._meter = Meter()
        self.files = (0, 0)

    @property
    def syncing(self) -> bool:
        """Whether a background sync is running or about to start."""
        return self._background is not None and self._background.busy

    @property
    def progress(self) -> Progress | None:
        """How far the background sync is, if one runs."""
        return self._meter.progress if self.syncing else None

    def pause(self, paused: bool) -> None:
        """See ``Assistant.pause_sync``."""
        self._meter.pause(paused)

    @property
    def error(self) -> str | None:
        """Why the last background sync failed as a whole."""
        return self._background.error if self._background else None

    @property
    def last(self) -> LastSync | None:
        """How the last background sync went; None if there was none."""
        return self._background.last if self._background else None

    def fetch(
        self, progress: Callable[[int, int], None], pages: Sequence[str] | None = None
    ) -> FetchReport:
        """See ``Assistant.fetch``."""
        return self._corpus.fetch(progress, pages)

    def sync(
        self, progress: SyncProgress, *, allow_empty: bool, wait: bool, first: bool = False
    ) -> SyncReport:
        """See ``Assistant.sync``. The ``first`` one, that a question waits for, ends when all is
        read, unless the vectors take seconds only.
        """
        held = self._writer.held(wait=wait, stopped=self._stopped.is_set)
        with self._syncing, held, self._meter.running():
            self._live.tidy()
            if self._settings.corpus_url is not None:
                mirror(self._settings.corpus_url, self._corpus.folder, allow_empty=allow_empty)
            contents = self._corpus.contents()
            if not allow_empty:
                self._check_not_emptied(contents)
            access = self._access.note()
            engine = self._live.target()
            self._live.refresh(engine)
            library = engine.library
            with library.change():
                library.put("corpus", str(self._corpus.folder.resolve()))
                library.put("access", access)
                library.put_fetch_failures([*contents.failures, *self._access.failures()])
                library.put_skipped(contents.skipped)
            self._executor = self._executor or _executor(self._settings)
            quietly = replace(engine, embedder=BackgroundEmbedder(engine.embedder, self._priority))
            report = sync(
                contents.files, quietly, self._executor, self._telling(progress), contents.details,
                (lambda: True) if first else self._is_waited_for,
                _FIRST_PATIENCE_S if first else _PATIENCE_S,
            )  # fmt: skip
            report.skipped = contents.skipped
            if not report.complete:  # the next one goes on
                return report
            self._executor.close()  # it would idle until the next sync
            with library.change():
                library.put("synced", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
            self._live.refresh(engine)
            engine.index.seal()
            self._live.adopt(engine)
            self._live.tidy()
            self._corpus.drop_others(contents)
            return report

    def start(self, sync: Callable[[], SyncReport], follow: bool) -> None:
        """See ``Assistant.start_sync``; ``sync`` runs in the background."""
        if self._background is not None:
            self._background.stop()
        watch = Watch(self._settings.corpus, self._settings.data, follow=follow)
        self._background = BackgroundSync(sync, watch)
        self.follow()

    def follow(self) -> None:
        """Take over what other processes change, in a thread."""
        if self._follower is None:
            self._follower = follow_library(self._live, self._writer, self._syncing, self._stopped)

    def sync_soon(self) -> None:
        """Have the thread of ``start`` sync once more, if it was started."""
        if self._background is not None:
            self._background.again()

    def catch_up(self, engine: Engine) -> None:
        """Sync the index of ``engine`` with its library, unless a background thread does."""
        if self._follower is None and self._syncing.acquire(blocking=False):
            try:
                self._live.refresh(engine)
            finally:
                self._syncing.release()

    def stop(self) -> None:
        """Start no further background sync; a running one ends after its batch."""
        self._stopped.set()
        self._meter.pause(False)
        if self._background is not None:
            self._background.stop()

    def close(self) -> None:
        """Stop, and wait for the threads and the reader process."""
        self.stop()
        if self._background is not None:
            self._background.close()
        if self._follower is not None:
            self._follower.join()
        if self._executor is not None:
            self._executor.close()

    def _telling(self, progress: SyncProgress) -> SyncProgress:
        def tell(stage: Stage, done: int, total: int) -> None:
            if stage is Stage.READING:
                self.files = (done, total)
            progress(stage, done, total)
            self._meter.note(stage, done, total)
            if self._stopped.is_set():
                raise StoppedError("The sync was stopped. The next one continues from there.")

        return tell

    def _is_waited_for(self) -> bool:
        return self._background is not None and self._background.waits

    def _check_not_emptied(self, contents: Contents) -> None:
        """Raise ``EmptiedCorpusError`` if all articles would be removed at once, and not all of
        them lie in the bin.
        """
        held = self._live.library.counts()["articles"]
        if not held or contents.files:
            return
        removed = {one.source for one in Bin(self._corpus.folder).entries()}
        if not removed.issuperset(map(file_of, self._live.library.files())):
            raise EmptiedCorpusError(
                f"The corpus folder {self._corpus.folder} holds no articles any more, but the "
                f"library holds {held}. Nothing was changed. If the folder is on a share, see that "
                "it is mounted. To really delete its articles: "
                "assistant sync --allow-empty."
            )


def _executor(settings: Settings) -> Executor:
    """The one that the settings choose. Raises ``SettingsError`` if that is Ray, not installed."""
    local = LocalExecutor(ReaderProcess(settings.read_timeout, settings.ocr))
    if settings.engine == "local":
        return local
    if find_spec("ray") is None:
        raise SettingsError(
            "Reading with Ray was asked for, but Ray is not installed. Install the package with "
            "the extra [ray]."
        )
    from assistant.ingest.ray_executor import RayExecutor

    return RayExecutor(settings, local)

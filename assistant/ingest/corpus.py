"""The corpus: the files of its folder and the pages fetched for it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.ingest.details import NO_DETAILS, DetailsBySource, read_details
from assistant.ingest.folder import scan
from assistant.ingest.web import FOLDER
from assistant.models.corpus_files import DETAILS_FILE, SOURCES_FILE
from assistant.models.status import Skipped
from assistant.store.process_lock import ALLOW_WRITING, FileProcessLock, Writer
from assistant.support.errors import CorpusError, LibraryBusyError
from assistant.support.settings import Settings

if TYPE_CHECKING:
    from assistant.ingest.web.client import Client
    from assistant.ingest.web.fetch import FetchReport
    from assistant.ingest.web.pages import FetchedPages
    from assistant.ingest.web.store import Store

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Contents:
    """The file of each article by source (a path in the corpus or a web address), the files that
    are not read, and the web sources that could not be fetched, each with the reason. ``details``
    take the place of what files say.
    """

    files: Mapping[str, Path]
    skipped: tuple[Skipped, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
    fetched: FetchedPages | None = field(default=None, repr=False)
    details: DetailsBySource = NO_DETAILS


class Corpus:
    """The corpus folder and the web sources it lists. Holds nothing open between calls."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.corpus
        self._data = settings.data
        self._ocr = settings.ocr
        self._hosts = settings.fetch_hosts
        self._delay = settings.fetch_delay

    def contents(self) -> Contents:
        """The current contents, without network access.

        Raises ``CorpusError`` if the folder cannot be listed.
        """
        listing = scan(self.folder, self._data, self._ocr)
        details, failures = self._read_details()
        if not ((self.folder / SOURCES_FILE).exists() or (self._data / FOLDER).exists()):
            return Contents(listing.files, listing.skipped, failures, details=details)
        from assistant.ingest.web.pages import fetched_pages  # 0.6 s, for web sources only

        fetched = fetched_pages(self.folder, self._store())
        files = listing.files | fetched.files
        failures = (*failures, *fetched.failures)
        return Contents(files, listing.skipped, failures, fetched, details)

    def fetch(
        self, progress: Callable[[int, int], None], pages: Sequence[str] | None = None
    ) -> FetchReport:
        """Fetch the web sources that the folder lists, or only these ``pages`` of them. Failures
        show up in the next contents.

        Raises ``LibraryBusyError`` if another process is fetching for the same data folder,
        ``LibraryError`` if the result cannot be stored there.
        """
        from assistant.ingest.web.fetch import FetchReport, fetch
        from assistant.ingest.web.source_list import read_source_list

        try:
            sources = read_source_list(self.folder / SOURCES_FILE)
        except CorpusError as error:
            logger.error("Nothing was fetched: %s", error)
            return FetchReport()
        if pages is not None:
            sources = [one for one in sources if one.kind == "pages" and one.url in pages]
        if not sources:
            logger.warning("Nothing to fetch: %s lists nothing.", self.folder / SOURCES_FILE)
            return FetchReport()
        with self._fetching(), closing(self._client()) as client:
            return fetch(sources, self._store(), client, progress)

    def _read_details(self) -> tuple[DetailsBySource, tuple[tuple[str, str], ...]]:
        """The details, and their file with its error, if it has one: then there are none."""
        try:
            return DetailsBySource(read_details(self.folder)), ()
        except CorpusError as error:
            return NO_DETAILS, ((DETAILS_FILE, str(error)),)

    def drop_others(self, contents: Contents) -> None:
        """Remove fetched pages that are not in ``contents``; postponed while a fetch runs."""
        if contents.fetched is None:
            return
        try:
            with self._fetching():
                self._store().sweep(contents.fetched.known)
        except LibraryBusyError as error:
            logger.info("Fetched pages are not cleaned up now: %s", error)

    def _client(self) -> Client:
        from assistant.ingest.web.addresses import AddressGuard
        from assistant.ingest.web.client import Client, FetchLimits
        from assistant.support.allowed_hosts import Allowed

        return Client(AddressGuard(Allowed.of(self._hosts)), FetchLimits(delay=self._delay))

    def _store(self) -> Store:
        from assistant.ingest.web.store import Store

        return Store(self._data / FOLDER)

    def _fetching(self) -> AbstractContextManager[None]:
        """Lock out other processes that fetch into the same folder. Syncs may run meanwhile."""
        lock = FileProcessLock(self._data / "fetch.lock")
        return Writer(lock, f"the pages fetched into {self._data}", ALLOW_WRITING).held()

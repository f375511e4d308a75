"""The fetched pages for a sync; makes no network requests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.ingest.web.source_list import Entry, SourceKind, WebSource, read_source_list
from assistant.ingest.web.store import Record, Store
from assistant.models.corpus_files import SOURCES_FILE
from assistant.support.errors import CorpusError

logger = logging.getLogger(__name__)

MOST_SITEMAPS = 500
"""Most sitemaps of one index."""


@dataclass(frozen=True, slots=True)
class FetchedPages:
    """The file of each stored page by address, sorted; and failed addresses with the reason.
    ``known`` are the addresses whose records must be kept.
    """

    files: dict[str, Path]
    failures: tuple[tuple[str, str], ...]
    known: frozenset[tuple[SourceKind, str]]


def fetched_pages(corpus: Path, store: Store) -> FetchedPages:
    """The stored pages of the web sources that ``corpus`` lists.

    While the list is invalid, everything stored stays, and the list is reported as a failure.
    """
    try:
        sources = read_source_list(corpus / SOURCES_FILE)
    except CorpusError as error:
        return _gathered(store, store.records(), [(SOURCES_FILE, str(error))])
    lists = [record for source in sources for record in listed(source, store.get)]
    pages = (store.get(SourceKind.PAGE, url) for url in wanted(sources, store))
    found = [*lists, *(page for page in pages if page is not None)]
    new = sum(store.get(source.kind, source.url) is None for source in sources)
    if new:
        logger.warning(
            "%d entries of %s have not been fetched yet: run assistant sync --fetch.",
            new, corpus / SOURCES_FILE,
        )  # fmt: skip
    return _gathered(store, found, [])


def wanted(sources: Sequence[WebSource], store: Store) -> dict[str, Entry]:
    """The pages that ``sources`` list, as far as those were fetched, by address."""
    pages: dict[str, Entry] = {}
    for source in sources:
        if source.kind is SourceKind.PAGE:
            pages.setdefault(source.url, Entry(source.url))
            continue
        entries = {e.url: e for record in listed(source, store.get) for e in record.entries}
        admitted = [entry for url, entry in entries.items() if source.admits(url)]
        newest = sorted(admitted, key=lambda entry: entry.changed, reverse=True)
        if len(newest) > source.limit:
            logger.warning(
                "%s names %d pages; the newest %d are read. Its limit in %s says how many.",
                source.url, len(newest), source.limit, SOURCES_FILE,
            )  # fmt: skip
        for entry in newest[: source.limit]:
            pages.setdefault(entry.url, entry)
    return pages


def listed(source: WebSource, look: Callable[[SourceKind, str], Record | None]) -> Iterator[Record]:
    """The records of a feed, or of a sitemap and those it links to, as ``look`` finds them; none
    for a page.
    """
    waiting = [] if source.kind is SourceKind.PAGE else [source.url]
    seen: set[str] = set()
    while waiting and len(seen) < MOST_SITEMAPS:
        url = waiting.pop()
        record = None if url in seen else look(source.kind, url)
        seen.add(url)
        if record is not None:
            yield record
            waiting += reversed(record.further)


def _gathered(
    store: Store, records: Sequence[Record], failures: list[tuple[str, str]]
) -> FetchedPages:
    files: dict[str, Path] = {}
    for record in records:
        path = store.path(record)
        if path is not None:
            files[record.url] = path
        if record.error is not None:
            stays = f" What came on {record.fetched[:10]} stays." if record.fetched else ""
            failures.append((record.url, f"{record.url}: {record.error}{stays}"))
    return FetchedPages(
        dict(sorted(files.items())),
        tuple(sorted(set(failures))),
        frozenset((record.kind, record.url) for record in records),
    )

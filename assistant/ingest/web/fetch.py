"""Fetches the corpus's web sources: first feeds and sitemaps, then the pages they list.

Hosts are fetched in parallel, each at its own pace. An error of one address is recorded and never
stops the others.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from queue import SimpleQueue
from typing import Any, TypeVar

from httpx2 import URL

from assistant.ingest.readers.formats import MAX_BYTES
from assistant.ingest.web.client import Client
from assistant.ingest.web.content import as_file
from assistant.ingest.web.feeds import as_page, read_feed
from assistant.ingest.web.pages import listed, wanted
from assistant.ingest.web.response import Response, Validators
from assistant.ingest.web.sitemaps import MOST_BYTES, read_sitemap
from assistant.ingest.web.source_list import Entry, SourceKind, WebSource
from assistant.ingest.web.store import Record, Store
from assistant.support.errors import AssistantError, FetchError

logger = logging.getLogger(__name__)

Item = TypeVar("Item", WebSource, Entry)
Done = TypeVar("Done")

HOSTS_AT_ONCE = 8
MOST_ENTRIES = 10_000
"""Most pages of a feed that are kept after it no longer lists them."""

Progress = Callable[[int, int], None]
"""Called with the number of pages done and of pages to do."""


@dataclass(frozen=True, slots=True)
class FetchReport:
    """The result of a run, counted in pages; ``failed`` also counts feeds and sitemaps."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    failed: int = 0
    seconds: float = 0.0

    def summary(self) -> str:
        """The report on one line."""
        return (
            f"fetched: {self.new} new, {self.changed} changed, {self.unchanged} unchanged, "
            f"{self.gone} gone, {self.failed} failed, in {self.seconds:.1f} s"
        )

    def to_json(self) -> dict[str, Any]:
        """The report as ``sync --fetch --json`` prints it."""
        return asdict(self) | {"seconds": round(self.seconds, 3)}


def fetch(
    sources: Sequence[WebSource],
    store: Store,
    client: Client,
    progress: Progress = lambda done, total: None,
) -> FetchReport:
    """Bring ``store`` up to date with ``sources``. If stopped, it keeps what was fetched.

    Raises ``LibraryError`` if the store cannot be written.
    """
    started = time.monotonic()
    counted: Counter[str] = Counter()
    lists = [source for source in sources if source.kind is not SourceKind.PAGE]
    _on_each_host(client, lists, lambda one: _fetch_lists(one, store, client), counted.update)
    pages = list(wanted(sources, store).values())
    done = 0
    progress(done, len(pages))

    def count(outcome: str) -> None:
        nonlocal done
        done += 1
        counted[outcome] += 1
        progress(done, len(pages))

    _on_each_host(client, pages, lambda one: _fetch_page(one, store, client), count)
    return FetchReport(**counted, seconds=time.monotonic() - started)


def _on_each_host(
    client: Client,
    items: Sequence[Item],
    work: Callable[[Item], Done],
    tell: Callable[[Done], None],
) -> None:
    """Call ``tell(work(item))`` for each item: hosts in parallel, items of one host in order.

    ``tell`` runs in the calling thread. The first error stops it before anything else starts.
    """
    by_host: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_host[URL(item.url).host].append(item)
    outcomes: SimpleQueue[Done | Exception] = SimpleQueue()

    def visit(of_host: list[Item]) -> None:
        try:
            for item in of_host:
                outcomes.put(work(item))
        except Exception as error:  # re-raised in the calling thread
            outcomes.put(error)

    with ThreadPoolExecutor(HOSTS_AT_ONCE, "fetch") as pool:
        try:
            for of_host in by_host.values():
                pool.submit(visit, of_host)
            for _ in items:
                outcome = outcomes.get()
                if isinstance(outcome, Exception):
                    raise outcome
                tell(outcome)
        except BaseException:
            client.stop()
            raise


def _fetch_lists(source: WebSource, store: Store, client: Client) -> Counter[str]:
    """Fetch a feed, or a sitemap and those it links to; count the failures."""
    records = listed(source, lambda kind, url: _fetch_list(kind, url, store, client))
    return Counter(failed=sum(record.error is not None for record in records))


def _fetch_list(kind: SourceKind, url: str, store: Store, client: Client) -> Record:
    """Fetch one feed or sitemap. If that fails, its previous entries stay."""
    before = store.get(kind, url) or Record(kind, url, url)

    def read(response: Response) -> Record:
        record = _received(before, response)
        if kind is SourceKind.SITEMAP:
            entries, further = read_sitemap(response.body, response.url)
            return replace(record, entries=tuple(entries), further=tuple(further))
        found = read_feed(response.body, response.url, response.content_type)
        return replace(record, entries=_with_older(found, before.entries, store))

    most = MOST_BYTES if kind is SourceKind.SITEMAP else MAX_BYTES
    record = _requested(before, client, before.validators, most, read)
    store.put(record)
    return record


def _with_older(found: list[Entry], older: Sequence[Entry], store: Store) -> tuple[Entry, ...]:
    """``found`` and those of ``older`` whose pages are still stored: a feed lists only its latest
    pages, and a library should lose none.
    """
    entries = {entry.url: entry for entry in found}
    for entry in older:
        page = store.get(SourceKind.PAGE, entry.url)
        if entry.url not in entries and not (page and page.gone):
            entries[entry.url] = entry
    return tuple(entries.values())[:MOST_ENTRIES]


def _fetch_page(entry: Entry, store: Store, client: Client) -> str:
    """Fetch one page; return the outcome as a field of ``FetchReport``."""
    before = store.get(SourceKind.PAGE, entry.url) or Record(SourceKind.PAGE, entry.url, entry.url)
    held = store.path(before) is not None

    def kept(response: Response) -> Record:
        file = store.keep(entry.url, *as_file(response))
        return replace(_received(before, response), file=file)

    record = _requested(before, client, before.validators if held else None, MAX_BYTES, kept)
    in_feed = entry.content and (before.from_feed or not held)
    if record.error is not None and not record.gone and in_feed:
        logger.info("%s: using its feed's text, not the page: %s", entry.url, record.error)
        file = store.keep(entry.url, as_page(entry), ".html")
        record = replace(record, fetched=_now(), error=None, file=file, from_feed=True)
    store.put(record)
    if record.error is not None:
        return "gone" if record.gone and held else "failed"
    if not held:
        return "new"
    return "unchanged" if record.file == before.file else "changed"


def _requested(
    before: Record,
    client: Client,
    known: Validators | None,
    most: int,
    received: Callable[[Response], Record],
) -> Record:
    """The record of an address after a request: what ``received`` makes of a new response.

    Any error of the address ends up in the record: one odd server must not stop the others.
    """
    try:
        response = client.get(before.url, known, most)
        if response.status == HTTPStatus.NOT_MODIFIED:
            return replace(before, fetched=_now(), status=response.status, error=None)
        return received(response)
    except FetchError as error:
        return _failed(before, error)
    except AssistantError:
        raise
    except Exception as error:
        logger.exception("Fetching %s failed", before.url)
        return _failed(before, FetchError(f"it cannot be read: {type(error).__name__}: {error}."))


def _received(before: Record, response: Response) -> Record:
    """The record of a newly fetched address."""
    return Record(
        before.kind,
        before.url,
        response.url,
        response.etag,
        response.last_modified,
        _now(),
        response.status,
    )


def _failed(before: Record, error: FetchError) -> Record:
    """The record of an address that failed. Its content stays, unless the page is gone."""
    record = replace(before, status=error.status, error=str(error))
    if record.kind is SourceKind.PAGE and record.gone:
        return replace(record, fetched=None, etag=None, last_modified=None, file=None)
    return record


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

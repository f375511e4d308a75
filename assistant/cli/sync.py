"""The command ``sync``: once, or again after each change of the corpus folder."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from typing import TYPE_CHECKING

from assistant.cli.output import dump, say
from assistant.models.corpus_files import SOURCES_FILE
from assistant.models.status import Stage
from assistant.support.errors import AssistantError, MissingCorpusError

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.ingest.report import SyncReport
    from assistant.ingest.sync import SyncProgress
    from assistant.ingest.web.fetch import FetchReport

_UNITS = {
    Stage.READING: "file",
    Stage.PASSAGES: "passage",
    Stage.SENTENCES: "passage",
    Stage.WORDS: "word",
}

_NAMED = 20
"""Skipped files listed one by one."""

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--fetch``, ``--watch``, ``--allow-empty`` and ``--no-wait``."""
    parser.add_argument(
        "--fetch",
        action="store_true",
        help=f"first fetch the pages, feeds and sitemaps listed in the corpus's {SOURCES_FILE}",
    )
    parser.add_argument(
        "--watch", action="store_true", help="keep running and sync after each change of the folder"
    )
    parser.add_argument(
        "--allow-empty",
        action="store_true",
        help="delete all articles if the folder is empty",
    )
    parser.add_argument(
        "--no-wait", action="store_true", help="fail at once if another process is syncing"
    )


def sync(assistant: Assistant, options: argparse.Namespace) -> int:
    """Run ``sync``."""
    wait = not options.no_wait
    reports = _sync(assistant, options.fetch, allow_empty=options.allow_empty, wait=wait)
    _tell(reports, options)
    if options.watch:
        _follow(assistant, options, reports[0])
    return 0


def _follow(assistant: Assistant, options: argparse.Namespace, last: SyncReport) -> None:
    """Sync after each change until the process is stopped; report only changes.

    The web is fetched again when the list of its sources changes.
    """
    from assistant.ingest.pipeline import stamp
    from assistant.ingest.watcher import Watch

    settings = assistant.settings
    sources = settings.corpus / SOURCES_FILE
    listed = stamp(sources)
    logger.info("Watching %s; press Ctrl-C to stop.", settings.corpus)
    with Watch(settings.corpus, settings.data) as changes:
        for _ in changes:
            before, listed = listed, stamp(sources)
            try:
                reports = _sync(assistant, options.fetch and listed != before)
            except MissingCorpusError:
                continue  # the watch logs it, and continues when it is back
            except AssistantError as error:
                logger.error("%s", error)
                continue
            if reports[0].changed or reports[0].failed != last.failed:
                _tell(reports, options)
            last = reports[0]


def _sync(
    assistant: Assistant, fetch: bool, *, allow_empty: bool = False, wait: bool = True
) -> tuple[SyncReport, FetchReport | None]:
    fetched = None
    if fetch:
        with _bar("page") as progress:
            fetched = assistant.fetch(progress)
    # Ray prints of workers that died on standard output, which is for the report.
    with _bars() as bars, _pausable(bars) as pausing, redirect_stdout(sys.stderr):
        return assistant.sync(pausing, allow_empty=allow_empty, wait=wait), fetched


@contextmanager
def _bars() -> Iterator[SyncProgress]:
    """A bar for each stage of a sync, one below the other."""
    with ExitStack() as open_bars:
        bars: dict[Stage, Callable[[int, int], None]] = {}

        def progress(stage: Stage, done: int, total: int) -> None:
            if stage not in bars:
                open_bars.close()  # that of the stage before
                bars[stage] = open_bars.enter_context(_bar(_UNITS[stage], stage))
            bars[stage](done, total)

        yield progress


@contextmanager
def _pausable(progress: SyncProgress) -> Iterator[SyncProgress]:
    """``progress`` that lets Ctrl-Z pause the process between two batches, when it holds no lock of
    the library's file that others would wait for; ``fg`` lets it go on.
    """
    if not hasattr(signal, "SIGTSTP"):  # Windows
        yield progress
        return
    pressed = threading.Event()

    def progress_and_pause(stage: Stage, done: int, total: int) -> None:
        progress(stage, done, total)
        if pressed.is_set():
            pressed.clear()
            os.kill(os.getpid(), signal.SIGSTOP)

    before = signal.signal(signal.SIGTSTP, lambda *_: pressed.set())
    try:
        yield progress_and_pause
    finally:
        signal.signal(signal.SIGTSTP, before)


@contextmanager
def _bar(unit: str, stage: str | None = None) -> Iterator[Callable[[int, int], None]]:
    """A progress bar with rate and time left on standard error, if that is a terminal; log lines
    are written above it.
    """
    from tqdm import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    with tqdm(desc=stage, unit=unit, file=sys.stderr, disable=None, dynamic_ncols=True) as bar:
        if bar.disable:
            yield lambda done, total: None
            return

        def progress(done: int, total: int) -> None:
            if bar.total is None:  # instant items would inflate the rate
                bar.initial = bar.n = done
            bar.total = total
            bar.update(done - bar.n)

        with logging_redirect_tqdm():
            yield progress


def _tell(reports: tuple[SyncReport, FetchReport | None], options: argparse.Namespace) -> None:
    synced, fetched = reports
    if options.json:
        more = {} if fetched is None else {"fetched": fetched.to_json()}
        say(dump(synced.to_json() | more))
        return
    if fetched is not None:
        say(fetched.summary())
    say(synced.summary())
    for failure in synced.failed:
        named = failure.source in failure.error
        say(f"failed: {failure.error if named else f'{failure.source}: {failure.error}'}")
    for partial in synced.partial[:_NAMED]:
        say(f"read in part: {partial.source}: {partial.reason}")
    for skipped in synced.skipped[:_NAMED]:
        say(f"left out: {skipped.source}: {skipped.reason}")
    if len(synced.skipped) > _NAMED:
        say(f"left out: {len(synced.skipped) - _NAMED} more; --json names all")

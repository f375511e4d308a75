"""Maintenance of a whole library: compact, back up, restore.

Compacting and restoring make a new library beside the one in use, which answers until it is
swapped.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.embedding import Embedder
from assistant.store.backup import Manifest, unpack
from assistant.store.copies import compact_copy
from assistant.store.engine import open_engine
from assistant.store.generations import Generations
from assistant.store.library import Library
from assistant.store.live import LiveEngine
from assistant.store.sqlite import FILE
from assistant.store.storage import generations_of, writer_of
from assistant.support.errors import LibraryError
from assistant.support.settings import Settings

_LETTING_GO_S = 10.0
"""Seconds to wait for a server to notice that its library was replaced."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """Bytes before and after; ``left`` lists old libraries that another process still reads.

    They are removed as soon as that process releases them, or at the next sync.
    """

    before: int
    after: int
    left: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The report as ``compact --json`` prints it."""
        return asdict(self)


def compact(settings: Settings, embedder: Embedder | None = None) -> Compacted:
    """Reclaim the space of deleted articles, and of what killed processes left.

    ``embedder`` is an already loaded one to use instead of that of the settings. Raises
    ``LibraryError``, leaving the library unchanged, if it cannot be done.
    """
    generations = generations_of(settings)
    live = LiveEngine(settings, embedder)
    with writer_of(settings).held(wait=True):
        try:
            before = _size(generations.current())
            engine = live.engine()
            folder = generations.new()
            compact_copy(engine.library.database, folder)
            compacted = open_engine(settings, folder, Library(folder), engine.embedder)
            live.refresh(compacted)
            live.adopt(compacted)
            after = _size(folder)
        finally:
            live.close()
        del engine  # the last reference to the old library
        return Compacted(before, after, _remove_others(generations))


def restore(settings: Settings, file: Path, *, force: bool) -> Manifest:
    """Replace the library in use with that of a backup; the index is built when needed.

    Raises ``LibraryError``, leaving the library unchanged, if the backup cannot be used, or if it
    would replace articles and ``force`` is false.
    """
    if settings.database_url is not None:
        raise LibraryError(
            "A backup of a data folder is not restored into PostgreSQL, whose own is pg_restore's. "
            "Restore it without ASSISTANT_DATABASE_URL, then assistant migrate."
        )
    generations = generations_of(settings)
    with writer_of(settings).held(wait=True):
        if not force:
            _refuse_unless_empty(generations)
        folder = generations.new()
        manifest = unpack(file, folder)
        generations.use(folder)
        _remove_others(generations)
    return manifest


def _refuse_unless_empty(generations: Generations) -> None:
    _, library = generations.open()
    try:
        articles = library.counts()["articles"]
    finally:
        library.close()
    if articles:
        raise LibraryError(
            f"The library in {generations.data} holds {articles} articles, which the backup would "
            "replace. Nothing was changed. Add --force to replace them, or name another --data."
        )


def _remove_others(generations: Generations) -> tuple[str, ...]:
    """Remove libraries not in use; return the folders of those still being read."""
    deadline = time.monotonic() + _LETTING_GO_S
    while True:
        generations.remove_others()
        left = generations.others()
        if not left or time.monotonic() > deadline:
            return tuple(map(str, left))
        time.sleep(0.2)


def _size(folder: Path) -> int:
    """Bytes of the library, its index and SQLite's auxiliary files."""
    files = [*folder.glob(f"{FILE}*"), *(folder / "index").rglob("*")]
    return sum(path.stat().st_size for path in files if path.is_file())

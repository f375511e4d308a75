"""Where a sync has its work done: files read, texts embedded. Here, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Protocol, TypeVar

from assistant.embedding import Embedder
from assistant.ingest.pipeline import ChangedFile, Reading, ahead, read
from assistant.ingest.reader_process import ReaderProcess
from assistant.models.records import Vectors

Item = TypeVar("Item")

_FILES_AHEAD = 64
"""Files read before the first of them is stored, at most."""


class Executor(Protocol):
    """Results come in the order of what is given, of which more may be taken than is done."""

    def read(
        self, embedder: Embedder, files: Iterable[ChangedFile]
    ) -> Generator[list[Reading], None, None]:
        """What ``read`` makes of each of ``files``."""

    def embed(
        self, embedder: Embedder, batches: Iterable[Item], texts_of: Callable[[Item], list[str]]
    ) -> Iterator[tuple[Item, Vectors]]:
        """Each of ``batches`` with what ``embedder`` makes of its texts, which are passages."""

    def close(self) -> None:
        """End what was started; it is started again when needed."""


class LocalExecutor:
    """The process itself, and one that reads files."""

    def __init__(self, reader: ReaderProcess | None = None) -> None:
        self._reader = reader or ReaderProcess()

    def read(
        self, embedder: Embedder, files: Iterable[ChangedFile]
    ) -> Generator[list[Reading], None, None]:
        """See ``Executor``; in a thread, while what was read before is stored."""
        with ThreadPoolExecutor(1, "reader") as pool:

            def submit(file: ChangedFile) -> Future[list[Reading]]:
                return pool.submit(read, file, embedder, self._reader)

            with closing(ahead(submit, files, _FILES_AHEAD)) as done:
                for _, readings in done:
                    yield readings

    def embed(
        self, embedder: Embedder, batches: Iterable[Item], texts_of: Callable[[Item], list[str]]
    ) -> Iterator[tuple[Item, Vectors]]:
        """See ``Executor``."""
        return ((batch, embedder.embed_passages(texts_of(batch))) for batch in batches)

    def close(self) -> None:
        """End the process that reads."""
        self._reader.close()

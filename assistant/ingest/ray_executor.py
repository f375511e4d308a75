"""A sync's work as tasks of Ray, on this machine or a cluster.

A task reads some files or embeds some texts. Ray does a task again whose worker died. Only so many
are under way that their results fit into memory; the process that syncs stores them in order.
"""

from __future__ import annotations

import logging
import signal
import socket
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

import ray
from ray.exceptions import RayError, RayTaskError

from assistant.embedding import Embedder, load_embedder
from assistant.ingest.executor import LocalExecutor
from assistant.ingest.pipeline import ChangedFile, Reading, ahead, read
from assistant.ingest.reader_process import ReaderProcess
from assistant.models.records import Vectors
from assistant.support.errors import AssistantError, ClusterError, ModelError
from assistant.support.processors import processors
from assistant.support.settings import Settings

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

_FILES = 16
"""Files read by a task: what is lost with a worker."""

_MEMORY = 1_000_000_000
"""Bytes that a task may need: those of the model, and of the process that reads files."""

_STORE = 200_000_000
"""Bytes of the memory in which Ray passes results on, on one machine."""

_EACH = 2
"""Tasks under way or waiting, for each processor."""


_PATIENCE_S = 10.0
"""Seconds in which the head of a cluster has to answer."""


@dataclass(frozen=True, slots=True)
class _Tools:
    """What a worker needs for its tasks; it makes them once. ``identity`` is the model's."""

    model: str
    identity: str
    cache: Path
    read_timeout: float
    ocr: str

    def embedder(self) -> Embedder:
        """The model. Raises ``ModelError`` if it is another one than that of who syncs."""
        made = _embedder(self)
        if made.identity != self.identity:
            raise ModelError(
                f"A worker of Ray has another embedding model ({made.identity}) than the process "
                f"that syncs ({self.identity}). Install the same version on all machines."
            )
        return made


@lru_cache(maxsize=1)
def _embedder(tools: _Tools) -> Embedder:
    return load_embedder(tools.model, tools.cache, threads=1)


@lru_cache(maxsize=1)
def _reader(read_timeout: float, ocr: str) -> ReaderProcess:
    return ReaderProcess(read_timeout, ocr)


@ray.remote(num_cpus=1, memory=_MEMORY)
def _read(tools: _Tools, files: list[ChangedFile]) -> list[list[Reading]]:
    reader = _reader(tools.read_timeout, tools.ocr)
    return [read(file, tools.embedder(), reader) for file in files]


@ray.remote(num_cpus=1, memory=_MEMORY)
def _embed(tools: _Tools, texts: list[str]) -> Vectors:
    return tools.embedder().embed_passages(texts)


class RayExecutor:
    """The workers of the Ray cluster at ``settings.ray_address``, or, without one, as many
    processes of this machine as ``settings.jobs`` says. ``local`` reads what they cannot.
    """

    def __init__(self, settings: Settings, local: LocalExecutor) -> None:
        self._settings = settings
        self._local = local
        self._started = False

    def read(
        self, embedder: Embedder, files: Iterable[ChangedFile]
    ) -> Generator[list[Reading], None, None]:
        """See ``Executor``. A file that a worker cannot open, as it is not on that machine, is read
        here.
        """
        rest, told = iter(files), False
        batches = iter(lambda: list(islice(rest, _FILES)), [])
        for batch, readings in self._done(_read, embedder, batches, lambda batch: batch):
            pairs = zip(batch, readings, strict=True)
            closed = [file for file, found in pairs if not _opened(found)]
            if closed and not told:
                logger.warning(
                    "A worker cannot open %s, so it is read here. All machines need the folders of "
                    "articles and data at the same place.",
                    closed[0].path,
                )
                told = True
            again = self._local.read(embedder, closed)
            yield from (found if _opened(found) else next(again) for found in readings)

    def embed(
        self, embedder: Embedder, batches: Iterable[Item], texts_of: Callable[[Item], list[str]]
    ) -> Iterator[tuple[Item, Vectors]]:
        """See ``Executor``."""
        return self._done(_embed, embedder, batches, texts_of)

    def close(self) -> None:
        """Leave the cluster; end it if it is this machine's own."""
        self._local.close()
        if self._started:
            ray.shutdown()
            self._started = False

    def _done(
        self, task: Any, embedder: Embedder, items: Iterable[Item], given: Callable[[Item], Any]
    ) -> Generator[tuple[Item, Any], None, None]:
        """Each of ``items`` with what ``task`` makes of what is ``given`` for it."""
        settings = self._settings
        tools = _Tools(settings.embedding_model, embedder.identity, settings.cache,
                       settings.read_timeout, settings.ocr)  # fmt: skip

        def submit(item: Item) -> Future[Any]:
            future: Future[Any] = task.remote(tools, given(item)).future()
            return future

        rest = iter(items)
        try:
            for first in islice(rest, 1):  # Ray is not started for nothing
                yield from ahead(submit, chain([first], rest), self._start())
        except RayTaskError as error:
            if isinstance(error.cause, AssistantError):
                raise error.cause from error
            raise ClusterError(f"A task of Ray failed: {error}") from error
        except (RayError, OSError) as error:
            raise ClusterError(
                f"The workers of Ray cannot be used: {error}. What was stored is kept: sync again "
                "when they are there."
            ) from error

    def _start(self) -> int:
        """Join the cluster, or start this machine's own; how many tasks may be under way."""
        if not ray.is_initialized():
            address = self._settings.ray_address
            _check_there(address or "")
            jobs = self._settings.jobs or processors()
            own: dict[str, Any] = {
                "num_cpus": jobs, "_memory": jobs * _MEMORY, "object_store_memory": _STORE,
                "_node_ip_address": "127.0.0.1", "include_dashboard": False,
            }  # fmt: skip
            stop = signal.getsignal(signal.SIGTERM)
            quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
            ray.init(address or "local", **quiet, **({} if address else own))
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, stop)  # Ray has put its own in this one's place
            self._started = True
        held: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        return _EACH * max(1, int(held.get("CPU", 0)))


def _check_there(address: str) -> None:
    """Raise ``OSError`` if nothing answers there: Ray would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), _PATIENCE_S).close()


def _opened(readings: list[Reading]) -> bool:
    """Whether the file itself could be read, whatever is in it."""
    return bool(readings[0].record.digest)

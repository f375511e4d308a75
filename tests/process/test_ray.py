"""With Ray the library is the one that a sync without it makes, though workers die."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import ray

from assistant.assistant import Assistant
from assistant.cli import main
from assistant.embedding import load_embedder
from assistant.ingest.executor import LocalExecutor
from assistant.ingest.pipeline import ChangedFile
from assistant.ingest.ray_executor import RayExecutor
from assistant.store.library import Library
from assistant.store.migration import TABLES
from assistant.support.errors import ClusterError, ModelError, SettingsError
from assistant.support.settings import BUNDLED_MODEL, Settings
from tests.support.process import until
from tests.support.repository import CORPUS
from tests.support.tiny import TinyEmbedder

WORKERS = 2


@pytest.fixture(scope="module")
def workers() -> Iterator[None]:
    """Two worker processes, which syncs use instead of starting their own."""
    ray.init("local", num_cpus=WORKERS, include_dashboard=False, log_to_driver=False,
             object_store_memory=100_000_000, _memory=WORKERS * 1e9)  # fmt: skip
    yield
    ray.shutdown()


def rows(data: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the library but when it was made."""
    with closing(Library(data)) as library:
        return {
            table: library.query(f"SELECT {columns} FROM {table} ORDER BY 1")
            for table, columns in TABLES.items()
        }


def killed(task: str) -> bool:
    """Kill a worker of Ray that does such a task; False if there is none."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cmdline").read_bytes().startswith(f"ray::{task}".encode()):
                os.kill(int(process.name), signal.SIGKILL)
                return True
        except OSError:  # it has ended
            pass
    return False


def synced_by(engine: str, corpus: Path, data: Path, capfd: pytest.CaptureFixture[str]) -> Any:
    """The report of a sync from the command line."""
    capfd.readouterr()
    flags = ["--corpus", str(corpus), "--data", str(data), "--json"]
    assert main(["sync", "--engine", engine, *flags]) == 0
    return json.loads(capfd.readouterr().out)


def test_a_cluster_that_is_not_there_is_an_error(corpus: Path, tmp_path: Path) -> None:
    assert not ray.is_initialized()
    settings = Settings(corpus=corpus, data=tmp_path, engine="ray", ray_address="127.0.0.1:1")
    with closing(Assistant(settings, TinyEmbedder())) as made, pytest.raises(ClusterError):
        made.sync()


def test_without_ray_it_says_what_to_install(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.ingest.worker.find_spec", lambda name: None)
    settings = Settings(corpus=corpus, data=tmp_path, engine="ray")
    with (
        closing(Assistant(settings, TinyEmbedder())) as made,
        pytest.raises(SettingsError, match=r"\[ray\]"),
    ):
        made.sync()


@pytest.mark.usefixtures("workers")
def test_the_library_is_the_same_byte_for_byte_though_workers_are_killed(
    synced: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def kill() -> None:
        for task in ("_read", "_embed", "_embed"):
            until(partial(killed, task))
            deaths.append(task)
            time.sleep(2)  # so that another works in its place

    deaths: list[str] = []
    killing = threading.Thread(target=kill)
    killing.start()
    report = synced_by("ray", CORPUS, tmp_path, capfd)
    killing.join()
    assert len(deaths) == 3
    assert report["failed"] == []
    assert rows(tmp_path) == rows(synced)


@pytest.mark.usefixtures("workers")
def test_a_file_that_cannot_be_read_costs_no_other(
    corpus: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (corpus / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    (corpus / "gone.md").symlink_to(corpus / "sea" / "nowhere.md")
    told = [synced_by(engine, corpus, tmp_path / engine, capfd) for engine in ("local", "ray")]
    assert told[0]["failed"] == told[1]["failed"] != []
    assert rows(tmp_path / "ray") == rows(tmp_path / "local")


@pytest.mark.usefixtures("workers")
def test_a_file_that_no_worker_can_open_is_read_by_who_syncs(
    corpus: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Elsewhere(type(corpus)):  # type: ignore[misc]
        """A path that leads nowhere in another process."""

        def __reduce__(self) -> tuple[type[Path], tuple[str]]:
            return Path, (f"/elsewhere{self}",)

    settings = Settings(corpus=corpus, data=tmp_path / "data")
    made = RayExecutor(settings, LocalExecutor())
    embedder = load_embedder(BUNDLED_MODEL, settings.cache)
    files = [ChangedFile(name, Elsewhere(corpus / name)) for name in ("bees.md", "lighthouse.txt")]
    with closing(made):
        found = list(made.read(embedder, files))
    assert [readings[0].record.source for readings in found] == ["bees.md", "lighthouse.txt"]
    assert all(readings[0].article for readings in found)
    assert caplog.text.count("cannot open") == 1


@pytest.mark.usefixtures("workers")
def test_workers_with_another_model_are_refused(corpus: Path, tmp_path: Path) -> None:
    settings = Settings(corpus=corpus, data=tmp_path / "data", engine="ray")
    with (
        closing(Assistant(settings, TinyEmbedder())) as made,
        pytest.raises(ModelError, match="tiny-1"),
    ):
        made.sync()

"""The parts that many tests share: a small corpus to change, and an assistant over our own."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assistant.access import groups
from assistant.assistant import Assistant
from assistant.embedding import Embedder, load_embedder, onnx_model
from assistant.embedding.onnx_model import load_bundled
from assistant.support.settings import BUNDLED_MODEL, Settings
from tests.support.repository import CORPUS, TESTS
from tests.support.sharing import copy_of

# Run in the background by a shell, it would be ignored, also by what the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes that are no text name no test: packed ones hold the time of packing, and all workers
    must agree on the names."""
    binary = isinstance(val, bytes) and not val.decode(errors="replace").isprintable()
    return argname if binary else None


SHORT = ("unit", "web")
"""The folders whose tests always run, but for those marked ``slow``. Of the other folders only what
is marked ``short`` does; ``--all``, or naming a file or a folder, runs the rest.
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="run every test, as CI does")


def pytest_configure(config: pytest.Config) -> None:
    # xdist's workers parse the same arguments, so they come to the same.
    config.option.all |= config.args_source is pytest.Config.ArgsSource.ARGS


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files without a short test alone: importing them costs more than many a test."""
    if config.option.all or not collection_path.match("test_*.py"):
        return None
    text = collection_path.read_text("utf-8")
    slow = "\npytestmark = pytest.mark.slow" in text or _folder(collection_path) not in SHORT
    return True if slow and "pytest.mark.short" not in text else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    _forbid_equal_names(items)
    if not config.option.all:
        config.hook.pytest_deselected(items=[item for item in items if not _is_short(item)])
        items[:] = filter(_is_short, items)
    items.sort(key=_is_short)  # the long ones first, so that no worker ends with one of them


def _is_short(item: pytest.Item) -> bool:
    marks = {mark.name for mark in item.iter_markers()}
    return "short" in marks or (_folder(item.path) in SHORT and "slow" not in marks)


def _folder(path: Path) -> str:
    return path.relative_to(TESTS).parts[0]


def _forbid_equal_names(items: list[pytest.Item]) -> None:
    """Of tests with one name, xdist's workers would run only one, and not mention the others."""
    twice = [name for name, count in Counter(item.nodeid for item in items).items() if count > 1]
    if twice:
        raise pytest.UsageError(f"several tests have the name {', '.join(twice)}")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("ASSISTANT_") and name != "ASSISTANT_CACHE":
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _rules_count_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests write ``access.yaml`` at once; what waits for its end has a test of its own."""
    monkeypatch.setattr(groups, "QUIET_S", 0.0)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The bundled model, loaded once."""
    return load_embedder(BUNDLED_MODEL, Settings().cache)


@pytest.fixture(scope="session", autouse=True)
def _bundled_model_is_loaded_once() -> Iterator[None]:
    """A command that a test runs in this process shares the model: to load it takes half a second.

    Tests of the loading itself have imported ``load_bundled`` before.
    """
    load = cache(lambda folder, threads: load_bundled(folder, threads))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            onnx_model,
            "load_bundled",
            lambda folder, threads=None, progress=None: load(folder, threads),
        )
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server, to be asked for ``new_database()``."""
    from tests.support.postgres import running

    with running() as server:
        yield server


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Callable[[], str | None]:
    """Gives the address of a new, empty database; None, for SQLite, is a file of the data folder.

    Tests that take it run once with each.
    """
    if request.param == "sqlite":
        return lambda: None
    server = request.getfixturevalue("postgres")
    return lambda: server.new_database()


@pytest.fixture(scope="session")
def synced(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """The data of a library over the repository's corpus: synced once a run, a copy a worker."""

    def sync(data: Path) -> None:
        made = Assistant(Settings(corpus=CORPUS, data=data), embedder)
        made.sync()
        made.close()

    return copy_of("library", sync, tmp_path_factory)


@pytest.fixture(scope="session")
def assistant(synced: Path, embedder: Embedder) -> Iterator[Assistant]:
    """A synced assistant over the corpus of the repository; tests do not change it."""
    made = Assistant(Settings(corpus=CORPUS, data=synced), embedder)
    made.sync()  # nothing has changed, but it now knows that it has read everything
    yield made
    made.close()


@pytest.fixture(scope="session")
def served(assistant: Assistant) -> Iterator[str]:
    """The address of a server that answers from ``assistant``, with a slash at its end."""
    from tests.support.web import serving

    with serving(assistant) as address:
        yield address


@pytest.fixture(scope="session")
def poisoned(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Any]:
    """The articles that attack, in quotes and through a model that obeys them, both served."""
    from tests.support.poison_service import serving_poison, sync_poison

    made = copy_of("poison", lambda folder: sync_poison(folder, embedder), tmp_path_factory)
    with serving_poison(made, embedder) as served:
        yield served


@pytest.fixture
def mode(poisoned: Any, request: pytest.FixtureRequest) -> Any:
    """One of the two, "quotes" or "model", as a test's parameter says."""
    return getattr(poisoned, request.param)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that translates from French to English, and was taught nothing."""
    from tests.support.translation import make_model

    folder = tmp_path_factory.mktemp("models")
    make_model(tmp_path_factory.mktemp("marian"), folder)
    return folder


def _write_three(folder: Path) -> None:
    """Three short articles on unlike subjects, in three languages."""
    (folder / "sea").mkdir(parents=True)
    (folder / "lighthouse.txt").write_text(
        "The lighthouse of Cordouan\n"
        "The lighthouse of Cordouan stands in the estuary of the Gironde. "
        "It was finished in 1611 after twenty-seven years of work. "
        "Its last keepers left the tower in 2012.\n",
        encoding="utf-8",
    )
    (folder / "bees.md").write_text(
        "---\ntitle: Les abeilles de ville\nlanguage: fr\ndate: 2024-05-02\n---\n"
        "Les ruches se multiplient sur les toits des villes. "
        "Un apiculteur récolte environ dix kilos de miel par ruche et par an.\n",
        encoding="utf-8",
    )
    (folder / "sea" / "tides.md").write_text(
        "---\ntitle: Gezeiten\nlanguage: de\ndate: 2023-01-15\n---\n"
        "Ebbe und Flut entstehen durch die Anziehungskraft des Mondes. "
        "In der Bucht von Fundy steigt das Wasser um bis zu sechzehn Meter.\n",
        encoding="utf-8",
    )


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus of three short articles on unlike subjects, to be changed at will."""
    folder = tmp_path / "corpus"
    _write_three(folder)
    return folder


@pytest.fixture(scope="session")
def three_articles(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder
) -> Iterator[Assistant]:
    """A synced assistant over the articles of ``corpus``; tests do not change it."""
    folder = tmp_path_factory.mktemp("three-articles")
    _write_three(folder / "corpus")
    made = Assistant(Settings(corpus=folder / "corpus", data=folder / "data"), embedder)
    made.sync()
    yield made
    made.close()


@pytest.fixture
def small(corpus: Path, tmp_path: Path, embedder: Embedder) -> Iterator[Assistant]:
    """An assistant over ``corpus``, not yet synced."""
    made = Assistant(Settings(corpus=corpus, data=tmp_path / "data"), embedder)
    yield made
    made.close()

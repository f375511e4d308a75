"""The parts of the speed benchmark; each yields rows of a table."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from assistant.cli import ONE_THREAD
from benchmarks import corpus, serving
from benchmarks.report import Row

ROOT = Path(__file__).parent.parent
ARTICLES = ROOT / "corpus"

FEWER_VECTORS = ("ours without sentence vectors",)
"""Measured only while indexing: its answers are not those that are shipped."""

CHARACTERS_IN_PASSAGE = 820

_UNSEEN = 1_000
"""Questions made from the corpus, at most one an article."""


@dataclass(frozen=True, slots=True)
class Run:
    """The options and the working folder. ``folder`` is emptied at the end."""

    folder: Path
    cache: Path
    rivals_python: Path
    systems: tuple[str, ...]
    size: int
    rounds: int
    passages: tuple[int, ...]
    articles: int
    questions: tuple[str, ...]
    filled: Path | None = None
    """Folder that keeps libraries with synthetic vectors for later runs; None: not kept."""

    raw: dict[str, Any] = field(default_factory=dict)

    @property
    def exported(self) -> Path:
        """The bundled weights as a sentence-transformers folder, which takes 490 MB."""
        return self.folder / "model"

    def work(
        self, system: str, task: str, folder: Path, texts: Path | None = None,
        questions: Sequence[str] = (),
    ) -> Any:  # fmt: skip
        """Run ``task`` in its own process and return its result."""
        is_ours = system.startswith("ours")
        given = {
            "system": system,
            "task": task,
            "folder": str(folder),
            "model": str(self.cache if is_ours else self.exported),
            "corpus": str(texts),
            "questions": questions or self.questions,
        }
        python = sys.executable if is_ours else str(self.rivals_python)
        offline = {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False"}
        served = dict.fromkeys(ONE_THREAD, "1") if is_ours else {}  # as every command of ours does
        done = subprocess.run(
            [python, "-m", "benchmarks.worker", json.dumps(given)],
            cwd=ROOT, env={**os.environ, **offline, **served}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{task} of {system} failed:\n{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])


def ingest(run: Run) -> Iterable[Row]:
    """Indexing: characters a second until answerable, and memory."""
    texts = run.folder / "texts"
    characters = corpus.build(texts, ARTICLES, run.size)

    def once(system: str) -> Any:
        with scratch(run) as folder:
            return run.work(system, "ingest", folder, texts)

    results = _alternate(run, "ingest", run.systems, once)
    for name, seconds in (("answerable", "ingest_s"), ("done", "complete_s")):
        rates = {s: [characters / r[seconds] for r in some] for s, some in results.items()}
        yield Row(f"characters a second, from files to {name}", rates, more_is_better=True)
    yield Row("MB at most while indexing", _pick(results, "peak_mb"))
    yield Row("seconds to import and load the model", _pick(results, "load_s"))


def found_first(run: Run) -> Iterable[Row]:
    """Seconds until unseen questions find their passage first, as they do in the end."""
    texts = run.folder / "texts"
    corpus.build(texts, ARTICLES, run.size)
    questions = corpus.questions(texts, _UNSEEN)
    systems = [system for system in run.systems if system not in FEWER_VECTORS]

    def once(system: str) -> Any:
        with scratch(run) as folder:
            return run.work(system, "found first", folder, texts, questions)

    results = _alternate(run, "found first", systems, once)
    for share in (1, 50, 100):
        seconds = {
            system: [float(np.percentile(one["seconds"], share, method="higher")) for one in some]
            for system, some in results.items()
        }
        yield Row(
            f"seconds until {share} % of questions find first what they do in the end", seconds
        )


def ask(run: Run) -> Iterable[Row]:
    """Search: milliseconds from question to hits, memory and disk, for several library sizes."""
    systems = [system for system in run.systems if system not in FEWER_VECTORS]
    for passages in run.passages:
        texts = run.folder / f"texts-{passages}"
        corpus.build(texts, ARTICLES, passages * CHARACTERS_IN_PASSAGE)
        name = f"ask {passages}"
        filled = {s: (run.filled or run.folder) / f"{name} {s}" for s in systems}
        counts = {s: _fill(run, s, folder, texts) for s, folder in filled.items()}
        run.raw[f"fill {passages}"] = counts

        def once(system: str, filled: dict[str, Path] = filled) -> Any:
            return run.work(system, "ask", filled[system])

        results = _alternate(run, name, systems, once)
        at = f"at {passages:,} passages*"
        for label, cut in (("p50", 50), ("p95", 95)):
            times = {
                s: [float(np.percentile(r["ms"], cut)) for r in some] for s, some in results.items()
            }
            yield Row(f"ms from question to hits, {label}, {at}", times)
        yield Row(f"MB resident after questions, {at}", _pick(results, "resident_mb"))
        disk = {s: [_size(folder) / counts[s]["passages"]] for s, folder in filled.items()}
        yield Row(f"bytes on disk per passage, {at}", disk)
        for folder in (texts, *(() if run.filled else filled.values())):
            shutil.rmtree(folder)


def _fill(run: Run, system: str, folder: Path, texts: Path) -> Any:
    """Fill a library with ``texts`` in ``folder``, unless an earlier run did; return its counts."""
    noted = folder.with_suffix(".json")
    if run.filled and noted.exists():
        return json.loads(noted.read_text("utf-8"))
    counts = run.work(system, "fill", folder, texts)
    if run.filled:
        noted.write_text(json.dumps(counts), "utf-8")
    return counts


def serve(run: Run) -> Iterable[Row]:
    """Serving: seconds to the page and to the first answer, and memory of the process."""
    texts, library = _small_articles(run)
    questions = list(run.questions)
    results = _alternate(
        run,
        "serve",
        ("ours", "empty Gradio app"),
        lambda system: (
            serving.chat(texts, library, run.cache, questions)
            if system == "ours"
            else serving.empty_page()
        ),
    )
    yield Row("seconds from python app.py to its page", _pick(results, "page_s"))
    ours = {"ours": results["ours"]}
    yield Row("seconds from the page to the first answer", _pick(ours, "first_answer_s"))
    at = f"at {run.articles:,} passages*"
    yield Row(f"MB resident of the serving process, {at}", _pick(ours, "resident_mb"))


def resync(run: Run) -> Iterable[Row]:
    """Seconds of a sync without changes, and of the whole command."""
    texts, library = _small_articles(run)
    command = [sys.executable, "-m", "assistant", "sync", "--json"]
    command += ["--corpus", str(texts), "--data", str(library)]
    environment = {**os.environ, "ASSISTANT_CACHE": str(run.cache)}

    def once(_system: str) -> Any:
        started = time.perf_counter()
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True
        )
        report = json.loads(done.stdout)
        if report["unchanged"] != report["articles"] or report["embedded"]:
            raise RuntimeError(f"The second sync found changes: {report}")
        return {"sync_s": report["seconds"], "command_s": time.perf_counter() - started}

    results = _alternate(run, "resync", ("ours",), once)
    which = f"{run.articles:,} unchanged articles"
    yield Row(f"seconds of a sync of {which}", _pick(results, "sync_s"))
    yield Row(f"seconds of the whole command, {which}", _pick(results, "command_s"))


PARTS: dict[str, Callable[[Run], Iterable[Row]]] = {
    "ingest": ingest,
    "found-first": found_first,
    "ask": ask,
    "serve": serve,
    "resync": resync,
}


def _alternate(
    run: Run, name: str, systems: Iterable[str], measure: Callable[[str], Any]
) -> dict[str, list[Any]]:
    """``measure`` the ``systems`` alternately, once a round, to even out disturbances."""
    results: dict[str, list[Any]] = {system: [] for system in systems}
    for turn in range(run.rounds):
        for system, some in results.items():
            now = time.strftime("%H:%M:%S")
            sys.stderr.write(f"{now} {name}, round {turn + 1} of {run.rounds}: {system}\n")
            some.append(measure(system))
    run.raw[name] = results
    return results


def _small_articles(run: Run) -> tuple[Path, Path]:
    """A corpus of ``run.articles`` short articles and a library that holds it."""
    texts, library = run.folder / "small", run.folder / "small-library"
    if not texts.exists():
        characters = run.articles * CHARACTERS_IN_PASSAGE
        corpus.build(texts, ARTICLES, characters, CHARACTERS_IN_PASSAGE)
        run.raw["fill small articles"] = run.work("ours", "fill", library, texts)
    return texts, library


@contextmanager
def scratch(run: Run) -> Iterator[Path]:
    """A temporary folder."""
    with tempfile.TemporaryDirectory(dir=run.folder) as folder:
        yield Path(folder)


def _pick(results: dict[str, list[Any]], name: str) -> dict[str, list[float]]:
    return {system: [result[name] for result in some] for system, some in results.items()}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

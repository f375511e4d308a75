"""``python -m benchmarks cluster``: what PostgreSQL, several processes and Ray cost or bring.

Three parts, each a ratio measured in one run, as other work on the machine slows both sides alike:
questions over PostgreSQL against SQLite, by turns (``--library`` names a folder with ``data``, a
synced library, and ``texts``, its articles); answers a second of one to three answering processes
against one process over SQLite; a sync by two workers of Ray against one without. PostgreSQL is
started from the programs that are installed. All share the machine's processors.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from assistant import Assistant, Settings
from assistant.embedding import load_embedder
from assistant.evaluation.question_sets import read_questions
from assistant.store.generations import INDEX
from assistant.store.migration import migrate
from assistant.store.storage import generations_of
from assistant.support.processors import processors
from assistant.support.settings import BUNDLED_MODEL
from benchmarks import corpus
from benchmarks.report import ROOT, describe_machine
from tests.support import postgres
from tests.support.process import Served, served

CORPUS = ROOT / "corpus"
PARTS = ("questions", "processes", "ray")
SIDES = ("SQLite", "PostgreSQL")
WARM_UP = 10
PATIENCE_S = 60

Ways = dict[str, Callable[[Assistant, str], object]]
WAYS: Ways = {
    "search": lambda assistant, question: assistant.search(question),
    "ask": lambda assistant, question: assistant.ask(question),
}


def main(arguments: Sequence[str]) -> int:
    """Run the requested parts; print one JSON object."""
    options = _parser().parse_args(arguments)
    result: dict[str, Any] = {**describe_machine(), "processors": processors()}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        if "questions" in options.parts:
            result["questions"] = [
                _questions(library, Path(folder, library.name), options.questions)
                for library in options.library
            ]
        if "processes" in options.parts:
            result["processes"] = _processes(Path(folder), options.askers, options.seconds)
        if "ray" in options.parts:
            result["ray"] = _ray(Path(folder))
    print(json.dumps(result, indent=1))
    return 0


def _questions(library: Path, folder: Path, count: int) -> dict[str, Any]:
    """Milliseconds of the same questions from both databases, asked by turns."""
    source = Settings(data=library / "data")
    embedder = load_embedder(BUNDLED_MODEL, source.cache)
    questions = corpus.questions(library / "texts", count + WARM_UP)
    with postgres.running() as server:
        moved = Settings(data=folder, database_url=server.new_database())
        began = time.monotonic()
        rows = migrate(source, moved).rows
        result: dict[str, Any] = {"passages": rows["passages"],
                                  "migrated_s": round(time.monotonic() - began, 1)}  # fmt: skip
        # The index is made from the library and the same for both.
        shutil.copytree(source.data / INDEX, generations_of(moved).current() / INDEX)
        with (
            closing(Assistant(source, embedder)) as before,
            closing(Assistant(moved, embedder)) as after,
        ):
            for name, way in WAYS.items():
                result[name] = _by_turns(way, (before, after), questions)
    return result


def _by_turns(
    way: Callable[[Assistant, str], object], both: Sequence[Assistant], questions: Sequence[str]
) -> dict[str, Any]:
    draw, times = random.Random(1), np.empty((len(questions), len(both)))
    for row, question in enumerate(questions):
        for side in draw.sample(range(len(both)), len(both)):
            began = time.perf_counter()
            way(both[side], question)
            times[row, side] = 1000 * (time.perf_counter() - began)
    found = {}
    for cut in (50, 95):
        first, second = np.percentile(times[WARM_UP:], cut, axis=0)
        found[f"p{cut}_ms"] = {SIDES[0]: round(float(first), 1), SIDES[1]: round(float(second), 1),
                               "ratio": round(float(second / first), 2)}  # fmt: skip
    return found


def _processes(folder: Path, askers: int, seconds: float) -> dict[str, Any]:
    """Answers a second of one process over SQLite, and of one to three over PostgreSQL."""
    found: dict[str, Any] = {}
    with ExitStack() as opened:
        server = opened.enter_context(postgres.running())
        data, url = folder / "one", server.new_database()
        one = Settings(corpus=CORPUS, data=data)
        with closing(Assistant(one)) as assistant:
            assistant.sync()
        migrate(one, one.model_copy(update={"data": folder / "here", "database_url": url}))
        settings = {"public": "true", "rate": "0"}
        alone = opened.enter_context(served(CORPUS, data, **settings)).ready()
        found["SQLite, 1"] = _throughput([alone], askers, seconds)
        alone.process.terminate()
        alone.process.wait(PATIENCE_S)
        answering: list[Served] = []
        for number in range(1, 4):
            starting = served(CORPUS, folder / f"answer{number}", role="answer",
                              database_url=url, **settings)  # fmt: skip
            answering.append(opened.enter_context(starting).ready())
            found[f"PostgreSQL, {number}"] = _throughput(answering, askers, seconds)
    most = found["SQLite, 1"]["answers_a_second"]
    for one_of in found.values():
        one_of["ratio"] = round(one_of["answers_a_second"] / most, 2)
    return found


def _throughput(answering: Sequence[Served], askers: int, seconds: float) -> dict[str, Any]:
    """Answers a second to so many askers without pause, each of whom asks the next process."""
    questions = [one.question for one in read_questions(CORPUS / "questions.jsonl")]
    times: list[float] = []
    until = time.monotonic() + seconds

    def ask(number: int) -> None:
        draw = random.Random(number)
        with httpx.Client(timeout=PATIENCE_S) as web:
            for turn in range(number, sys.maxsize):
                began = time.monotonic()
                if began > until:
                    return
                url = answering[turn % len(answering)].url
                web.post(f"{url}/api/ask", json={"question": draw.choice(questions)}
                         ).raise_for_status()  # fmt: skip
                times.append(time.monotonic() - began)

    for one in answering:
        one.ask(questions[0])
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(askers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"answers_a_second": round(len(times) / seconds, 1),
            "p95_s": round(float(np.percentile(times, 95)), 2)}  # fmt: skip


def _ray(folder: Path) -> dict[str, Any]:
    """Seconds of a first sync, in the process and by two workers of Ray."""
    found: dict[str, Any] = {}
    for engine in ("local", "ray"):
        settings = Settings.model_validate(
            {"corpus": CORPUS, "data": folder / engine, "engine": engine, "jobs": 2}
        )
        with closing(Assistant(settings)) as assistant:
            report = assistant.sync()
        stages = {stage.value: round(after, 1) for stage, after in report.stages.items()}
        found[engine] = {"seconds": round(report.seconds, 1), "stages": stages}
    found["ratio"] = round(found["ray"]["seconds"] / found["local"]["seconds"], 2)
    # Without the time that Ray and the models in its workers take to start.
    after = [found[one]["seconds"] - found[one]["stages"]["reading"] for one in ("local", "ray")]
    found["ratio_once_started"] = round(after[1] / after[0], 2)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks cluster", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--library", nargs="*", type=Path, default=[], metavar="DIR")
    parser.add_argument("--questions", type=int, default=200, help="of each library (200)")
    parser.add_argument("--askers", type=int, default=12, help="at the same time (12)")
    parser.add_argument("--seconds", type=float, default=15, help="for each number of processes")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

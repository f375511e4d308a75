"""Runs one task of one system in its own process, to isolate memory and startup.

``python -m benchmarks.worker TASK`` with TASK as JSON; the last line of standard output is the
result as JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.systems import System

SYSTEMS = {
    "ours": "benchmarks.ours:Ours",
    "ours without sentence vectors": "benchmarks.ours:WithoutSentences",
    "LangChain": "benchmarks.rivals:LangChain",
    "Chroma MiniLM": "benchmarks.rivals:ChromaMiniLM",
    "LlamaIndex": "benchmarks.rivals:LlamaIndex",
}
WARM_UP = 5
"""Warm-up questions."""


def main(given: str) -> int:
    """Run the task and print its result."""
    task = json.loads(given)
    module, name = SYSTEMS[task["system"]].split(":")
    system = getattr(importlib.import_module(module), name)(
        Path(task["folder"]), Path(task["model"])
    )
    load_s = _seconds(system.load)
    result = TASKS[task["task"]](system, task)
    print(json.dumps({"load_s": load_s, **result, "peak_mb": peak_mb()}))
    return 0


def _ingest(system: System, task: Mapping[str, Any]) -> dict[str, Any]:
    started = time.perf_counter()
    counts = system.ingest(Path(task["corpus"]))
    complete_s = time.perf_counter() - started
    return {
        **counts,
        "ingest_s": complete_s - counts.get("after_s", 0),
        "complete_s": complete_s,
    }


def _fill(system: System, task: Mapping[str, Any]) -> dict[str, Any]:
    started = time.perf_counter()
    counts = system.fill(Path(task["corpus"]))
    return {**counts, "fill_s": time.perf_counter() - started}


def _ask(system: System, task: Mapping[str, Any]) -> dict[str, Any]:
    """Seconds to the first answer, and milliseconds of each after a warm-up."""
    questions = task["questions"]

    def begin() -> None:
        system.open()
        system.ask(questions[0])

    first_s = _seconds(begin)
    for question in questions[:WARM_UP]:
        system.ask(question)
    times = []
    for question in questions:
        started = time.perf_counter()
        if not system.ask(question):
            raise RuntimeError(f"{task['system']} finds nothing for {question!r}")
        times.append(1000 * (time.perf_counter() - started))
    return {"first_s": first_s, "ms": times, "resident_mb": resident_mb(os.getpid())}


def _found_first(system: Any, task: Mapping[str, Any]) -> dict[str, Any]:
    """Seconds until the questions find first what they find in the end; only ours has any before
    its end.
    """
    if not hasattr(system, "found_first"):
        return {"seconds": [_ingest(system, task)["ingest_s"]]}
    return {"seconds": system.found_first(Path(task["corpus"]), task["questions"])}


TASKS: dict[str, Callable[[System, Mapping[str, Any]], dict[str, Any]]] = {
    "ingest": _ingest,
    "fill": _fill,
    "ask": _ask,
    "found first": _found_first,
}


def _seconds(action: Callable[[], None]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def peak_mb() -> float:
    """Peak resident memory of this process, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():  # on Linux getrusage includes the parent process
        fields = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines())
        return int(fields["VmHWM"].split()[0]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1024)


def resident_mb(process: int) -> float:
    """The resident memory of ``process`` now, in MB."""
    command = ["ps", "-o", "rss=", "-p", str(process)]
    return int(subprocess.run(command, capture_output=True, check=True).stdout) / 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

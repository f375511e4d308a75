"""Measures speed, memory and disk against the rivals: a table and a JSON file.

The systems alternate, each time in a new process; results are medians over the rounds.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measures import ARTICLES, PARTS, Run, scratch
from benchmarks.report import describe_machine, table
from benchmarks.worker import SYSTEMS

RESULTS = Path(__file__).parent / "results"


def main(arguments: Sequence[str]) -> int:
    """Run the requested parts, print the table, write the JSON file."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=options.folder) as folder:
        run = Run(
            Path(folder), options.cache or Path(folder, "cache"), options.rivals_python,
            tuple(options.systems), options.size, options.rounds, tuple(options.passages),
            options.articles, _questions(), options.filled,
        )  # fmt: skip
        _prepare(run)
        began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        rows = [row for part in options.only for row in PARTS[part](run)]
    machine = describe_machine(options.rivals_python)
    print(table(rows))
    result = {
        "began": began, **machine, "size": run.size, "rounds": run.rounds,
        "rows": [row.to_json() for row in rows], "raw": run.raw,
    }  # fmt: skip
    options.results.mkdir(parents=True, exist_ok=True)
    file = options.results / f"speed-{machine['commit']}.json"
    file.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stderr.write(f"written to {file}\n")
    return 0


def _prepare(run: Run) -> None:
    """Prepare both forms of the model and our caches, once."""
    from assistant.embedding.bundled_export import export_model

    with scratch(run) as folder:
        run.work("ours", "ingest", folder, ARTICLES)
        run.work("ours", "ask", folder)
    if any(not system.startswith("ours") for system in run.systems):
        export_model(run.exported)


def _questions() -> tuple[str, ...]:
    lines = (ARTICLES / "questions.jsonl").read_text("utf-8").splitlines()
    return tuple(json.loads(line)["question"] for line in lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks speed",
        description=__doc__,
        epilog="The rivals need an environment of their own: python3 -m venv RIVALS && "
        "RIVALS/bin/pip install -r benchmarks/requirements.txt, then --rivals-python "
        "RIVALS/bin/python. Without it, --systems ours measures ours alone.",
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="the parts")
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--rounds", type=int, default=3, help="turns of each system (3)")
    parser.add_argument("--size", type=int, default=300_000, help="characters to index (300000)")
    parser.add_argument(
        "--passages", nargs="+", type=int, default=[1_000, 10_000, 100_000],
        help="sizes of the libraries that are asked (1000 10000 100000)",
    )  # fmt: skip
    parser.add_argument(
        "--articles", type=int, default=10_000,
        help="articles of a second sync and of the library that is served (10000)",
    )  # fmt: skip
    parser.add_argument("--rivals-python", type=Path, default=Path(sys.executable), metavar="FILE")
    parser.add_argument("--cache", type=Path, help="where our prepared model is or shall be kept")
    parser.add_argument("--folder", type=Path, help="where to work: up to 5 GB, emptied at the end")
    parser.add_argument(
        "--filled", type=Path,
        help="where the libraries that are asked are kept, and used again by another run",
    )  # fmt: skip
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the JSON file goes")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

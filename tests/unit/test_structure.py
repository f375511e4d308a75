"""The shape of the project: imports point one way, and every dependency is bounded."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests.support.repository import ROOT

PACKAGE = ROOT / "assistant"
MODULES = sorted(PACKAGE.rglob("*.py"))

HOMES = {
    "chromadb": {"store/index.py"},
    "gradio": {"web"},
    "fastapi": {"web"},
    "mcp": {"web/api/mcp_server.py"},
    "langchain": {"answer/write/chat_model.py"},
    "langchain_core": {"search/langchain.py", "answer/write/model_stream.py"},
    "langsmith": {"answer/write/model_stream.py"},
    "sqlite3": {"store"},
    "onnxruntime": {"embedding/onnx_model.py"},
    "onnx": {"embedding/onnx_graph.py"},
    "torch": {"embedding/sentence_transformer.py", "embedding/bundled_export.py"},
    "sentence_transformers": {
        "embedding/sentence_transformer.py",
        "embedding/bundled_export.py",
        "search/rerank.py",
    },
    "trafilatura": {"ingest/readers"},
    "httpx2": {"ingest/web"},
    "httpcore2": {"ingest/web"},
    "protego": {"ingest/web/robots.py"},
    "feedparser": {"ingest/web/feeds.py", "ingest/readers/feeds.py"},
    "watchfiles": {"ingest/watcher.py"},
}
"""Where a framework may be imported: in one place each, so that it can be changed there."""


@cache
def imports(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("framework", HOMES)
def test_a_framework_is_imported_in_its_place_only(framework):
    for module in MODULES:
        if any(name.split(".")[0] == framework for name in imports(module)):
            place = module.relative_to(PACKAGE)
            homes = {str(place), *map(str, place.parents)}
            assert homes & HOMES[framework], f"{framework} is imported in {place}"


def test_imports_point_one_way():
    """Each stage may know those before it, never those after it."""
    order = [
        "errors", "articles", "answers", "readers", "fetching", "sentences", "passages",
        "embedding", "storage", "ingest", "watching", "sync", "corpus", "background", "retrieval",
        "follow_ups", "answering",
        "verification", "writing", "asking", "assistant", "cli",
    ]  # fmt: skip
    for place, stage in enumerate(order):
        module = PACKAGE / f"{stage}.py"
        files = [module] if module.exists() else sorted((PACKAGE / stage).glob("*.py"))
        later = tuple(f"assistant.{name}" for name in order[place + 1 :])
        for file in files:
            for name in imports(file):
                assert not name.startswith(later), f"{file.name} imports {name}, a later stage"


def test_every_dependency_is_bounded_and_pinned_in_the_constraints():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if "==" in line
    }
    extras = project["optional-dependencies"].values()
    for requirement in [*project["dependencies"], *(r for extra in extras for r in extra)]:
        name = re.match(r"[A-Za-z0-9_.-]+", requirement)[0]
        assert "<" in requirement or "==" in requirement, f"{requirement} has no upper bound"
        assert name.lower().replace("_", "-") in pinned, f"{name} is missing in constraints.txt"


def test_every_file_of_the_package_is_installed_with_it():
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    installed = {
        path for pattern in setup["package-data"]["assistant"] for path in PACKAGE.glob(pattern)
    }
    for path in PACKAGE.rglob("*"):
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            assert path in installed, path

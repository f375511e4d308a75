"""The shape of the project: imports point one way, and the README tells the truth."""

import ast
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from assistant.cli import _parser
from assistant.support.settings import Settings
from tests.support.repository import ROOT

PACKAGE = ROOT / "assistant"
README = (ROOT / "README.md").read_text("utf-8")
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


def test_every_module_of_the_package_is_in_the_readme():
    for module in MODULES:
        place = module.relative_to(PACKAGE)
        named = f"`{place}`" in README or f"`{place.parent}/`" in README
        assert named or place.name in ("__init__.py", "__main__.py"), f"{place} is missing"


def test_every_setting_is_in_the_readme_and_none_other():
    settings = {f"ASSISTANT_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"ASSISTANT_[A-Z_]+[A-Z]", README)) == settings


def test_every_command_in_the_readme_is_understood():
    commands = re.findall(r"^(?:\.venv/bin/)?assistant ((?!=).+)$", README, re.MULTILINE)
    commands += re.findall(r"`assistant ([a-z]+ [^`]*|sync)`", README)
    assert len(commands) >= 6
    for command in commands:
        # A table names an option without a value to say that it is there.
        words = [w for w in shlex.split(command) if w not in ("--host", "--port")]
        _parser().parse_args(words)


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

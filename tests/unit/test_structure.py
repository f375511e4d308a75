"""The shape of the project: imports point one way, and every dependency is bounded."""

import ast
import re
import tomllib
from collections import defaultdict
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support.repository import ROOT

PACKAGE = ROOT / "assistant"
MODULES = sorted(PACKAGE.rglob("*.py"))

HOMES = {
    "chromadb": {"store/index.py", "store/index_server.py"},
    "gradio": {"web"},
    "fastapi": {"web"},
    "mcp": {"web/api/mcp_server.py"},
    "langchain": {"answer/write/chat_model.py"},
    "langchain_core": {"search/langchain.py", "answer/write/model_stream.py"},
    "langsmith": {"answer/write/model_stream.py"},
    "sqlite3": {"store"},
    "psycopg": {
        f"store/postgres{part}.py"
        for part in ("", "_connection", "_schema", "_shared", "_generations")
    },
    "psycopg_pool": {"store/postgres.py"},
    "onnxruntime": {"embedding/onnx_model.py"},
    "onnx": {"embedding/onnx_graph.py"},
    "torch": {"embedding/sentence_transformer.py", "embedding/bundled_export.py"},
    "sentence_transformers": {
        "embedding/sentence_transformer.py",
        "embedding/bundled_export.py",
        "search/rerank.py",
        "answer/verify/nli.py",
    },
    "trafilatura": {"ingest/readers"},
    "httpx2": {"ingest/web", "answer/write/model_server.py"},
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


ORDER = (
    "support", "models", "language", "access", "embedding", "store", "ingest", "search", "answer",
    "assistant", "evaluation", "web", "cli",
)  # fmt: skip
"""The rooms of the package from the bottom up: each may know those before it."""


@cache
def imported(module: Path) -> set[Path]:
    """The files of the package that ``module`` imports, at any place in it, for types alone too."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [(name.name, "") for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports relative to itself"
            names = [(node.module, name.name) for name in node.names]
        else:
            continue
        for whole, part in names:
            if whole.split(".")[0] == PACKAGE.name:
                found.add(file_of(f"{whole}.{part}") or file_of(whole) or module)
    return found - {module}


def file_of(name: str) -> Path | None:
    """The file that holds the module of this name, if there is such a module."""
    place = ROOT.joinpath(*name.split("."))
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((file for file in files if file in MODULES), None)


def room(module: Path) -> str:
    """The folder at the top of the package, or the file, that ``module`` is."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_the_rooms_are_few_and_all_have_a_place_in_the_order():
    entries = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    assert len(entries) <= 16
    assert {room(module) for module in MODULES} == {*ORDER, "__init__", "__main__"}


def test_imports_point_down_the_order():
    climbing = [
        f"{module.relative_to(PACKAGE)} imports {other.relative_to(PACKAGE)}"
        for module in MODULES
        if room(module) in ORDER
        for other in sorted(imported(module))
        if room(other) not in ORDER[: ORDER.index(room(module)) + 1]
    ]
    assert climbing == []


def test_no_imports_form_a_circle():
    TopologicalSorter({module: imported(module) for module in MODULES}).prepare()


def test_no_two_classes_have_the_same_name():
    homes = defaultdict(list)
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(str(module.relative_to(PACKAGE)))
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}


def test_no_test_file_imports_another():
    borrowing = re.compile(r"^\s*(?:from|import) tests\.(?!support\b)", re.MULTILINE)
    files = (ROOT / "tests").rglob("*.py")
    assert [path for path in files if borrowing.search(path.read_text("utf-8"))] == []


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


DECIDE = ("answer/judge", "answer/quote", "answer/talk", "answer/verify", "search")
"""The folders whose numbers decide about answers, besides those of ``answer`` itself."""

CACHES = {"_KEPT", "_REMEMBERED"}
MOST_NUMBERS = 91
"""Hand-set numbers that decide about answers. It goes down with each that is learnt or needless."""


def test_fewer_and_fewer_numbers_are_set_by_hand():
    files = [*(PACKAGE / "answer").glob("[aq]*.py")]
    files += [file for folder in DECIDE for file in (PACKAGE / folder).glob("*.py")]
    files.remove(PACKAGE / "search" / "gaps.py")
    numbers = [
        target.id
        for file in files
        for line in ast.parse(file.read_text("utf-8")).body
        if isinstance(line, ast.Assign) and is_number(line.value)
        for target in line.targets
        if isinstance(target, ast.Name) and target.id not in CACHES
    ]
    assert len(numbers) <= MOST_NUMBERS, numbers


def is_number(value: ast.expr) -> bool:
    value = value.operand if isinstance(value, ast.UnaryOp) else value
    return isinstance(value, ast.Constant) and type(value.value) in (int, float)


def test_every_file_of_the_package_is_installed_with_it():
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    installed = {
        path for pattern in setup["package-data"]["assistant"] for path in PACKAGE.glob(pattern)
    }
    for path in PACKAGE.rglob("*"):
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            assert path in installed, path

"""The guides tell the truth: settings, commands, links, and the map of the code."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from assistant.cli import _parser
from assistant.ingest.readers.formats import PICTURES, SUFFIXES
from assistant.support.settings import Settings
from tests.support.repository import EXAMPLES, GUIDES, PAGES, ROOT

PACKAGE = ROOT / "assistant"
FORMATS = ROOT / "docs" / "articles.md"
MAP = (ROOT / "docs" / "architecture.md").read_text("utf-8")
SETTINGS = {f"ASSISTANT_{name.upper()}" for name in Settings.model_fields}
(COMMANDS,) = [a.choices for a in _parser()._actions if isinstance(a.choices, dict)]

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def anchors(page: Path) -> set[str]:
    """What links to a heading of the page end with, as forges make them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(text: str) -> list[str]:
    """The commands of the program in blocks, in tables and in sentences."""
    found = re.findall(r"^(?:\S*/)?assistant ([a-z].*)$", text, re.MULTILINE)
    return found + re.findall(r"`assistant ([a-z]+(?: [^`]*)?)`", text)


def test_the_front_page_is_short_shows_an_answer_and_leads_to_every_guide():
    text = (ROOT / "README.md").read_text("utf-8")
    assert text.count("\n") <= 200
    (picture,) = re.findall(r"!\[[^]]{20,}\]\((.+?)\)", text)
    assert 20_000 < (ROOT / picture).stat().st_size < 200_000
    linked = set(re.findall(r"\]\(docs/([\w-]+\.md)", text))
    assert linked == {guide.name for guide in GUIDES}


def test_every_setting_is_described_once():
    rows = re.findall(
        r"^\| `(ASSISTANT_\w+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.M
    )
    assert sorted(rows) == sorted(SETTINGS)
    for page in PAGES:
        if page.name != "settings.md":
            assert not re.search(r"^\| `ASSISTANT_", page.read_text("utf-8"), re.M), page.name


@every_page
def test_every_setting_that_is_named_exists(page):
    named = re.findall(r"ASSISTANT_[A-Z_]+[A-Z]", page.read_text("utf-8"))
    assert set(named) <= SETTINGS


@every_page
def test_every_command_is_understood(page):
    for command in commands(page.read_text("utf-8")):
        words = shlex.split(command, comments=True)
        if words in ([name] for name in COMMANDS):
            continue
        # A table names an option without a value to say that it is there.
        _parser().parse_args([word for word in words if word not in ("--host", "--port")])


def test_the_guides_name_every_command():
    told = "\n".join(page.read_text("utf-8") for page in PAGES)
    assert {command.split()[0] for command in commands(told)} == set(COMMANDS)


@every_page
def test_every_link_leads_to_a_page_and_a_heading_that_exist(page):
    text = page.read_text("utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith("https:"):
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@every_page
def test_every_file_of_the_repository_that_is_named_exists(page):
    top = "assistant|benchmarks|corpus|deploy|docs|examples|tests"
    for name in re.findall(rf"`((?:{top})/[\w./-]*)", page.read_text("utf-8")):
        made_by_its_reader = re.search(r"NAME|CODE|\.env$", name)
        assert made_by_its_reader or (ROOT / name).exists(), name


def test_every_module_has_its_place_on_the_map():
    for module in sorted(PACKAGE.rglob("*.py")):
        place = module.relative_to(PACKAGE)
        rooms = [f"`{folder}/`" for folder in list(place.parents)[:-1]]
        named = f"`{place}`" in MAP or any(room in MAP for room in rooms)
        assert named or place.name in ("__init__.py", "__main__.py"), f"{place} is missing"


def test_every_file_on_the_map_exists():
    rooms = {path.name for path in PACKAGE.iterdir()}
    named = set(re.findall(r"\b(?:\w+/)*\w+\.(?:py|js|json|txt|yaml)\b|\b(?:\w+/)+", MAP))
    for name in sorted(named):
        if name.split("/")[0] in rooms:
            assert (PACKAGE / name).exists(), name
    for row in re.findall(r"^\| `.+$", MAP, re.MULTILINE):
        (first, *_), names = re.findall(r"`([\w/.]+)`", row), re.findall(r"`(\w+\.py)`", row)
        for name in names:
            assert (PACKAGE / first / name).exists() or (PACKAGE / name).exists(), name


def test_every_format_is_listed_and_none_other():
    table = re.findall(r"^\| [\w, ]+ \| (`\..+?) \|", FORMATS.read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"`(\.\w+)`", " ".join(table))) == SUFFIXES | PICTURES


def test_every_example_is_listed_and_tried():
    files = {path.name for path in EXAMPLES.iterdir() if path.suffix in (".py", ".html")}
    listed = (EXAMPLES / "README.md").read_text("utf-8")
    assert set(re.findall(r"\]\(([\w.]+)\)", listed)) == files
    tests = [ROOT / "tests/process/test_doc_examples.py", ROOT / "tests/browser/test_examples.py"]
    tried = "\n".join(path.read_text("utf-8") for path in tests)
    assert all(name.removesuffix(".py") in tried for name in files)


def test_the_workflow_runs_what_runs_by_hand():
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    assert ".ci/run" in workflow
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100

"""The repository under test, and programs that a test may need."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TESTS = ROOT / "tests"
CORPUS = ROOT / "corpus"
EXAMPLES = ROOT / "examples"
GUIDES = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")] + GUIDES
"""Every page that a reader of the repository is sent to."""

DEFAULT_ADDRESS = "http://127.0.0.1:7860"
"""Where the examples in them expect the running chat."""


def program(name: str, folders: str | None = None) -> str:
    """The path of an optional program, looked for in ``folders`` if given. Without it a test is
    skipped, but fails where CI is set.
    """
    path = shutil.which(name, path=folders)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{name} is not installed")
    return path

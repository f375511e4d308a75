"""What takes long to make is made once for all the processes that a run of the tests has."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def copy_of(
    name: str, make: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A copy, to be used as its own, of the folder that ``make`` fills; the first to need the
    folder makes it, the others wait.
    """
    of_the_run = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        of_the_run = of_the_run.parent
    made = of_the_run / "shared" / name
    made.parent.mkdir(exist_ok=True)
    with FileLock(made.with_name(f"{name}.lock")):
        if not made.exists():
            unfinished = made.with_name(f"{name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)  # left by one that failed
            make(unfinished)
            unfinished.rename(made)
    copy: Path = tmp_path_factory.mktemp(name) / "data"
    return Path(shutil.copytree(made, copy))

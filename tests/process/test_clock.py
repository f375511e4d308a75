"""What docs/deploy.md says of a clock that jumps, tried on a real process whose clock we move."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.support.access import PASSWORD, Known, known
from tests.support.process import PATIENCE_S, Served, served, until

A_YEAR = 365 * 24 * 3600
QUESTION = {"question": "When was the lighthouse of Cordouan finished?"}

# Python imports this by itself when it starts.
MOVED = """
import os, time

then, split, here = time.time, time.gmtime, time.localtime

def moved():
    with open(os.environ["CLOCK_MOVED_BY"]) as file:
        return float(file.read())

time.time = lambda: then() + moved()
time.time_ns = lambda: int(1e9 * time.time())
time.gmtime = lambda seconds=None: split(time.time() if seconds is None else seconds)
time.localtime = lambda seconds=None: here(time.time() if seconds is None else seconds)
"""

Move = Callable[[float], None]


@pytest.fixture
def clock(tmp_path: Path) -> tuple[tuple[str, ...], Move]:
    """What to begin a process with, and what moves its clock by so many seconds, running or not."""
    folder, by = tmp_path / "clock", tmp_path / "moved_by"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(MOVED)

    def move(seconds: float) -> None:
        beside = by.with_suffix(".new")
        beside.write_text(str(seconds))
        beside.replace(by)

    move(0)
    paths = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    return ("env", f"PYTHONPATH={paths}", f"CLOCK_MOVED_BY={by}"), move


def answers(app: Served, accounts: Known) -> bool:
    response = httpx.post(
        f"{app.url}/api/ask", json=QUESTION, headers={"Authorization": f"Bearer {accounts.ask}"},
        timeout=PATIENCE_S,
    )  # fmt: skip
    assert response.status_code == 200, response.text
    return any("1611" in cited["quote"] for cited in response.json()["citations"])


def articles(app: Served, accounts: Known) -> int:
    headers = {"Authorization": f"Bearer {accounts.ask}"}
    return httpx.get(f"{app.url}/api/status", headers=headers, timeout=PATIENCE_S).json()[
        "articles"
    ]


def test_a_clock_that_jumps_ends_sessions_and_nothing_else(corpus, tmp_path, clock):
    begun, move = clock
    accounts = known(tmp_path / "users.json")
    with (
        served(corpus, tmp_path / "data", *begun, users=str(accounts.file.name), rate="60") as app,
        httpx.Client(base_url=app.url, timeout=PATIENCE_S) as web,
    ):
        app.ready()

        def sign_in() -> None:
            form = {"name": "anna", "password": PASSWORD, "next": "/"}
            assert web.post("/login", data=form).status_code == 303

        sign_in()
        for number, years in enumerate((10, -30, 0)):
            assert web.post("/api/ask", json=QUESTION).status_code == 200
            move(years * A_YEAR)
            assert web.post("/api/ask", json=QUESTION).status_code == 401
            sign_in()
            assert answers(app, accounts)
            (corpus / f"{number}.txt").write_text(f"The mill number {number} grinds rye.")
            until(lambda held=4 + number: articles(app, accounts) == held)
        assert "Traceback" not in app.log


def test_it_starts_with_a_clock_that_was_set_back(corpus, tmp_path, clock):
    begun, move = clock
    accounts = known(tmp_path / "users.json")
    for years, held in ((0, 3), (-50, 4)):
        move(years * A_YEAR)
        with served(corpus, tmp_path / "data", *begun, users=str(accounts.file.name)) as app:
            app.ready()
            assert answers(app, accounts)
            until(lambda held=held: articles(app, accounts) == held)
            assert "Traceback" not in app.log
        (corpus / "mill.txt").write_text("The old mill grinds rye.")

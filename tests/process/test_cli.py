"""The command line as a process of its own: stopped, watching, asking for a password."""

from __future__ import annotations

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from assistant.access.accounts_file import AccountsFile
from assistant.cli import ONE_THREAD
from tests.support.access import PASSWORD


@pytest.fixture
def long_corpus(tmp_path):
    folder = tmp_path / "long"
    folder.mkdir()
    for n in range(80):
        (folder / f"{n:02}.txt").write_text(
            f"Station {n}\nStation {n} was built in {1800 + n} by {n + 3} families. "
            f"Its hall holds {n * 7 + 40} people, and a clock that the mayor of town {n} gave."
        )
    return folder


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_stopped_sync_keeps_what_it_has_and_the_next_goes_on(long_corpus, tmp_path, number):
    data = tmp_path / "data"
    command = [
        sys.executable, "-m", "assistant", "sync", "--json", "--jobs", "1",
        "--corpus", str(long_corpus), "--data", str(data),
    ]  # fmt: skip
    environment = os.environ | {"ASSISTANT_LOG_LEVEL": "WARNING"}
    stopped = subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_for_passages(data / "library.sqlite3", stopped)
    stopped.send_signal(number)
    out, err = stopped.communicate(timeout=60)
    assert (stopped.returncode, out) == (128 + number, "")
    assert err == "stopped: the next sync continues from there\n"
    kept = passages(data / "library.sqlite3")
    assert kept > 0
    done = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["unchanged"] == kept
    assert report["added"] == report["articles"] - kept == 80 - kept
    assert done.stderr == ""


def test_ctrl_c_before_the_command_has_begun_shows_no_traceback(tmp_path):
    early = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "assistant", "sync", "--corpus", str(tmp_path)],
        env=os.environ,
        text=True,
        stderr=subprocess.PIPE,
    )
    for line in early.stderr:
        if "pydantic" in line:  # the command line is being imported
            early.send_signal(signal.SIGINT)
            break
    _, rest = early.communicate(timeout=60)
    assert early.returncode in (-signal.SIGINT, 128 + signal.SIGINT)
    assert "Traceback" not in rest


def passages(library):
    with closing(sqlite3.connect(library)) as connection:
        return connection.execute("SELECT count(*) FROM passages").fetchone()[0]


def wait_for_passages(library, process):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if library.exists() and passages(library):
                return
        except sqlite3.OperationalError:
            pass  # not made yet, or being made
        time.sleep(0.01)
    process.kill()
    pytest.fail(f"no passage was written: {process.communicate()}")


def test_the_command_line_multiplies_in_one_thread() -> None:
    code = (
        "from contextlib import suppress\nfrom assistant.cli import main\n"
        "with suppress(SystemExit):\n    main(['--version'])\n"
        "import numpy, threadpoolctl\n"
        "found = threadpoolctl.threadpool_info()\n"
        "assert {one['num_threads'] for one in found if one['user_api'] == 'blas'} <= {1}, found\n"
    )
    environment = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


@pytest.mark.parametrize("again", [PASSWORD, "something else"])
def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown(
    tmp_path: Path, again: str
) -> None:
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "assistant", "user", "add", "anna", "--data", str(tmp_path)]
    process = subprocess.Popen(
        command, stdin=follower, stdout=follower, stderr=follower, start_new_session=True
    )
    os.close(follower)
    shown = b""
    for prompt, typed in ((b"Password of anna: ", PASSWORD), (b"The same again: ", again)):
        while prompt not in shown:
            shown += os.read(leader, 1000)
        os.write(leader, f"{typed}\n".encode())
    status = process.wait(60)
    os.close(leader)
    assert PASSWORD.encode() not in shown
    assert status == (0 if again == PASSWORD else 1)
    assert bool(AccountsFile(tmp_path / "users.json").read()) is (again == PASSWORD)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_watch_tells_of_each_change_and_ends_when_it_is_stopped(corpus, tmp_path, number):
    watching = subprocess.Popen(
        [
            sys.executable, "-m", "assistant", "sync", "--watch", "--json",
            "--corpus", str(corpus), "--data", str(tmp_path / "data"),
        ],
        env=os.environ | {"ASSISTANT_LOG_LEVEL": "WARNING"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert json.loads(watching.stdout.readline())["added"] == 3
    (corpus / "mill.txt").write_text("The old mill stands by the river, and its wheel turns.")
    assert json.loads(watching.stdout.readline())["added"] == 1
    (corpus / ".mill.txt.swp").write_text("x")
    away = corpus.rename(tmp_path / "away")
    assert "is missing" in watching.stderr.readline()
    away.rename(corpus)
    (corpus / "mill.txt").unlink()
    report = json.loads(watching.stdout.readline())
    assert (report["removed"], report["articles"]) == (1, 3)
    watching.send_signal(number)
    out, err = watching.communicate(timeout=20)
    assert (watching.returncode, out) == (128 + number, "")
    assert err == "stopped: the next sync continues from there\n"

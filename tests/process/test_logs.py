"""The log of a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.repository import ROOT

CODE = """
import logging, sys, warnings
from assistant.support import logs
logs.configure(sys.argv[1], sys.argv[2])
ours, theirs = logging.getLogger("assistant.x"), logging.getLogger("some.library")
ours.debug("our debug")
theirs.info("their info with a secret")
token = logs.REQUEST.set("r-1")
ours.info("done %s", "well", extra={"fields": {"ms": 1.5, "name": "\u2028 a \\n b"}})
logs.REQUEST.reset(token)
try:
    1 / 0
except ZeroDivisionError:
    ours.exception("failed")
theirs.warning("their warning")
warnings.warn("careful")
"""


def test_progress_of_a_sync_names_files_on_one_line(tmp_path: Path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a\nERROR forged \x1b[31m.pdf").write_bytes(b"%PDF-1.4 broken")
    (corpus / "\nb\x1b[31m.xyz\nERROR forged").write_bytes(b"?")
    (corpus / "good.txt").write_text("The lighthouse was finished in 1611. It stands.")
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "sync", "--corpus", corpus, "--data", tmp_path / "d"],
        capture_output=True, timeout=120, cwd=ROOT,
    )  # fmt: skip
    assert b"\x1b" not in done.stdout + done.stderr
    assert not [one for one in done.stderr.splitlines() if one.startswith(b"ERROR forged")]
    assert b"forged" in done.stdout + done.stderr


def test_what_nobody_caught_is_logged_like_the_rest():
    code = (
        "import logging, threading; from assistant.support import logs\n"
        "logs.configure('INFO', 'text')\n"
        "logs.catch_the_rest()\n"
        "def fail(): raise ValueError('\\nERROR forged password=hunter2hunter')\n"
        "t = threading.Thread(target=fail); t.start(); t.join(); fail()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.count("CRITICAL Not foreseen") == 2
    assert "\nERROR" not in done.stderr
    assert "hunter2hunter" not in done.stderr


def logged(level, style):
    done = subprocess.run(
        [sys.executable, "-c", CODE, level, style],
        env=os.environ, capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert done.stdout == ""
    return done.stderr


def test_json_is_one_object_a_line_with_the_request_and_the_fields():
    lines = [json.loads(line) for line in logged("INFO", "json").splitlines()]
    done, failed, theirs, warned = lines
    assert done["message"] == "done well"
    assert (done["request"], done["ms"], done["level"]) == ("r-1", 1.5, "INFO")
    assert done["name"] == "\u2028 a \n b"
    assert done["time"].endswith("+00:00")
    assert "request" not in failed
    assert "ZeroDivisionError" in failed["error"]
    assert theirs["logger"] == "some.library"
    assert "careful" in warned["message"]


def test_text_is_for_people():
    told = logged("INFO", "text")
    assert told.startswith("INFO [r-1] done well\nERROR failed\n  Traceback")
    assert "WARNING their warning" in told


@pytest.mark.parametrize("style", ["text", "json"])
def test_of_libraries_nothing_below_a_warning_is_told_whatever_the_level(style):
    told = logged("DEBUG", style)
    assert "our debug" in told
    assert "secret" not in told
    assert "done" not in logged("WARNING", style)


def test_a_log_that_a_program_has_set_up_stays_as_it_is():
    code = (
        "import logging\nfrom assistant.support import logs\n"
        "logging.basicConfig(level=logging.INFO, format='mine %(message)s')\n"
        "logs.configure('ERROR', 'json')\nlogging.getLogger('assistant.x').info('hello')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=True
    )
    assert done.stderr == "mine hello\n"

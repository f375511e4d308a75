"""Secrets in what commands tell, on whatever stream."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.repository import ROOT

CANARY = "kAnArY7bird0"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("serve", "--help"),
        ("doctor",),
        ("doctor", "--json"),
        ("ask", "why do tensions rise?", "--json"),
        ("serve", "--port", f"sk-{CANARY}"),
        ("search", "why?", "--top", f"https://ada:{CANARY}@host"),
    ],
    ids=lambda arguments: " ".join(arguments).replace(CANARY, "canary"),
)
def test_commands_tell_none(arguments: tuple[str, ...], tmp_path: Path, corpus: Path) -> None:
    outside = os.environ | {
        "OPENAI_API_KEY": CANARY,
        "ASSISTANT_CORPUS": str(corpus),
        "ASSISTANT_DATA": str(tmp_path / "data"),
        "ASSISTANT_LLM": "qwen",
        "ASSISTANT_LLM_BASE_URL": f"http://ada:{CANARY}@127.0.0.1:1/v1?key={CANARY}",
        "ASSISTANT_LOG_LEVEL": "DEBUG",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "assistant", *arguments],
        env=outside, capture_output=True, text=True, timeout=120, cwd=tmp_path,
    )  # fmt: skip
    assert CANARY not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr

"""Startup time of ``python app.py``, compared with an empty Gradio app mounted the same way."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from assistant import Assistant, Settings
from benchmarks.worker import resident_mb

ROOT = Path(__file__).parent.parent
PATIENCE_S = 120
_BETWEEN_LOOKS_S = 0.02

_EMPTY = """
import sys, gradio, uvicorn
from fastapi import FastAPI
app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
with gradio.Blocks(analytics_enabled=False) as blocks:
    pass
gradio.mount_gradio_app(app, blocks, path="/", ssr_mode=False, enable_monitoring=False)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""


def find_chromium(parser: argparse.ArgumentParser) -> str:
    """The path of Chromium; ends the program if it is not installed."""
    found = shutil.which("chromium")
    if found is None:
        parser.error("Chromium is not installed; on Debian: apt-get install chromium")
    return found


def empty_page() -> dict[str, float]:
    """Seconds from process start to page for an empty Gradio app."""
    with served([sys.executable, "-c", _EMPTY, "{port}"], {}) as (process, address, started):
        wait_for_page(process, address)
        return {"page_s": time.monotonic() - started}


def chat(corpus: Path, library: Path, cache: Path, questions: list[str]) -> dict[str, float]:
    """Seconds to the chat's page, and from there to the first answer.

    ``library`` holds ``corpus`` already. ``resident_mb`` is measured after all ``questions``.
    """
    command = [sys.executable, str(ROOT / "app.py"), "--port", "{port}"]
    command += ["--corpus", str(corpus), "--data", str(library)]
    settings = {"ASSISTANT_CACHE": str(cache), "ASSISTANT_LOG_LEVEL": "WARNING"}
    with served(command, settings) as (process, address, started):
        wait_for_page(process, address)
        page_s = time.monotonic() - started
        _ask(address, questions[0])
        first_s = time.monotonic() - started - page_s
        for question in questions[1:]:
            _ask(address, question)
        return {
            "page_s": page_s,
            "first_answer_s": first_s,
            "resident_mb": resident_mb(process.pid),
        }


@contextmanager
def own_corpus(data: Path, settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[str]:
    """The address of an assistant over the repository's corpus, synced into ``data`` beforehand, so
    that the start finds nothing to do.
    """
    corpus = ROOT / "corpus"
    assistant = Assistant(Settings(corpus=corpus, data=data))
    assistant.sync()
    assistant.close()
    command = [sys.executable, str(ROOT / "app.py"), "--port", "{port}"]
    command += ["--corpus", str(corpus), "--data", str(data)]
    quiet = {"ASSISTANT_LOG_LEVEL": "WARNING"}
    with served(command, {**quiet, **settings}) as (process, address, _):
        wait_for_page(process, address)
        yield address


@contextmanager
def served(
    command: list[str], settings: Mapping[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], str, float]]:
    """A server process on a free port, its address, and its start time."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, **settings, "GRADIO_ANALYTICS_ENABLED": "False"}
    started = time.monotonic()
    process = subprocess.Popen(
        [word.format(port=port) for word in command], env=environment, cwd=ROOT
    )
    try:
        yield process, f"http://127.0.0.1:{port}", started
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def wait_for_page(process: subprocess.Popen[bytes], address: str) -> None:
    """Wait until the page loads. Raises ``RuntimeError`` if the server exits instead."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE_S) as page:
                page.read()
            return
        except urllib.error.URLError:
            time.sleep(_BETWEEN_LOOKS_S)
    raise RuntimeError(f"No page came from {process.args!r}.")


def _ask(address: str, question: str) -> Any:
    """The final answer, through the chat's own API."""
    call = urllib.request.Request(
        f"{address}/gradio_api/call/ask",
        json.dumps({"data": [question, None, "", "", "", ""]}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(call, timeout=PATIENCE_S) as reply:
        event = json.load(reply)["event_id"]
    url = f"{address}/gradio_api/call/ask/{event}"
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as stream:
        text = stream.read().decode()
    if "event: complete" not in text:
        raise RuntimeError(f"{question!r} was not answered: {text[-500:]}")
    return text

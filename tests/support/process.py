"""The assistant as a process of its own, over a small corpus, to be stopped, killed and starved."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.chat_server import ChatServer
from tests.support.repository import ROOT

PATIENCE_S = 300
QUESTION = "When was the lighthouse of Cordouan finished?"


def written(request: dict[str, Any]) -> str:
    """What a good model writes: the sentence that answers, cited."""
    prompt = "\n".join(message["content"] for message in request["messages"])
    number = re.search(r"\[S(\d+)\] It was finished in 1611", prompt)[1]
    return f"It was finished in 1611. [{number}] Its keepers left in 2012. [{int(number) + 1}]"


def writes_with(model: ChatServer) -> dict[str, str]:
    """The settings for a chat model that may take its time."""
    return {
        "llm": "m",
        "llm_base_url": model.url,
        "llm_timeout": str(PATIENCE_S),
        "llm_first_timeout": str(PATIENCE_S),
    }


@dataclass
class Served:
    """A running ``assistant serve``: its process, address, and the file with its log."""

    process: subprocess.Popen[bytes]
    url: str
    log_file: Path

    @property
    def log(self) -> str:
        return self.log_file.read_text("utf-8", "replace")

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, timeout=PATIENCE_S)

    def ask(self, question: str) -> httpx.Response:
        return httpx.post(self.url + "/api/ask", json={"question": question}, timeout=PATIENCE_S)

    def ready(self) -> Served:
        """Itself, once questions can be answered."""
        until(lambda: self.get("/readyz").status_code == 200)
        return self


def until(condition: Callable[[], bool], patience: float = PATIENCE_S) -> None:
    """Wait for something to come to pass; what cannot be reached yet has not."""
    deadline = time.monotonic() + patience
    while True:
        with suppress(httpx.TransportError):
            if condition():
                return
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


@contextmanager
def served(
    corpus: Path, data: Path, *prefix: str, flags: tuple[str, ...] = (), **settings: str
) -> Iterator[Served]:
    """``assistant serve`` over these folders, begun with ``prefix``; killed if it still runs."""
    log_file = data.with_name(f"{data.name}-{time.monotonic_ns()}.log")
    command = [
        *prefix, sys.executable, "-m", "assistant", "serve", "--port", "0",
        "--corpus", str(corpus), "--data", str(data), *flags,
    ]  # fmt: skip
    kept = {n: v for n, v in os.environ.items() if not n.lower().endswith(("_proxy", "_api_key"))}
    environment = kept | {f"ASSISTANT_{name.upper()}": value for name, value in settings.items()}
    with log_file.open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT)
    try:
        running = Served(process, "", log_file)
        until(lambda: " is at http" in running.log or process.poll() is not None)
        assert process.poll() is None, running.log
        address = running.log.partition(" is at ")[2]
        running.url = address.split("/\n")[0].split('/"')[0]
        until(lambda: running.get("/healthz").status_code == 200)
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()

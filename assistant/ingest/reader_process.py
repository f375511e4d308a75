"""Reads files in a subprocess, which may crash, hang or use too much memory without harm."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from base64 import b64decode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assistant.ingest.readers.containers import Content
from assistant.models.article import Article, Block
from assistant.models.page_view import MarkedBox, PageView, WordsOnPage
from assistant.support.errors import ArticleError

logger = logging.getLogger(__name__)

MEMORY = 500_000_000
"""Memory limit of the reader process, in bytes."""

MOST_NOTES = 20
_OURS = "assistant.ingest.readers"

_STOPPING = 2.0
"""Seconds the process gets to exit by itself."""


class ReaderProcess:
    """Reads files one at a time, in a process started for the first of them. Thread-safe.

    ``timeout`` is in seconds per file; ``ocr`` is as in ``read_pdf``. A process that died is
    replaced at the next file.
    """

    def __init__(self, timeout: float = 60.0, ocr: str = "off", memory: int = MEMORY) -> None:
        self.timeout = timeout
        self._arguments = (repr(timeout), str(memory), ocr)
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch: TemporaryDirectory[str] | None = None  # a killed process leaves files there
        self._lock = threading.Lock()

    def read_file(self, path: Path, source: str, inside: Sequence[str] = ()) -> Content:
        """The content of the file ``path``, or of a part of it, as from ``read_file``.

        Raises ``ArticleError`` also if reading takes too long or too much memory, or crashes.
        """
        answer = self._asked(path, source, inside, {})
        article = _article(answer["article"]) if answer["article"] else None
        return Content(article, tuple(answer["parts"]), _notes(answer["log"]))

    def view_page(
        self, path: Path, source: str, inside: Sequence[str], number: int, wanted: WordsOnPage
    ) -> PageView:
        """A page of a PDF as it looks, as from ``view_page``. Raises ``ArticleError`` as
        ``read_file``.
        """
        more = {"page": number, **asdict(wanted)}
        answer = self._asked(path, source, inside, more)
        boxes = tuple(MarkedBox(**box) for box in answer["boxes"])
        return PageView(b64decode(answer["picture"]), answer["width"], answer["height"], boxes)

    def _asked(
        self, path: Path, source: str, inside: Sequence[str], more: dict[str, Any]
    ) -> dict[str, Any]:
        asked = {"path": str(path.absolute()), "source": source, "inside": list(inside), **more}
        with self._lock:
            answer = self._answer(asked, source)
        for level, name, message in answer["log"]:
            logging.getLogger(name).log(level, "%s: %s", source, message)
        if "too_large" in answer:
            raise ArticleError(self._too_large(source))
        if "error" in answer:
            raise ArticleError(answer["error"])
        return answer

    def close(self) -> None:
        """End the process, if any. The next file starts another."""
        with self._lock:
            self._end(_STOPPING)

    def _answer(self, asked: dict[str, Any], source: str) -> dict[str, Any]:
        process = self._started()
        late = threading.Event()

        def stop() -> None:
            late.set()
            _kill(process)

        timer = threading.Timer(self.timeout, stop)
        try:
            timer.start()  # inside try: Ctrl-C may come here, and the timer must be cancelled
            line = _exchange(process, json.dumps(asked).encode() + b"\n")
        except BaseException:
            self._end()  # a partial answer may be in the pipe
            raise
        finally:
            timer.cancel()
            if timer.is_alive():
                timer.join()
        whole = line.endswith(b"\n")
        if late.is_set() or not whole:
            status = self._end(_STOPPING)
            if not whole:
                raise ArticleError(
                    self._too_slow(source) if late.is_set() else self._lost(source, status)
                )
        answer: dict[str, Any] = json.loads(line)
        if answer["worn"]:
            self._end(_STOPPING)
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._scratch = TemporaryDirectory(prefix="reading-", ignore_cleanup_errors=True)
            # Its own process group: Ctrl-C does not reach it, and its children end with it.
            self._process = subprocess.Popen(
                [
                    sys.executable, "-m", "assistant.ingest.readers", *self._arguments,
                    str(logging.getLogger("assistant.ingest.readers").getEffectiveLevel()),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(__file__).parent.parent.parent,
                env={**os.environ, "TMPDIR": self._scratch.name},
                process_group=0,
            )  # fmt: skip
        return self._process

    def _end(self, patience: float = 0.0) -> int | None:
        """End the process and its children; return its exit status, None if there is none."""
        process, self._process = self._process, None
        scratch, self._scratch = self._scratch, None
        if process is None:
            return None
        try:
            return _ended(process, patience)
        finally:
            if scratch is not None:
                scratch.cleanup()

    def _lost(self, source: str, status: int | None) -> str:
        if status in (None, -signal.SIGABRT, -signal.SIGKILL):  # how C libraries run out of memory
            return self._too_large(source)
        return (
            f"{source}: reading it crashed (status {status}). It may be damaged: open it in the "
            "program that made it and save it again."
        )

    def _too_slow(self, source: str) -> str:
        return (
            f"{source}: reading it took more than {self.timeout:g} s. Split it into smaller files, "
            "or raise ASSISTANT_READ_TIMEOUT."
        )

    def _too_large(self, source: str) -> str:
        return (
            f"{source}: reading it takes more than the {self._memory / 1e6:.0f} MB of memory that "
            "a file may have. Split it into smaller files."
        )


def _ended(process: subprocess.Popen[bytes], patience: float) -> int:
    """End ``process`` within ``patience`` seconds, or kill it and its children; its exit status."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):  # from unsent input
                pipe.close()
    with suppress(subprocess.TimeoutExpired):
        return process.wait(patience)
    _kill(process)
    return process.wait()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill ``process`` and its children."""
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError, PermissionError):  # the group has ended already
        os.killpg(process.pid, signal.SIGKILL)


def _exchange(process: subprocess.Popen[bytes], request: bytes) -> bytes:
    """Send ``request`` and return the response line, incomplete if the process dies."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(request)
        process.stdin.flush()
    except BrokenPipeError:
        return b""
    return process.stdout.readline()


def _notes(log: list[tuple[int, str, str]]) -> tuple[str, ...]:
    """What the readers warned of, each once. What libraries say is not meant for people."""
    told = (
        text for level, name, text in log if level >= logging.WARNING and name.startswith(_OURS)
    )
    return tuple(dict.fromkeys(told))[:MOST_NOTES]


def _article(said: dict[str, Any]) -> Article:
    day, blocks, pages = said.pop("published"), said.pop("blocks"), said.pop("pages")
    return Article(
        **said,
        published=date.fromisoformat(day) if day else None,
        blocks=tuple(Block(*block) for block in blocks),
        pages=tuple(pages),
    )

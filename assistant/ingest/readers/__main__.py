"""The reader process, ``python -m assistant.ingest.readers``; ``reader_process.py`` starts it.

It reads requests from standard input, one JSON object per line, and answers each with a line on
standard output. A damaged file can only harm this process.
"""

from __future__ import annotations

import json
import logging
import re
import signal
import sys
from base64 import b64encode
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

from assistant.ingest.readers import read_file, view_page
from assistant.models.article import Article
from assistant.models.page_view import PageView, WordsOnPage
from assistant.support.errors import ArticleError

_GRACE = 5
"""Seconds past the time limit after which the process ends itself, if its parent is gone."""

logger = logging.getLogger(__name__)


class _Told(logging.Handler):
    """Collects log records for the parent process."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[tuple[int, str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append((record.levelno, record.name, self.format(record)))

    def taken(self) -> list[tuple[int, str, str]]:
        records, self.records = self.records, []
        return records


def main() -> None:
    """Answer until standard input ends, or a file used so much memory that a new process is needed.

    Arguments: seconds for one file, bytes of memory, ``ocr`` of ``read_article``, the log level.
    """
    limit, memory, ocr, level = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent process
    _limit_memory(memory)
    told = _Told()
    told.setFormatter(logging.Formatter())
    logging.basicConfig(level=int(level), handlers=[told])
    answers = sys.stdout.buffer
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        _limit_time(limit + _GRACE)
        answer = _answer(asked, ocr)
        _limit_time(0)
        peak = _peak()
        worn = "too_large" in answer or peak > memory // 2
        answers.write(
            json.dumps({**answer, "log": told.taken(), "worn": worn, "peak": peak}).encode() + b"\n"
        )
        answers.flush()
        if worn:
            return


def _answer(asked: dict[str, Any], ocr: str) -> dict[str, Any]:
    source = asked["source"]
    try:
        place = Path(asked["path"]), source
        if "page" in asked:
            wanted = WordsOnPage(asked["words"], asked["before"])
            return _view(view_page(*place, asked["inside"], asked["page"], wanted))
        found = read_file(*place, ocr, asked["inside"])
        article = _as_json(found.article) if found.article else None
        return {"article": article, "parts": found.parts}
    except ArticleError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"too_large": True}


def _as_json(article: Article) -> dict[str, Any]:
    blocks = [astuple(block) for block in article.blocks]
    return {**article.to_json(), "blocks": blocks, "pages": article.pages}


def _view(view: PageView) -> dict[str, Any]:
    return {**asdict(view), "picture": b64encode(view.picture).decode("ascii")}


def _limit_memory(most: int) -> None:
    """Limit the process to ``most`` bytes, where the system supports it."""
    if sys.platform == "win32":
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_AS)[1]  # LibreOffice needs more, see converted.py
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    except (ValueError, OSError) as error:  # macOS defines the limit but does not support it
        logger.info("Memory is not limited: %s", error)


def _limit_time(seconds: float) -> None:
    """End the process after ``seconds``, unless called again before; 0 cancels."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _peak() -> int:
    """Peak memory of the process in bytes; 0 if the system does not tell.

    Not from ``getrusage``, where a process inherits the peak of its parent.
    """
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    main()

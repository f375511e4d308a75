"""The log on standard error: lines for people, or a JSON object a line for programs.

Of other packages only warnings are shown: what they tell below that may hold questions, articles
or keys.
"""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that is being worked on; "" where it is none."""

PACKAGE = "assistant"

FILTERS: tuple[logging.Filter, ...] = ()
"""What each record passes before it is written: the place for whatever must never be in a log."""


def configure(level: str, style: Literal["text", "json"]) -> None:
    """Write the log, from ``level`` on, in this style.

    Where a program that uses the package has set up a log of its own, nothing is changed.
    """
    root = logging.getLogger()
    if root.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if style == "json" else Lines())
    for one in FILTERS:
        handler.addFilter(one)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(PACKAGE).setLevel(level)
    logging.captureWarnings(True)


class Lines(logging.Formatter):
    """A level, the request's id in brackets where there is one, and the message."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(request)s%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The record, with its traceback below."""
        request = REQUEST.get()
        record.request = f"[{request}] " if request else ""
        return super().format(record)


class JsonLines(logging.Formatter):
    """An object with time (UTC), level, logger and message, and where they are: the request's id,
    the fields given as ``extra={"fields": {...}}``, and the traceback as ``error``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line."""
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := REQUEST.get():
            told["request"] = request
        told |= getattr(record, "fields", {})
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        # In ASCII, as some programs take U+2028 and the like for the end of a line.
        return json.dumps(told, default=str)

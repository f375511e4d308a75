"""Sets up logging: one record a line, which outside input can neither forge nor colour.

Questions, file names, titles and model output may hold line breaks that look like the next record,
and control characters that move a terminal's cursor or reverse its text. These are escaped, and
secrets are masked. The output is text for people or JSON for programs.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

from assistant.support.masking import mask
from assistant.support.unseen import visible

FORMAT = "%(levelname)s %(request)s%(message)s"

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request being handled; "" outside of one."""

PACKAGE = "assistant"


def one_line(text: str) -> str:
    """``text`` on one line, invisible characters escaped and secrets masked."""
    return visible(mask(text))


class LineFormatter(logging.Formatter):
    """Writes each record on one line, after the request's id in brackets if there is one, with the
    lines of a traceback indented below it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Format ``record``."""
        request = REQUEST.get()
        record.request = f"[{request}] " if request else ""
        record.exc_text = None  # another formatter may have cached its own here
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Format the message."""
        record.message = one_line(record.message)
        return super().formatMessage(record)

    def formatException(  # noqa: N802
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Format the traceback, indented so that its text cannot pass for a record."""
        lines = super().formatException(ei).split("\n")
        return "\n".join(f"  {one_line(line)}" for line in lines)

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        """Format the stack, likewise."""
        return "\n".join(f"  {one_line(line)}" for line in stack_info.split("\n"))


class JsonLines(LineFormatter):
    """Writes an object with time (UTC), level, logger and message, and, where present, the
    request's id, the fields given as ``extra={"fields": {...}}``, and the traceback as ``error``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Format ``record`` as a line of JSON."""
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": mask(record.getMessage()),
        }
        if request := REQUEST.get():
            told["request"] = request
        told |= getattr(record, "fields", {})
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        # ASCII, because some programs treat U+2028 and the like as line ends.
        return json.dumps(told, default=str)


def configure(level: str, style: Literal["text", "json"]) -> None:
    """Log to standard error in this style, from ``level`` up; from other packages only warnings, as
    their lower levels may contain questions, articles or keys.

    If the host application has configured logging itself, nothing is changed.
    """
    root = logging.getLogger()
    if root.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if style == "json" else LineFormatter(FORMAT))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(PACKAGE).setLevel(level)
    logging.captureWarnings(True)


def catch_the_rest() -> None:
    """Log uncaught exceptions, which Python would print to standard error unmasked."""

    def uncaught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        logging.getLogger(__name__).critical("Not foreseen", exc_info=(kind, error, trace))

    def uncaught_in_thread(given: threading.ExceptHookArgs) -> None:
        if given.exc_value is not None and not issubclass(given.exc_type, SystemExit):
            uncaught(given.exc_type, given.exc_value, given.exc_traceback)

    sys.excepthook = uncaught
    threading.excepthook = uncaught_in_thread

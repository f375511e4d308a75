"""What is logged: set up in one place, on lines that nothing from outside can forge or colour.

A question, a file name, a title, a model's words may hold line breaks that look like the next
message, and controls that move a terminal's cursor or turn its text around. They are written as
escapes. Secrets are masked. It is written for people, or as JSON for programs.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

from assistant.support.masking import mask

FORMAT = "%(levelname)s %(request)s%(message)s"

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that is being worked on; "" where it is none."""

PACKAGE = "assistant"

_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
_TERMINAL = re.compile(f"[{_CONTROLS}]")
_UNSEEN = re.compile(
    # Besides: line breaks, marks and overrides of the writing's direction, half characters.
    rf"[{_CONTROLS}\t\n\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def one_line(text: str) -> str:
    """``text`` on one line, with escapes for what is not seen, and without secrets."""
    return visible(mask(text))


def visible(text: str) -> str:
    """``text`` with escapes for line breaks and for what is not seen."""
    return _UNSEEN.sub(_escape, text)


def printable(text: str) -> str:
    """``text`` with escapes for what a terminal would obey; lines and tabs stay.

    In a JSON text the escapes mean what they stand for.
    """
    return _TERMINAL.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}"


class LineFormatter(logging.Formatter):
    """Writes each message on one line, behind the request's id in brackets where there is one, and
    the lines of a traceback indented below it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The text of ``record``."""
        request = REQUEST.get()
        record.request = f"[{request}] " if request else ""
        record.exc_text = None  # another formatter may have left its own here
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The line itself."""
        record.message = one_line(record.message)
        return super().formatMessage(record)

    def formatException(  # noqa: N802
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """The traceback below it: what an exception says cannot pass for a line of the log."""
        lines = super().formatException(ei).split("\n")
        return "\n".join(f"  {one_line(line)}" for line in lines)

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        """The same of a stack."""
        return "\n".join(f"  {one_line(line)}" for line in stack_info.split("\n"))


class JsonLines(LineFormatter):
    """Writes an object with time (UTC), level, logger and message, and where they are: the
    request's id, the fields given as ``extra={"fields": {...}}``, and the traceback as ``error``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line."""
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
        # In ASCII, as some programs take U+2028 and the like for the end of a line.
        return json.dumps(told, default=str)


def configure(level: str, style: Literal["text", "json"]) -> None:
    """Log to standard error in this style, from ``level`` on; of other packages only warnings, as
    what they tell below that may hold questions, articles or keys.

    Where a program that uses the package has set up a log of its own, nothing is changed.
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
    """Log also what nobody caught, which Python would write to standard error as it is."""

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

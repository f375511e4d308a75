"""What is logged: set up in one place, on lines that nothing from outside can forge or colour.

A question, a file name, a title, a model's words may hold line breaks that look like the next
message, and controls that move a terminal's cursor or turn its text around. They are written as
escapes. Secrets are masked.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from types import TracebackType

from assistant.masking import mask

FORMAT = "%(levelname)s %(message)s"

NOISY = ("httpx", "chromadb", "mcp", "watchfiles")
"""Libraries that say more than anyone wants to know."""

_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
_TERMINAL = re.compile(f"[{_CONTROLS}]")
_UNSEEN = re.compile(
    # Besides: line breaks, marks and overrides of the writing's direction, half characters.
    rf"[{_CONTROLS}\t\n\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def one_line(text: str) -> str:
    """``text`` on one line, with escapes for what is not seen, and without secrets."""
    return _UNSEEN.sub(_escape, mask(text))


def printable(text: str) -> str:
    """``text`` with escapes for what a terminal would obey; lines and tabs stay.

    In a JSON text the escapes mean what they stand for.
    """
    return _TERMINAL.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}"


class LineFormatter(logging.Formatter):
    """Writes each message on one line, and the lines of a traceback indented below it.

    A formatter of another shape takes ``one_line(record.getMessage())`` and ``formatException``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The text of ``record``."""
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


def set_up(level: str) -> None:
    """Log to standard error from ``level`` on, unless someone set logging up before."""
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter(FORMAT))
    logging.basicConfig(level=level, handlers=[handler])
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


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

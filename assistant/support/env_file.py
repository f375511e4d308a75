"""Reads the ``.env`` file of the working folder and reports its malformed lines."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from assistant.support.errors import SettingsError

ENV_FILE = ".env"


def read_env_file(prefix: str) -> tuple[Mapping[str, str | None], list[str]]:
    """The variables, and an error for each line that cannot be parsed or that gives a name with
    ``prefix`` no value. A missing file counts as empty.

    Raises ``SettingsError`` if it cannot be read or is not text.
    """
    try:
        text = Path(ENV_FILE).read_text("utf-8")
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        raise SettingsError(
            f"{ENV_FILE} cannot be read: {error.strerror}. Make it a file that this user may "
            "read, or move it away."
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{ENV_FILE} is not UTF-8 text: {error}. Save it as UTF-8.") from error
    # dotenv skips the same lines and would warn about them on every read.
    logging.getLogger("dotenv").setLevel(logging.ERROR)
    return dotenv_values(stream=StringIO(text)), list(_faults(text, prefix))


def _faults(text: str, prefix: str) -> Iterator[str]:
    """The errors, without the content of the lines: it may be a key."""
    for binding in parse_stream(StringIO(text)):
        statement = binding.original.string
        # python-dotenv counts the blank lines before a statement as part of it.
        blank = statement[: len(statement) - len(statement.lstrip())].count("\n")
        place = f"{ENV_FILE}, line {binding.original.line + blank}"
        if binding.error:
            yield (
                f"{place}: this is not NAME=value. Close a quote that is left open, or begin the "
                "line with # if it is a comment."
            )
        elif (name := binding.key or "").upper().startswith(prefix) and binding.value is None:
            yield f"{place}: {name} has no value. Write {name}=value, or remove the line."

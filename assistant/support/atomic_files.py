"""A small file replaced at once: whoever reads it, or is killed, sees the old one or the new."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from functools import partial
from pathlib import Path

PRIVATE = 0o600
"""Permissions of a file that its owner alone can read."""


def keep_private(path: Path) -> None:
    """Have a file, made empty if there is none, that nobody but its owner can read.

    One whose permissions this process may not change is left as it is. Raises ``OSError`` where
    none can be made.
    """
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, PRIVATE))
    _take_from_others(path)


def private_folder(path: Path) -> None:
    """As ``keep_private``, for a folder and what is in it."""
    path.mkdir(parents=True, exist_ok=True)
    _take_from_others(path)


def _take_from_others(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        with suppress(OSError):
            path.chmod(mode & 0o700)


def replace_text(path: Path, text: str, mode: int | None = None) -> None:
    """As ``replace_bytes``, with ``text`` in UTF-8."""
    replace_bytes(path, text.encode(), mode)


def replace_bytes(path: Path, data: bytes, mode: int | None = None) -> None:
    """Make ``path`` hold ``data``, on disk when this returns. Raises ``OSError``, leaving nothing.

    With ``mode`` nobody else may ever have read it: the file has those permissions from its
    beginning. Without, they are the usual ones.
    """
    written = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        if mode is not None:
            written.unlink(missing_ok=True)
        opener = None if mode is None else partial(os.open, mode=mode)
        with open(written, "wb", opener=opener) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    except OSError:
        written.unlink(missing_ok=True)
        raise

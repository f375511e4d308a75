"""Atomic writes: a reader, or a crash, sees the old file or the new one, never a part."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from functools import partial
from pathlib import Path

PRIVATE = 0o600
"""Permissions of a file that only its owner can read."""


def keep_private(path: Path) -> None:
    """Make ``path`` readable by its owner alone; create it, empty, if it is missing.

    A file whose permissions this process may not change is left as it is. Raises ``OSError`` if it
    cannot be created.
    """
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, PRIVATE))
    _take_from_others(path)


def private_folder(path: Path) -> None:
    """``keep_private`` for a folder."""
    path.mkdir(parents=True, exist_ok=True)
    _take_from_others(path)


def _take_from_others(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        with suppress(OSError):
            path.chmod(mode & 0o700)


def replace_text(path: Path, text: str, mode: int | None = None) -> None:
    """``replace_bytes`` with ``text`` in UTF-8."""
    replace_bytes(path, text.encode(), mode)


def replace_bytes(path: Path, data: bytes, mode: int | None = None) -> None:
    """Replace ``path`` with ``data``, synced to disk. Raises ``OSError`` and leaves no temporary
    file.

    ``mode`` is applied on creation, so that the file is never readable by others for a moment; None
    means the default permissions.
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

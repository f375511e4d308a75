"""A small file replaced at once: whoever reads it, or is killed, sees the old one or the new."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path


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

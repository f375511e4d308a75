"""A small file replaced at once: whoever reads it, or is killed, sees the old one or the new."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path


def replace_text(path: Path, text: str, mode: int | None = None) -> None:
    """Make ``path`` hold ``text``, on disk when this returns. Raises ``OSError``.

    With ``mode`` nobody else may ever have read it: the file has those permissions from its
    beginning. Without, they are the usual ones.
    """
    written = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        if mode is not None:
            written.unlink(missing_ok=True)
        opener = None if mode is None else partial(os.open, mode=mode)
        with open(written, "w", encoding="utf-8", opener=opener) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    except OSError:
        written.unlink(missing_ok=True)
        raise

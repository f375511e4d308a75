"""A small file replaced at once: whoever reads it, or is killed, sees the old one or the new."""

from __future__ import annotations

import os
from pathlib import Path


def replace_text(path: Path, text: str) -> None:
    """Make ``path`` hold ``text``, on disk when this returns. Raises ``OSError``."""
    written = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with written.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    except OSError:
        written.unlink(missing_ok=True)
        raise

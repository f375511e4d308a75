"""The command ``model``: exports the bundled embedding model for other programs."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.cli.output import report, tell
from assistant.support.errors import ModelError

if TYPE_CHECKING:
    from assistant.assistant import Assistant


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action and the folder."""
    parser.add_argument("what", choices=["export"], help="write the model to a folder")
    parser.add_argument(
        "folder",
        type=Path,
        metavar="DIR",
        help="new or empty folder; it takes 490 MB, and sentence-transformers loads it",
    )


def export(_assistant: Assistant, options: argparse.Namespace) -> int:
    """Write the bundled model to ``options.folder``, all of it or nothing.

    Raises ``ModelError`` if the folder is not empty or cannot be written, or if the bundled model
    is not installed.
    """
    from assistant.embedding.bundled_export import export_model

    folder: Path = options.folder
    _refuse_unless_empty(folder)
    tell(f"writing the model to {folder} …")
    try:
        export_model(folder)
    except BaseException as error:
        _remove_content(folder)
        if isinstance(error, OSError):
            raise ModelError(
                f"The model cannot be written to {folder}: {error}. It takes 490 MB: free some "
                "space, or name another folder."
            ) from error
        raise
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in files)
    place, names = str(folder.resolve()), [p.relative_to(folder).as_posix() for p in files]
    told = f"{len(files)} files, {size / 1e6:.0f} MB. Use them with ASSISTANT_EMBEDDING_MODEL="
    return report(options, {"folder": place, "files": names, "bytes": size}, f"{told}{place}")


def _refuse_unless_empty(folder: Path) -> None:
    try:
        names = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    except OSError as error:
        raise ModelError(
            f"{folder} is not a folder that can be listed: {error.strerror}. Name a new or an "
            "empty one."
        ) from error
    if names:
        raise ModelError(
            f"The folder {folder} is not empty (it holds {names[0]}): nothing was written. Name a "
            "new or an empty one."
        )


def _remove_content(folder: Path) -> None:
    """Empty the folder again, so that the export can be retried."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()

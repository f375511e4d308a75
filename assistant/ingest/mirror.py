"""Copies a corpus from object storage, or whatever else fsspec reads, into the corpus folder."""

from __future__ import annotations

import json
import logging
import os
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from assistant.models.corpus_files import MIRRORED
from assistant.support.atomic_files import replace_text
from assistant.support.errors import CorpusError, EmptiedCorpusError, SettingsError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

logger = logging.getLogger(__name__)


def mirror(url: str, folder: Path, *, allow_empty: bool = False) -> None:
    """Make ``folder`` hold the files at ``url``: what has changed there is copied, and what is gone
    there is removed. Files that did not come from there are left alone.

    Raises ``CorpusError`` if the storage cannot be read or the folder not be written, and
    ``EmptiedCorpusError`` if nothing is there any more, unless ``allow_empty``; what was copied
    before stays. ``SettingsError`` without the library that the address needs.
    """
    if find_spec("fsspec") is None:
        raise SettingsError(f"To read {url}, install the package with the extra [storage].")
    from fsspec.core import url_to_fs

    try:
        storage, root = url_to_fs(url)
        found = {path: str(about) for path, about in storage.find(root, detail=True).items()}
        known = _read(folder / MIRRORED)
        if not found:
            _check_empty(url, storage.exists(root), known, allow_empty)
        held: dict[str, str] = {}
        for path, state in sorted(found.items()):
            name = _name(path, root)
            if name is None:
                logger.warning("%s is left out: its name leads out of the corpus.", path)
                continue
            target = folder / name
            if known.get(name) != state or not target.exists():
                _copy(storage, path, target)
            held[name] = state
        for name in known.keys() - held.keys():
            (folder / name).unlink(missing_ok=True)
        replace_text(folder / MIRRORED, json.dumps(held))
    except EmptiedCorpusError:
        raise
    except ImportError as error:
        raise SettingsError(f"{url} cannot be read: {error}.") from error
    except Exception as error:  # each storage raises classes of its own
        raise CorpusError(
            f"The articles at {url} cannot be copied to {folder}: {error}. See that the "
            "address, and what is needed to sign in there, are right."
        ) from error


def _check_empty(url: str, exists: bool, known: dict[str, str], allow_empty: bool) -> None:
    """Raise an error if nothing being there must not be taken for a corpus without articles."""
    if not exists:  # some storages list nothing if they cannot be reached
        raise FileNotFoundError("there is no such folder")
    if known and not allow_empty:
        raise EmptiedCorpusError(
            f"Nothing is left at {url}. Nothing was changed. To really delete its articles: "
            "assistant sync --allow-empty."
        )


def _copy(storage: AbstractFileSystem, path: str, target: Path) -> None:
    """Copy a file whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        storage.get_file(path, str(partial))
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _name(path: str, root: str) -> str | None:
    """Where ``path`` lies below ``root``; None if that is not within a folder."""
    name = PurePosixPath(path).relative_to(root) if path != root else PurePosixPath(path).name
    return None if ".." in PurePosixPath(name).parts else str(name)


def _read(file: Path) -> dict[str, str]:
    """What was copied last time, by name, as the storage described it."""
    known: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return known

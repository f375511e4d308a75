"""An append-only file of JSON objects, one a line, that several processes may write."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock

from assistant.support.atomic_files import keep_private
from assistant.support.errors import LibraryError

logger = logging.getLogger(__name__)

LOCK_S = 5
"""Seconds that a writer waits for another one's lock."""


class EntryLog(Protocol):
    """Objects that are added one by one and read together. Each has an ``id``. Methods raise
    ``LibraryError`` if they cannot be kept or read.
    """

    def append(self, entry: Mapping[str, Any], most_bytes: int) -> None:
        """Add an object, unless there are more than ``most_bytes``: an error then."""

    def entries(self) -> list[dict[str, Any]]:
        """The objects, oldest first; the last one of an id counts."""

    def clear(self) -> int:
        """Delete all objects; return how many there were."""


class EntryFile:
    """The objects in ``file``, readable by its owner alone. Each has an ``id``.

    ``command`` prints and clears them. Raises ``LibraryError`` if the file cannot be used.
    """

    def __init__(self, file: Path, command: str) -> None:
        self._file = file
        self._command = command
        self._lock = FileLock(file.with_name(f"{file.name}.lock"), timeout=LOCK_S)

    def append(self, entry: Mapping[str, Any], most_bytes: int) -> None:
        """Add an object, unless the file has more than ``most_bytes``: an error then."""
        line = json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            keep_private(self._file)
            with self._lock, self._file.open("ab") as file:
                if file.tell() > most_bytes:
                    raise LibraryError(
                        f"{self._file} has grown to {most_bytes:,} bytes: nothing is added. Keep "
                        f"what `assistant {self._command} --json` prints, then clear it with "
                        "--clear."
                    )
                # A line cut short by a full disk or a kill must not spoil this one.
                file.write((b"" if self._ends_whole() else b"\n") + line + b"\n")
        except OSError as error:
            raise self._failed("written", error) from error

    def entries(self) -> list[dict[str, Any]]:
        """The objects, oldest first; the last one of an id counts."""
        latest: dict[str, dict[str, Any]] = {}
        for entry in self._lines():
            latest.pop(entry["id"], None)
            latest[entry["id"]] = entry
        return list(latest.values())

    def clear(self) -> int:
        """Delete all objects; return how many there were."""
        try:
            with self._lock:
                count = len(self.entries())
                self._file.unlink(missing_ok=True)
        except OSError as error:
            raise self._failed("emptied", error) from error
        return count

    def _ends_whole(self) -> bool:
        with self._file.open("rb") as file:
            if file.seek(0, 2) == 0:
                return True
            file.seek(-1, 2)
            return file.read(1) == b"\n"

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            with self._file.open(encoding="utf-8", errors="replace") as file:
                for number, line in enumerate(file, 1):
                    if (entry := _entry(line)) is not None:
                        yield entry
                    elif line.strip():
                        logger.warning("Line %d of %s is damaged.", number, self._file)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._failed("read", error) from error

    def _failed(self, what: str, error: OSError) -> LibraryError:
        return LibraryError(
            f"{self._file} cannot be {what}: {error}. See that the disk is not full and that the "
            "data folder can be written."
        )


def _entry(line: str) -> dict[str, Any] | None:
    try:
        entry: Mapping[str, Any] = json.loads(line)
    except ValueError:
        return None
    return dict(entry) if isinstance(entry, dict) and isinstance(entry.get("id"), str) else None

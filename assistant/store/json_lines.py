"""Append-only logs of JSON objects, as files of lines that several processes may write."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol

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


class KeptLog:
    """A log in a folder, or elsewhere. Many threads and processes may write to one; methods raise
    ``LibraryError`` if it cannot be written, or is as large as it may become, or cannot be read.
    """

    FILE: ClassVar[str]
    COMMAND: ClassVar[str]
    MOST_BYTES: ClassVar[int]
    """Size at which it stops growing, so that visitors cannot fill the disk."""

    def __init__(self, kept: Path | EntryLog) -> None:
        self._log = EntryFile(kept / self.FILE, self.COMMAND) if isinstance(kept, Path) else kept

    def entries(self) -> list[dict[str, Any]]:
        """What was kept, oldest first; the last one of an id counts."""
        return self._log.entries()

    def clear(self) -> int:
        """Delete all; return how many there were."""
        return self._log.clear()

    def _keep(self, id_: str = "", **said: Any) -> str:
        """Keep an object under an id, a new one if it is empty; return the id."""
        id_ = id_ or secrets.token_hex(8)
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._log.append({"id": id_, "time": now, **said}, self.MOST_BYTES)
        return id_


def latest(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """``entries`` in their order, of those with one id the last."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        found.pop(entry["id"], None)
        found[entry["id"]] = entry
    return list(found.values())


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
        return latest(self._lines())

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

"""Readers' feedback on answers: an append-only file of JSON lines.

It does not record who the reader was.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from assistant.models.answer import Citation
from assistant.support.atomic_files import keep_private
from assistant.support.errors import LibraryError

logger = logging.getLogger(__name__)

FILE = "feedback.jsonl"
MOST_BYTES = 64_000_000
"""Size at which the file stops growing, so that visitors cannot fill the disk."""

LONGEST = 60_000
"""Largest opinion in characters, citations included. Checked before anything is written."""

LOCK_S = 5
"""Seconds that a writer waits for another one's lock."""

Thumb = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Opinion:
    """A reader's thumb on one answer, with an optional reason in their words.

    ``language`` is that of the answer. ``id`` is that of an opinion given before, which this one
    takes the place of; empty for a new one.
    """

    question: str
    answer: str
    citations: tuple[Citation, ...]
    thumb: Thumb
    reason: str = ""
    language: str = ""
    id: str = ""


class FeedbackLog:
    """The opinions in ``folder``. Many threads and processes may write to one."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = FileLock(folder / f"{FILE}.lock", timeout=LOCK_S)

    def add(self, opinion: Opinion) -> str:
        """Keep an opinion, and return its id.

        Raises ``LibraryError`` if the file cannot be written or is as large as it may become, or
        the opinion is longer than ``LONGEST``.
        """
        if (length := _length(opinion)) > LONGEST:
            raise LibraryError(
                f"An opinion on an answer has {length:,} characters, more than {LONGEST:,}: it is "
                "not kept."
            )
        named = opinion.id or secrets.token_hex(8)
        entry = {
            "id": named,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "thumb": opinion.thumb,
            "reason": opinion.reason,
            "question": opinion.question,
            "answer": opinion.answer,
            "citations": [citation.to_json() for citation in opinion.citations],
            "language": opinion.language,
        }
        self._append(json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace"))
        return named

    def entries(self) -> list[dict[str, Any]]:
        """The opinions, oldest first; the last one of an id counts.

        Raises ``LibraryError`` if the file cannot be read.
        """
        latest: dict[str, dict[str, Any]] = {}
        for entry in self._lines():
            latest.pop(entry["id"], None)
            latest[entry["id"]] = entry
        return list(latest.values())

    def clear(self) -> int:
        """Delete all opinions; return how many there were.

        Raises ``LibraryError`` if the file cannot be removed.
        """
        try:
            with self._lock:
                count = len(self.entries())
                self._file.unlink(missing_ok=True)
        except OSError as error:
            raise self._failed("emptied", error) from error
        return count

    def _append(self, line: bytes) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            keep_private(self._file)
            with self._lock, self._file.open("ab") as file:
                if file.tell() > MOST_BYTES:
                    raise LibraryError(
                        f"{self._file} has grown to {MOST_BYTES:,} bytes: nothing is added. Keep "
                        "what `assistant feedback --json` prints, then clear it with --clear."
                    )
                # A line cut short by a full disk or a kill must not spoil this one.
                file.write((b"" if self._ends_whole() else b"\n") + line + b"\n")
        except OSError as error:
            raise self._failed("written", error) from error

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
                        logger.warning("Line %d of %s is not an opinion.", number, self._file)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._failed("read", error) from error

    def _failed(self, what: str, error: OSError) -> LibraryError:
        return LibraryError(
            f"{self._file} cannot be {what}: {error}. See that the disk is not full and that the "
            "data folder can be written."
        )


def _length(opinion: Opinion) -> int:
    said = len(opinion.question) + len(opinion.answer) + len(opinion.reason)
    return said + sum(len(cited.quote) + len(cited.title) for cited in opinion.citations)


def _entry(line: str) -> dict[str, Any] | None:
    try:
        entry: Mapping[str, Any] = json.loads(line)
    except ValueError:
        return None
    return dict(entry) if isinstance(entry, dict) and isinstance(entry.get("id"), str) else None

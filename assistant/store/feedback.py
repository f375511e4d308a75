"""Readers' feedback on answers: an append-only file of JSON lines.

It does not record who the reader was.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from assistant.models.answer import Citation
from assistant.store.json_lines import EntryFile, EntryLog
from assistant.support.errors import LibraryError

FILE = "feedback.jsonl"
MOST_BYTES = 64_000_000
"""Size at which the file stops growing, so that visitors cannot fill the disk."""

LONGEST = 60_000
"""Largest opinion in characters, citations included. Checked before anything is written."""

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
    """The opinions in a folder or a log. Many threads and processes may write to one."""

    def __init__(self, kept: Path | EntryLog) -> None:
        self._lines = EntryFile(kept / FILE, "feedback") if isinstance(kept, Path) else kept

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
        self._lines.append(entry, MOST_BYTES)
        return named

    def entries(self) -> list[dict[str, Any]]:
        """The opinions, oldest first; the last one of an id counts.

        Raises ``LibraryError`` if the file cannot be read.
        """
        return self._lines.entries()

    def clear(self) -> int:
        """Delete all opinions; return how many there were.

        Raises ``LibraryError`` if the file cannot be removed.
        """
        return self._lines.clear()


def _length(opinion: Opinion) -> int:
    said = len(opinion.question) + len(opinion.answer) + len(opinion.reason)
    return said + sum(len(cited.quote) + len(cited.title) for cited in opinion.citations)

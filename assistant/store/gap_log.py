"""Questions that the articles did not answer: a file of JSON lines, without who asked.

It is written only where the setting ``log_questions`` is on.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from assistant.models.answer import Answer, Certainty
from assistant.store.json_lines import EntryFile, EntryLog

FILE = "unanswered.jsonl"
MOST_BYTES = 16_000_000
"""Size at which the file stops growing, so that visitors cannot fill the disk."""

Lack = Literal["refused", "unsure"]
_LACKS: Mapping[Certainty, Lack] = {Certainty.NONE: "refused", Certainty.UNSURE: "unsure"}


class GapLog:
    """The questions in a folder or a log. Many threads and processes may write to one; methods
    raise ``LibraryError`` if they cannot be kept or read.
    """

    def __init__(self, kept: Path | EntryLog) -> None:
        self._lines = EntryFile(kept / FILE, "gaps") if isinstance(kept, Path) else kept

    def add(self, answer: Answer) -> None:
        """Keep those of a complete answer's questions that were refused or are unsure."""
        asked = [(part.question, part.certainty) for part in answer.parts]
        whole = (answer.understood or answer.question, answer.certainty)
        for question, certainty in asked or [whole]:
            if lack := _LACKS.get(certainty):
                entry = {
                    "id": secrets.token_hex(8),
                    "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                    "question": question,
                    "language": answer.language,
                    "lack": lack,
                }
                self._lines.append(entry, MOST_BYTES)

    def entries(self) -> list[dict[str, Any]]:
        """The questions, oldest first."""
        return self._lines.entries()

    def clear(self) -> int:
        """Forget all; return how many there were."""
        return self._lines.clear()

"""Questions that the articles did not answer: a file of JSON lines, without who asked.

It is written only where the setting ``log_questions`` is on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from assistant.models.answer import Answer, Certainty
from assistant.store.json_lines import KeptLog

FILE = "unanswered.jsonl"

Lack = Literal["refused", "unsure"]
_LACKS: Mapping[Certainty, Lack] = {Certainty.NONE: "refused", Certainty.UNSURE: "unsure"}


class GapLog(KeptLog):
    """The questions."""

    FILE = FILE
    COMMAND = "gaps"
    MOST_BYTES = 16_000_000

    def add(self, answer: Answer) -> None:
        """Keep those of a complete answer's questions that were refused or are unsure."""
        asked = [(part.question, part.certainty) for part in answer.parts]
        whole = (answer.understood or answer.question, answer.certainty)
        for question, certainty in asked or [whole]:
            if lack := _LACKS.get(certainty):
                self._keep(question=question, language=answer.language, lack=lack)

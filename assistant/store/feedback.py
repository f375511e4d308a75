"""Readers' feedback on answers: an append-only file of JSON lines.

It does not record who the reader was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assistant.models.answer import Citation
from assistant.store.json_lines import KeptLog
from assistant.support.errors import LibraryError

FILE = "feedback.jsonl"
MOST_BYTES = 64_000_000

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


class FeedbackLog(KeptLog):
    """The opinions of readers."""

    FILE = FILE
    COMMAND = "feedback"
    MOST_BYTES = MOST_BYTES

    def add(self, opinion: Opinion) -> str:
        """Keep an opinion, and return its id.

        Raises ``LibraryError`` also if the opinion is longer than ``LONGEST``.
        """
        if (length := _length(opinion)) > LONGEST:
            raise LibraryError(
                f"An opinion on an answer has {length:,} characters, more than {LONGEST:,}: it is "
                "not kept."
            )
        return self._keep(
            opinion.id,
            thumb=opinion.thumb,
            reason=opinion.reason,
            question=opinion.question,
            answer=opinion.answer,
            citations=[citation.to_json() for citation in opinion.citations],
            language=opinion.language,
        )


def _length(opinion: Opinion) -> int:
    said = len(opinion.question) + len(opinion.answer) + len(opinion.reason)
    return said + sum(len(cited.quote) + len(cited.title) for cited in opinion.citations)

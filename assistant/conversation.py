"""What was said before the question: turns, and the limits of what is accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assistant.errors import QuestionError

MAX_QUESTION = 2_000
"""Characters. The embedding model reads at most 512 tokens, which is about as much."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: str


def turn(role: str, content: str) -> Turn:
    """A turn from what a file or a client sent. Raises ``ValueError`` for another role or type."""
    if role == "user":
        return Turn("user", str(content))
    if role == "assistant":
        return Turn("assistant", str(content))
    raise ValueError(f"the role {role!r} is neither user nor assistant")


def check_question(question: str) -> str:
    """Return ``question`` without surrounding white space.

    Raises ``QuestionError`` if nothing is left, or if it is longer than ``MAX_QUESTION``.
    """
    question = question.strip()
    if not any(character.isalnum() for character in question):
        raise QuestionError("The question is empty. Type a question about the articles.")
    if len(question) > MAX_QUESTION:
        raise QuestionError(
            f"The question has {len(question):,} characters; at most {MAX_QUESTION:,} are read. "
            "Ask it in fewer words."
        )
    return question

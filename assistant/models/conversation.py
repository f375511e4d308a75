"""The conversation before the question, and limits on its size."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.support.errors import QuestionError
from assistant.support.unseen import sound

MAX_QUESTION = 2_000
"""In characters. The embedding model reads at most 512 tokens, which is about as much."""

MAX_TURNS = 20
MAX_TURN = 8_000
"""The most messages, the last ones, and characters of each that are considered."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: str


def turn(role: str, content: str) -> Turn:
    """Validate a turn from a file or client. Raises ``ValueError`` for a wrong role or type."""
    if role == "user":
        return Turn("user", str(content))
    if role == "assistant":
        return Turn("assistant", str(content))
    raise ValueError(f"the role {role!r} is neither user nor assistant")


def recent(history: Sequence[Turn]) -> tuple[Turn, ...]:
    """The last ``MAX_TURNS`` non-empty turns, each cut to ``MAX_TURN`` characters.

    Turns of roles other than user and assistant are dropped, wherever they came from.
    """
    said = [
        Turn(one.role, sound(one.content[:MAX_TURN]).strip())
        for one in history[-MAX_TURNS:]
        if one.role in ("user", "assistant") and any(map(str.isalnum, one.content[:MAX_TURN]))
    ]
    return tuple(said)


def check_question(question: str) -> str:
    """Return ``question`` stripped, and without what nobody sees (``support.unseen``).

    Raises ``QuestionError`` if it is empty, a single letter or digit, or longer than
    ``MAX_QUESTION``.
    """
    question = sound(question).strip()
    said = [character for character in question if character.isalnum()]
    if not said:
        raise QuestionError("The question is empty. Type a question about the articles.")
    if len(said) == 1 and not _is_word(said[0]):
        raise QuestionError(f"{question!r} is no question. Ask in a few words about the articles.")
    if len(question) > MAX_QUESTION:
        raise QuestionError(
            f"The question has {len(question):,} characters; at most {MAX_QUESTION:,} are read. "
            "Ask it in fewer words."
        )
    return question


def _is_word(character: str) -> bool:
    """Whether a character is a word by itself, as in Chinese: a letter that has no case."""
    return character.isalpha() and unicodedata.category(character) == "Lo"

"""A chat model completes a question from the conversation before it, for the search."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from assistant.answer.write.model_stream import ChatModel
from assistant.answer.write.prompt import is_no_answer, standalone_messages
from assistant.language.detection import detect_question_language
from assistant.language.facts import facts, holds
from assistant.language.keywords import terms
from assistant.models.conversation import MAX_QUESTION, Turn
from assistant.support.errors import ChatModelError

logger = logging.getLogger(__name__)

LEAST_KEPT = 0.5
"""The share of the question's words that its completion must keep: "it" and "there" may go."""

_SHORTEST = 4  # letters of a word that counts


def standalone_question(question: str, history: Sequence[Turn], model: ChatModel) -> str:
    """``question`` completed by ``model`` from earlier turns; unchanged if that fails.

    The result is used for the search only. One that repeats an earlier question, or has lost what
    this one asks, would find the answer to another question, and is dropped.
    """
    asked = [turn.content for turn in history if turn.role == "user"]
    if not asked:
        return question
    try:
        written = model.complete(standalone_messages(question, history))
    except ChatModelError as error:
        logger.warning("Using the question unchanged. %s", error)
        return question
    line = next((line.strip() for line in written.splitlines() if line.strip()), "")
    line = line.removeprefix("<question>").removesuffix("</question>").strip()
    return line if _completes(line, question, asked) else question


def _completes(line: str, question: str, earlier: Sequence[str]) -> bool:
    """Whether ``line`` asks what ``question`` does."""
    if len(line) > MAX_QUESTION or not any(map(str.isalnum, line)) or is_no_answer(line):
        return False
    language = detect_question_language(question)
    kept = set(terms(line, language))
    if any(set(terms(one, language)) == kept for one in earlier):
        return False
    if any(not holds(facts(line, language), fact) for fact in facts(question, language)):
        return False
    wanted = {term for term in terms(question, language) if len(term) >= _SHORTEST}
    return len(wanted & kept) >= LEAST_KEPT * len(wanted)

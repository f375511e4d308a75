"""One real request to the chat model that is set: whether it answers, and how fast."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass

from assistant.answer.write.chat_model import load_chat_model, server_of
from assistant.answer.write.dialect import Message
from assistant.answer.write.model_output import RESTART
from assistant.answer.write.prompt import LABEL
from assistant.language.reference import reference_sentences
from assistant.support.errors import AssistantError, ChatModelError, Trouble
from assistant.support.settings import Settings

SOURCES = 40
"""Sentences of the prompt, which is as long as that of a question: about a thousand tokens."""

SLOW_FIRST_S = 20.0
SLOW_TOKENS_S = 4.0
LEAST_CONTEXT = 4_096
"""What is worth a word: longer until the first word, fewer tokens a second, less to read."""

_CHARACTERS = 4
"""Characters of a token, roughly, in English."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How the chat model ``name`` did: ``context`` in tokens, ``first_s`` seconds to its first
    word, ``tokens_s`` tokens a second after it. ``problem`` says why it did not answer; ``advice``
    what to change, "" if nothing.
    """

    name: str
    context: int = 0
    first_s: float = 0.0
    tokens_s: float = 0.0
    problem: str = ""
    advice: str = ""

    @property
    def told(self) -> str:
        """The trial in a line."""
        told = (
            f"{self.name}: {self.context:,} tokens of context, first word after "
            f"{self.first_s:.1f} s, then {self.tokens_s:.0f} tokens a second."
        )
        return f"{told} {self.advice}".strip()


def try_out(settings: Settings) -> Trial:
    """Ask the chat model of ``settings`` for a few sentences. Takes as long as an answer does."""
    try:
        model = load_chat_model(settings)
    except AssistantError as error:
        return Trial(str(settings.llm), problem=str(error), advice="See docs/chat-models.md.")
    with closing(model):
        started = time.perf_counter()
        first, text = 0.0, ""
        try:
            with closing(model.stream(_messages())) as pieces:
                for piece in pieces:
                    if piece.strip(RESTART):
                        first = first or time.perf_counter() - started
                        text += piece
        except ChatModelError as error:
            if error.kind is not Trouble.CUT:
                return Trial(model.name, problem=str(error), advice=_remedy(settings, error.kind))
        spent = max(time.perf_counter() - started - first, 1e-3)
        speed = len(text) / _CHARACTERS / spent
        return Trial(
            model.name, model.context, first, speed, advice=_advice(model.context, first, speed)
        )


def _messages() -> list[Message]:
    said = reference_sentences("en")[:SOURCES]
    sources = "\n".join(f"[{LABEL}{n}] {sentence}" for n, sentence in enumerate(said, 1))
    return [
        ("system", "You retell sources in English. After each sentence write its label."),
        ("user", f"{sources}\n\nRetell the first five sources, each in a sentence of its own."),
    ]


def _advice(context: int, first: float, speed: float) -> str:
    if context < LEAST_CONTEXT:
        return "Give it more context at its server: few passages fit."
    if first > SLOW_FIRST_S or speed < SLOW_TOKENS_S:
        return "That is slow: a smaller model, or a graphics card, would answer sooner."
    return ""


def _remedy(settings: Settings, kind: Trouble) -> str:
    if kind is Trouble.REJECTED and (names := server_of(settings).models()):
        return f"Its server has: {', '.join(names)}. Set ASSISTANT_LLM to one of them."
    if kind is Trouble.TIMEOUT:
        return "Give it more time with ASSISTANT_LLM_FIRST_TIMEOUT, or take a smaller model."
    return "See that its server runs, and ASSISTANT_LLM, ASSISTANT_LLM_BASE_URL and the key."

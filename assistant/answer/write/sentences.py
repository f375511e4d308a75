"""The sentences that a chat model writes, as they come."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing

from assistant.answer.write.dialect import Message
from assistant.answer.write.markers import CitedSentence, MarkerParser
from assistant.answer.write.model_output import RESTART
from assistant.answer.write.model_stream import ChatModel
from assistant.support.errors import ChatModelError, Trouble

ENDS = (*".!?…。！？।”»\"')",)
"""How a sentence ends that did not break off."""

RESTARTED = CitedSentence("", ())
"""In place of a sentence: those before it were no part of the answer."""


def cited_sentences(
    model: ChatModel, messages: Sequence[Message], language: str, known: int
) -> Generator[CitedSentence | None, None, None]:
    """The sentences that ``model`` writes; None while it is silent.

    One that breaks off in the middle is left out. Raises ``ChatModelError``.
    """
    parser = MarkerParser(language, known)
    with closing(model.stream(messages)) as pieces:
        try:
            for piece in pieces:
                if piece.startswith(RESTART):
                    parser = MarkerParser(language, known)
                    yield RESTARTED
                yield from parser.feed(piece.removeprefix(RESTART)) if piece else (None,)
        except ChatModelError as error:
            if error.kind is Trouble.CUT:
                yield from (one for one in parser.close() if one.text.endswith(ENDS))
            raise
    yield from parser.close()

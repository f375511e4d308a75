"""A question asked in a conversation: understood, searched, answered by quotes or a chat model."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from assistant.answer.parts import questions_in, without_introduction
from assistant.answer.quote.quotes import quote_answer, reply
from assistant.answer.verify.verifier import Verifier
from assistant.answer.write.answer import standalone_question, write_answer
from assistant.language.detection import detect_question_language
from assistant.models.answer import Answer
from assistant.models.conversation import MAX_QUESTION, Turn
from assistant.search.follow_ups import in_context
from assistant.search.retriever import Filters, Found, Question
from assistant.store.engine import Engine
from assistant.support.settings import Settings

if TYPE_CHECKING:
    from assistant.answer.write.model_stream import ChatModel, Tally

ANSWER_PASSAGES = 8
"""Passages that an answer may quote from."""

CLEARER = 0.0
"""How much nearer to the articles a question must come without its beginning, of 2 at most."""

MOST_READ = 40
"""Passages of an article that a summary is made of."""

REACH = 1
"""Passages before and after each of them that a list or section may reach into."""

Find = Callable[[Question, int, Filters], list[Found]]
"""The best passages for a question, of those that the filters let by."""


class Asking:
    """Answers questions; the chat model of ``settings.llm`` is loaded when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._model: ChatModel | None = None
        self._loading = threading.Lock()

    def chat_model(self) -> ChatModel | None:
        """The chat model, or None if none is set. Raises ``SettingsError`` or ``ModelError``."""
        if self._settings.llm is None:
            return None
        with self._loading:
            if self._model is None:
                # Loading a provider's library takes seconds.
                from assistant.answer.write.chat_model import load_chat_model

                self._model = load_chat_model(self._settings)
            return self._model

    @property
    def tally(self) -> Tally | None:
        """How the chat model did so far, or None if it was not loaded."""
        return self._model.tally if self._model else None

    def stream(
        self, engine: Engine, find: Find, text: str, history: Sequence[Turn], filters: Filters
    ) -> Generator[Answer, None, None]:
        """The answer to ``text`` as it grows; ``history`` is what was said before, oldest first."""
        started = time.perf_counter()
        model = self.chat_model()
        asked = standalone_question(text, history, model) if model else text
        turns = () if asked != text else history
        parts = self._understood(engine, find, asked, turns, filters)
        embedded = time.perf_counter()
        found = [find(one, ANSWER_PASSAGES, filters) for one, _ in parts]
        retrieved = time.perf_counter()
        whole = parts[0][0]
        understood = replace(whole, text=text)
        shown = asked if asked != text else " ".join(filter(None, (shown for _, shown in parts)))
        quotes = self._quoted(engine, understood, [one for one, _ in parts], found, filters)
        answers: Iterator[Answer] = quotes
        if model:
            *_, last = answers
            every = list({one.passage.id: one for some in found for one in some}.values())
            answers = self._written(engine, understood, every, last, model, history)
        for answer in answers:
            now = time.perf_counter()
            spans = {
                "understand": embedded - started,
                "retrieve": retrieved - embedded,
                "answer": now - retrieved,
            }
            timings = {name: 1000 * seconds for name, seconds in spans.items()}
            yield replace(answer, understood=shown, timings_ms=timings)

    def quotes(self, engine: Engine, find: Find, text: str, filters: Filters) -> Answer:
        """The whole answer to ``text`` in quotes, or the refusal, without asking a chat model."""
        understood = engine.retriever.understand(text)
        found = find(understood, ANSWER_PASSAGES, filters)
        *_, whole = self._quoted(engine, understood, [understood], [found], filters)
        return whole

    def close(self) -> None:
        """Close the connections of the chat model."""
        if self._model is not None:
            self._model.close()

    def _understood(
        self, engine: Engine, find: Find, text: str, history: Sequence[Turn], filters: Filters
    ) -> list[tuple[Question, str]]:
        """The questions in ``text``, each with what was said before it, and how to show that."""
        language = detect_question_language(text)
        understood: list[tuple[Question, str]] = []
        said = list(history)
        for one in questions_in(text, language):
            turns = [*said, Turn("user", one.before[-MAX_QUESTION:])] if one.before else said
            plain = self._without_introduction(engine, find, one.text, language, filters)
            understood.append(in_context(engine.retriever, plain, turns, filters))
            said = [*said, Turn("user", plain)]
        return understood

    def _without_introduction(
        self, engine: Engine, find: Find, text: str, language: str, filters: Filters
    ) -> str:
        """``text`` without what leads up to the question, if that comes nearer to the articles."""
        best, nearest = text, None
        for shorter in without_introduction(text, language):
            if nearest is None:
                nearest = self._nearest(engine, find, text, filters) + CLEARER
            near = self._nearest(engine, find, shorter, filters)
            if near > nearest:
                best, nearest = shorter, near
        return best

    def _nearest(self, engine: Engine, find: Find, text: str, filters: Filters) -> float:
        found = find(engine.retriever.understand(text), 1, filters)
        return max((one.hit.why["passage"] + one.hit.why["sentence"] for one in found), default=0.0)

    def _quoted(
        self, engine: Engine, asked: Question, questions: Sequence[Question],
        found: Sequence[Sequence[Found]], filters: Filters,
    ) -> Iterator[Answer]:  # fmt: skip
        passages = engine.library.passages.count(filters.clearance)

        def read(question: Question, article: str) -> Found | None:
            return engine.retriever.read(question, article, MOST_READ, filters.clearance)

        replies = [
            reply(
                one, some, engine.retriever.surroundings(one, some, REACH, filters.clearance),
                passages, strictness=self._settings.strictness,
                read=partial(read, one),
            )
            for one, some in zip(questions, found, strict=True)
        ]  # fmt: skip
        return quote_answer(asked, replies)

    def _written(
        self, engine: Engine, understood: Question, found: Sequence[Found], quotes: Answer,
        model: ChatModel, history: Sequence[Turn],
    ) -> Iterator[Answer]:  # fmt: skip
        verifier = Verifier(engine.embedder, engine.centring, engine.library.words.get)
        return write_answer(
            understood, found, quotes, model, verifier, history, self._settings.unsupported
        )

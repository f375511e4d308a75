"""A question asked in a conversation: understood, searched, answered by quotes or a chat model."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from assistant.answer.judge.model import own
from assistant.answer.questions import understand
from assistant.answer.quote.quotes import Reply, quote_answer, reply
from assistant.answer.talk.examples import Intent
from assistant.answer.talk.intents import Intents, Request
from assistant.answer.talk.reply import talk
from assistant.answer.translate.local_models import LocalModels
from assistant.answer.translate.quotes import Translate, translated, translation_of
from assistant.answer.verify.nli import CrossEncoderNli
from assistant.answer.verify.verifier import Verifier
from assistant.answer.write.answer import AnswerWriter, model_translation
from assistant.answer.write.follow_up import standalone_question
from assistant.embedding import RecentQueries
from assistant.models.answer import Answer, Translation
from assistant.models.conversation import Turn
from assistant.models.filters import Filters
from assistant.search.found import Found, Question
from assistant.search.rerank import Reranker
from assistant.search.retriever import Retriever
from assistant.store.engine import Engine
from assistant.support.settings import Settings

if TYPE_CHECKING:
    from assistant.answer.write.model_stream import ChatModel
    from assistant.models.status import Tally

ANSWER_PASSAGES = 8
"""Passages that an answer may quote from."""

MOST_READ = 40
"""Passages of an article that a summary is made of."""

REACH = 1
"""Passages before and after each of them that a list or section may reach into."""


class Answerer:
    """Answers questions; the chat model of ``settings.llm`` is loaded when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._nli = CrossEncoderNli(settings.nli) if settings.nli else None
        self._reranker = Reranker(settings.reranker) if settings.reranker else None
        # A library that was replaced is closed by its last reader: nothing here may hold on to it.
        self._retrievers: WeakKeyDictionary[Engine, Retriever] = WeakKeyDictionary()
        self._recognisers: WeakKeyDictionary[Engine, Intents] = WeakKeyDictionary()
        self._translators: LocalModels | None = None
        self._model: ChatModel | None = None
        self._loading = threading.Lock()
        self.trouble = ""

    def retriever(self, engine: Engine) -> Retriever:
        """The retriever over ``engine``, one for all its questions."""
        with self._loading:
            if engine not in self._retrievers:
                self._retrievers[engine] = Retriever(
                    engine.library, engine.index, RecentQueries(engine.embedder),
                    engine.centring, self._reranker,
                )  # fmt: skip
            return self._retrievers[engine]

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

    def look_for_chat_model(self) -> str:
        """Why the chat model will not answer, as far as its server tells; "" if it may. Kept as
        ``trouble``.
        """
        from assistant.answer.write.chat_model import server_of

        self.trouble = server_of(self._settings).problem() if self._settings.llm else ""
        return self.trouble

    @property
    def tally(self) -> Tally | None:
        """How the chat model did so far, or None if it was not loaded."""
        return self._model.tally if self._model else None

    def stream(
        self, engine: Engine, text: str, history: Sequence[Turn], filters: Filters
    ) -> Generator[Answer, None, None]:
        """The answer to ``text`` as it grows; ``history`` is what was said before, oldest first."""
        return self._answers(engine, text, history, filters, self.chat_model())

    def quotes(self, engine: Engine, text: str, filters: Filters) -> Answer:
        """The whole answer to ``text`` on its own, without asking a chat model."""
        *_, whole = self._answers(engine, text, (), filters, None)
        return whole

    def _answers(
        self, engine: Engine, text: str, history: Sequence[Turn], filters: Filters,
        model: ChatModel | None,
    ) -> Generator[Answer, None, None]:  # fmt: skip
        started = time.perf_counter()
        retriever = self.retriever(engine)
        alone = retriever.understand(text)
        request = self._request(engine, alone, history)
        summarized = request.topic if request and request.intent is Intent.SUMMARY else ""
        said = None
        if request is not None and not summarized:
            said = talk(request, alone, history, filters, engine.library, retriever)
        if said is not None:
            spent = 1000 * (time.perf_counter() - started)
            yield replace(said, timings_ms={"understand": spent})
            return
        asked = standalone_question(text, history, model) if model else text
        if asked == text:
            parts = understand(retriever, text, history, filters)
        else:
            parts = [(retriever.understand(asked), asked)]
        if summarized and len(parts) == 1:
            parts = [(replace(parts[0][0], summarized=summarized), parts[0][1])]
        shown = " ".join(shown for _, shown in parts if shown)
        embedded = time.perf_counter()
        found = [retriever.find(one, ANSWER_PASSAGES, filters) for one, _ in parts]
        retrieved = time.perf_counter()
        understood = replace(parts[0][0], text=text)
        answers = self._quoted(engine, understood, [one for one, _ in parts], found, filters)
        if model:
            *_, whole = answers
            every = list({one.passage.id: one for some in found for one in some}.values())
            answers = self._written(engine, understood, every, whole, model, history, filters)
        for answer in answers:
            now = time.perf_counter()
            spans = {
                "understand": embedded - started,
                "retrieve": retrieved - embedded,
                "answer": now - retrieved,
            }
            timings = {name: 1000 * seconds for name, seconds in spans.items()}
            yield replace(answer, understood=shown, timings_ms=timings)

    def translated(self, answer: Answer) -> Answer:
        """``answer`` with translations of its quotes, if there is what translates.

        Raises ``ModelError`` or ``SettingsError`` if that cannot be loaded.
        """
        translate = self._translate()
        return translated(answer, translate) if translate else answer

    def translation(self, text: str, source: str, target: str) -> Translation | None:
        """``text`` in the language ``target``; None if no model of this machine translates it."""
        local = self._local_models()
        return translation_of(text, source, target, local.translate) if local else None

    def _translate(self) -> Translate | None:
        if local := self._local_models():
            return local.translate
        model = self.chat_model()
        return partial(model_translation, model) if model else None

    def _local_models(self) -> LocalModels | None:
        if (folder := self._settings.translator) is None:
            return None
        with self._loading:
            if self._translators is None:
                self._translators = LocalModels(folder)
            return self._translators

    def prepare(self, engine: Engine) -> None:
        """Do beforehand what the first question would wait for."""
        self._intents(engine).prepare()

    def _request(
        self, engine: Engine, question: Question, history: Sequence[Turn]
    ) -> Request | None:
        """What is asked of the assistant, its library or for a summary; None for anything else."""
        answered = any(turn.role == "assistant" for turn in history)
        request = self._intents(engine).recognise(question, answered)
        if request and request.intent is Intent.SIMPLER and self._settings.llm:
            return None
        return request

    def _intents(self, engine: Engine) -> Intents:
        with self._loading:
            if engine not in self._recognisers:
                self._recognisers[engine] = Intents(
                    engine.embedder, engine.centring, self._settings.cache / "means"
                )
            return self._recognisers[engine]

    def close(self) -> None:
        """Close the connections of the chat model."""
        if self._model is not None:
            self._model.close()

    def _quoted(
        self, engine: Engine, asked: Question, questions: Sequence[Question],
        found: Sequence[Sequence[Found]], filters: Filters,
    ) -> Iterator[Answer]:  # fmt: skip
        """``asked`` in quotes: each of the ``questions`` in it from what was ``found`` for it."""
        retriever = self.retriever(engine)
        passages = engine.library.passages.count(filters.clearance)
        weights = own(self._settings.data, engine.embedder.identity)
        replies: list[Reply] = []
        for one, some in zip(questions, found, strict=True):
            if replies and one.earlier:  # it goes on from the question before it in the message
                one = replace(one, said=replies[-1].text)
            replies.append(
                reply(
                    one,
                    some,
                    retriever.surroundings(one, some, REACH, filters.clearance),
                    passages,
                    read=partial(retriever.read, one, most=MOST_READ, clearance=filters.clearance),
                    strictness=self._settings.strictness,
                    weights=weights,
                )
            )
        return quote_answer(asked, replies)

    def _written(
        self, engine: Engine, understood: Question, found: Sequence[Found], quotes: Answer,
        model: ChatModel, history: Sequence[Turn], filters: Filters,
    ) -> Iterator[Answer]:  # fmt: skip
        retriever = self.retriever(engine)
        verifier = Verifier(
            engine.embedder, engine.centring, engine.library.words.get, nli=self._nli
        )
        count = engine.embedder.count_tokens
        read = partial(retriever.read, understood, most=MOST_READ, clearance=filters.clearance)
        translate = self._translate() or partial(model_translation, model)
        writer = AnswerWriter(
            model, verifier, count, read, translate,
            self._settings.unsupported, self._settings.check,
        )  # fmt: skip
        return writer.answer(understood, found, quotes, history)

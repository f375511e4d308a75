"""The assistant: one object that keeps a library of the corpus and answers from it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from typing import TYPE_CHECKING

from assistant.answers import Answer, SearchResults
from assistant.articles import Article
from assistant.asking import Asking
from assistant.conversation import Turn, check_question, recent
from assistant.embedding import Embedder
from assistant.engine import Engine
from assistant.errors import AssistantError, LibraryBusyError, OldModelError
from assistant.examples import example_questions
from assistant.following import follow
from assistant.reranking import RERANKED, Reranker
from assistant.retrieval import EVERYTHING, Filters, Found, Question
from assistant.serving import Serving
from assistant.settings import Settings
from assistant.storage.library import Library
from assistant.storage.records import ArticleSummary
from assistant.storage.writer import Writer
from assistant.sync import Failure, Progress, SyncReport, sync

if TYPE_CHECKING:
    from assistant.langchain_adapters import ArticleRetriever

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Status:
    """What the library holds and what is being done to it.

    ``done`` and ``total`` count the files of the sync under way or last done. ``error`` says why
    the last sync in the background failed as a whole. ``ready`` means that questions are answered,
    if more slowly while the index is ``rebuilding``.
    """

    articles: int
    languages: tuple[str, ...]
    newest: date | None
    syncing: bool
    done: int
    total: int
    failures: tuple[Failure, ...]
    error: str | None
    ready: bool
    rebuilding: bool = False


class Assistant:
    """Answers questions from the articles in ``settings.corpus``. Many threads may use one.

    Making one is cheap: the library is opened and the model loaded when they are first needed.
    ``embedder`` is one already loaded, to be used instead of ``settings.embedding_model``.
    """

    def __init__(self, settings: Settings | None = None, embedder: Embedder | None = None) -> None:
        self.settings = settings or Settings()
        self._serving = Serving(self.settings, embedder)
        self._reranker = Reranker(self.settings.reranker) if self.settings.reranker else None
        self._writer = Writer(self.settings.data)
        self._syncing = threading.Lock()
        self._background: threading.Thread | None = None
        self._follower: threading.Thread | None = None
        self._stopped = threading.Event()
        self._progress = (0, 0)
        self._error: str | None = None

    def sync(
        self, progress: Progress = lambda done, total: None, *, wait: bool = False
    ) -> SyncReport:
        """Bring the library up to date with the corpus folder.

        If another model or version made it, a new one is made beside it, which takes its place when
        it is whole. Raises ``CorpusError`` if the folder cannot be read, ``LibraryBusyError`` if
        another process writes to the same data folder (unless it is to ``wait`` for that),
        ``ModelError`` if the model cannot be loaded.
        """

        def tell(done: int, total: int) -> None:
            self._progress = (done, total)
            progress(done, total)
            if self._stopped.is_set():
                raise AssistantError("The sync was stopped. The next one goes on from there.")

        with self._syncing, self._writer.held(wait=wait, stopped=self._stopped.is_set):
            self._serving.tidy()
            engine = self._serving.target()
            self._serving.refresh(engine)
            library, corpus = engine.library, self.settings.corpus
            with library.change():
                library.put("corpus", str(corpus.resolve()))
            report = sync(corpus, library, engine.index, engine.embedder, engine.centring, tell)
            with library.change():
                library.put("synced", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
            self._serving.refresh(engine)
            engine.index.seal()
            self._serving.adopt(engine)
            self._serving.tidy()
            return report

    def start_sync(self) -> None:
        """Sync in a thread of its own; ``status()`` tells how far it is, and why it failed.

        From then on, what another process changes in the library is taken over within a second.
        """

        def run() -> None:
            try:
                self.sync(wait=True)
            except AssistantError as error:
                self._error = str(error)
                logger.error("%s", error)
            except Exception as error:
                self._error = f"The sync failed: {type(error).__name__}: {error}."
                logger.exception("The sync failed")

        self._error = None
        self._background = threading.Thread(target=run, name="sync", daemon=True)
        self._background.start()
        if self._follower is None:
            self._follower = follow(self._serving, self._writer, self._syncing, self._stopped)

    def status(self) -> Status:
        """What the library holds and what is being done to it."""
        articles, languages, newest = self.library.overview()
        done, total = self._progress
        return Status(
            articles=articles,
            languages=languages,
            newest=newest,
            syncing=self._is_syncing,
            done=done,
            total=total,
            failures=tuple(Failure(*failed) for failed in self.library.failures()),
            error=self._error,
            ready=articles > 0 and self._serving.opened,
            rebuilding=self._serving.rebuilding,
        )

    def search(self, question: str, top: int = 10, filters: Filters = EVERYTHING) -> SearchResults:
        """The ``top`` passages that best fit ``question``, best first, of those ``filters`` let by.

        Raises ``QuestionError`` for an empty or overlong question. A library that was never synced
        is synced first, unless that is under way: then ``LibraryBusyError`` says how far it is.
        """
        text = check_question(question)
        engine = self._answering()
        understood = engine.retriever.understand(text)
        found = self._find(engine, understood, top, filters)
        return SearchResults(text, understood.language, tuple(one.hit for one in found))

    def ask(
        self, question: str, history: Sequence[Turn] = (), filters: Filters = EVERYTHING
    ) -> Answer:
        """The whole answer; raises what ``search`` raises."""
        *_, answer = self.stream(question, history, filters)
        return answer

    def stream(
        self, question: str, history: Sequence[Turn] = (), filters: Filters = EVERYTHING
    ) -> Iterator[Answer]:
        """The answer as it grows; the last item is complete. Raises what ``search`` raises.

        ``history`` is what was said before, oldest first; a follow-up is understood from it.
        """
        started = time.perf_counter()
        text = check_question(question)
        engine = self._answering()
        waited = 1000 * (time.perf_counter() - started)
        find = partial(self._find, engine)
        answers = self._asking.stream(engine, find, text, recent(history), filters)
        with closing(answers):
            for answer in answers:
                spent = {"start": waited, **answer.timings_ms}
                timings = {**spent, "total": sum(spent.values())}
                yield replace(answer, timings_ms=timings)

    def article(self, article_id: str) -> Article:
        """The article with this id. Raises ``LibraryError`` if there is none."""
        return self.library.article(article_id)

    def articles(self) -> list[ArticleSummary]:
        """All articles, by source."""
        return self.library.articles()

    def examples(self, language: str, count: int = 4) -> list[str]:
        """Up to ``count`` questions in ``language`` to show what can be asked of the corpus."""
        return example_questions(self.settings.corpus, self.articles, language, count)

    def as_retriever(self, top: int = 10) -> ArticleRetriever:
        """The search as a LangChain retriever, which gives documents with offsets as metadata."""
        from assistant.langchain_adapters import ArticleRetriever

        return ArticleRetriever(assistant=self, top=top)

    def close(self) -> None:
        """Stop a sync in the background after its batch, and close the files."""
        self._stopped.set()
        for thread in (self._background, self._follower):
            if thread is not None:
                thread.join()
        if "_asking" in self.__dict__:
            self._asking.close()
        self._serving.close()

    @property
    def embedder(self) -> Embedder:
        """The embedding model, loaded if it is not yet. Raises ``ModelError`` if it cannot be."""
        return self._serving.wanted

    @property
    def library(self) -> Library:
        """The library that answers now. Raises ``LibraryError`` if it cannot be opened."""
        return self._serving.library

    @cached_property
    def _asking(self) -> Asking:
        return Asking(self.settings)

    @property
    def _is_syncing(self) -> bool:
        return self._background is not None and self._background.is_alive()

    def _find(self, engine: Engine, question: Question, top: int, filters: Filters) -> list[Found]:
        if self._reranker is None:
            return engine.retriever.find(question, top, filters)
        found = engine.retriever.find(question, max(top, RERANKED), filters)
        return self._reranker.rerank(question.text, found)[:top]

    def _answering(self) -> Engine:
        """The engine over a library that was synced at least once, its index in step if it can be.

        One that no loadable model made counts as never synced.
        """
        try:
            engine = self._serving.engine()
        except OldModelError as error:
            self._first_sync(str(error))
            return self._serving.engine()
        if engine.library.get("synced") is None and engine.library.passages.count() == 0:
            self._first_sync("The articles are being read for the first time")
        elif self._follower is None and self._syncing.acquire(blocking=False):
            try:
                self._serving.refresh(engine)
            finally:
                self._syncing.release()
        return self._serving.engine()

    def _first_sync(self, why: str) -> None:
        if self._is_syncing:
            done, total = self._progress
            raise LibraryBusyError(
                f"{why.rstrip('.')} ({done} of {total} files done). Ask again in a moment."
            )
        logger.info("%s", why)
        self.sync()

"""The assistant: one object that keeps a library of the corpus and answers from it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from assistant.answers import Answer, SearchResults
from assistant.articles import Article
from assistant.asking import Asking
from assistant.conversation import Turn, check_question, recent
from assistant.embedding import Embedder
from assistant.engine import Engine, start_engine
from assistant.errors import AssistantError, LibraryBusyError, LibraryError
from assistant.examples import example_questions
from assistant.reading import ReaderProcess
from assistant.reranking import RERANKED, Reranker
from assistant.retrieval import EVERYTHING, Filters, Found, Question, Retriever
from assistant.settings import Settings
from assistant.storage.library import Library
from assistant.storage.records import ArticleSummary
from assistant.sync import Failure, Progress, SyncReport, sync

if TYPE_CHECKING:
    from assistant.langchain_adapters import ArticleRetriever

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Status:
    """What the library holds and what is being done to it.

    ``done`` and ``total`` count the files of the sync under way or last done. ``error`` says why
    the last sync in the background failed as a whole. ``ready`` means that questions are answered.
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


class Assistant:
    """Answers questions from the articles in ``settings.corpus``. Many threads may use one.

    Making one is cheap: the library is opened and the model loaded when they are first needed.
    ``embedder`` is one already loaded, to be used instead of ``settings.embedding_model``.
    """

    def __init__(self, settings: Settings | None = None, embedder: Embedder | None = None) -> None:
        self.settings = settings or Settings()
        self._embedder = embedder
        self._reranker = Reranker(self.settings.reranker) if self.settings.reranker else None
        self._reader = ReaderProcess(self.settings.read_timeout, self.settings.ocr)
        # Shared by the threads of this process (``_syncing`` keeps those apart), not by others.
        self._file_lock = FileLock(self.settings.data / "sync.lock", thread_local=False)
        self._syncing = threading.Lock()
        self._starting = threading.Lock()
        self._engine: Engine | None = None
        self._background: threading.Thread | None = None
        self._stopped = threading.Event()
        self._progress = (0, 0)
        self._error: str | None = None

    def sync(self, progress: Progress = lambda done, total: None) -> SyncReport:
        """Bring the library up to date with the corpus folder.

        Raises ``CorpusError`` if the folder cannot be read, ``LibraryBusyError`` if another
        process writes to the same data folder, ``ModelError`` if the model cannot be loaded.
        """

        def follow(done: int, total: int) -> None:
            self._progress = (done, total)
            progress(done, total)
            if self._stopped.is_set():
                raise AssistantError("The sync was stopped. The next one goes on from there.")

        with self._syncing, self._writing():
            engine = self._start()
            corpus = self.settings.corpus
            with self.library.change():
                self.library.put("corpus", str(corpus.resolve()))
            report = sync(
                corpus,
                self.library,
                engine.index,
                engine.embedder,
                engine.centring,
                self._reader,
                follow,
            )
            self._reader.close()  # it would lie idle until the next sync
            with self.library.change():
                self.library.put("synced", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
            return report

    def start_sync(self) -> None:
        """Sync in a thread of its own; ``status()`` tells how far it is, and why it failed."""

        def run() -> None:
            try:
                self.sync()
            except AssistantError as error:
                self._error = str(error)
                logger.error("%s", error)
            except Exception as error:
                self._error = f"The sync failed: {type(error).__name__}: {error}."
                logger.exception("The sync failed")

        self._error = None
        self._background = threading.Thread(target=run, name="sync", daemon=True)
        self._background.start()

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
            ready=articles > 0 and self._engine is not None,
        )

    def search(self, question: str, top: int = 10, filters: Filters = EVERYTHING) -> SearchResults:
        """The ``top`` passages that best fit ``question``, best first, of those ``filters`` let by.

        Raises ``QuestionError`` for an empty or overlong question. A library that was never synced
        is synced first, unless that is under way: then ``LibraryBusyError`` says how far it is.
        """
        text = check_question(question)
        retriever = self._retriever()
        understood = retriever.understand(text)
        found = self._find(understood, top, filters)
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
        self._retriever()
        waited = 1000 * (time.perf_counter() - started)
        answers = self._asking.stream(self._start(), self._find, text, recent(history), filters)
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
        if self._background is not None:
            self._background.join()
        if "_asking" in self.__dict__:
            self._asking.close()
        self._reader.close()
        if self._engine is not None:
            self._engine.index.close()
        if "library" in self.__dict__:
            self.library.close()

    @property
    def embedder(self) -> Embedder:
        """The embedding model, loaded if it is not yet. Raises ``ModelError`` if it cannot be."""
        return self._start().embedder

    @cached_property
    def library(self) -> Library:
        """The store in the data folder. Raises ``LibraryError`` if it cannot be opened."""
        return Library(self.settings.data)

    @cached_property
    def _asking(self) -> Asking:
        return Asking(self.settings, self.library)

    @property
    def _is_syncing(self) -> bool:
        return self._background is not None and self._background.is_alive()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the data folder's lock against other processes. Raises ``LibraryBusyError``."""
        try:
            self.settings.data.mkdir(parents=True, exist_ok=True)
            lock = self._file_lock.acquire(timeout=0)
        except Timeout as error:  # an OSError too, so it comes first
            raise LibraryBusyError(
                f"Another process is syncing into {self.settings.data}. Wait until it is done, or "
                "choose another folder with --data."
            ) from error
        except OSError as error:
            raise LibraryError(
                f"The data folder {self.settings.data} cannot be written: {error}. Allow writing "
                "there, or choose another with --data."
            ) from error
        with lock:
            yield

    def _find(self, question: Question, top: int, filters: Filters) -> list[Found]:
        retriever = self._start().retriever
        if self._reranker is None:
            return retriever.find(question, top, filters)
        found = retriever.find(question, max(top, RERANKED), filters)
        return self._reranker.rerank(question.text, found)[:top]

    def _retriever(self) -> Retriever:
        """The retriever over a library that was synced at least once."""
        engine = self._start()
        if self.library.get("synced") is None and self.library.passages.count() == 0:
            if self._is_syncing:
                done, total = self._progress
                raise LibraryBusyError(
                    f"The articles are being read for the first time ({done} of {total} files "
                    "done). Ask again in a moment."
                )
            self.sync()
        return engine.retriever

    def _start(self) -> Engine:
        with self._starting:
            if self._engine is None:
                self._engine = start_engine(
                    self.settings, self.library, self._embedder, self._writing
                )
            return self._engine

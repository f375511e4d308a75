"""The assistant: one object that keeps a library of the corpus and answers from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from assistant.answers import Answer, SearchResults
from assistant.articles import Article
from assistant.asking import Asking
from assistant.background import BackgroundSync
from assistant.conversation import Turn, check_question, recent
from assistant.corpus import Contents, Corpus
from assistant.embedding import Embedder
from assistant.engine import Engine, start_engine
from assistant.errors import (
    AssistantError,
    EmptiedCorpusError,
    LibraryBusyError,
    LibraryError,
)
from assistant.examples import Place, answered_anew, example_questions, next_questions
from assistant.feedback import FeedbackLog
from assistant.reading import ReaderProcess
from assistant.reranking import RERANKED, Reranker
from assistant.retrieval import EVERYTHING, Filters, Found, Question, Retriever
from assistant.settings import Settings
from assistant.storage.library import Library
from assistant.storage.records import ArticleSummary
from assistant.sync import Failure, Progress, SyncReport, sync
from assistant.watching import Watch

if TYPE_CHECKING:
    from assistant.fetching.fetch import FetchReport
    from assistant.langchain_adapters import ArticleRetriever


@dataclass(frozen=True, slots=True)
class Status:
    """What the library holds and what is being done to it.

    ``done`` and ``total`` count the files of the sync under way or last done. ``failures`` are the
    files and web sources that cannot be read, until they are mended. ``error`` says why the last
    sync in the background failed as a whole. ``ready`` means that questions are answered.
    ``synced`` is when the last sync was complete, in UTC; None if none was.
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
    synced: datetime | None = None


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
        self._corpus = Corpus(self.settings)
        self._background: BackgroundSync | None = None
        self._stopped = threading.Event()
        self._progress = (0, 0)

    def fetch(self, progress: Progress = lambda done, total: None) -> FetchReport:
        """Read the pages, feeds and sitemaps that the corpus lists, for the next sync to take in.

        Nothing else speaks to other hosts. What fails is told by that sync. Raises
        ``LibraryBusyError`` if another process is fetching into the same data folder.
        """
        return self._corpus.fetch(progress)

    def sync(
        self, progress: Progress = lambda done, total: None, *, allow_empty: bool = False
    ) -> SyncReport:
        """Bring the library up to date with the corpus folder and what was fetched for it.

        Raises ``CorpusError`` if the folder cannot be read, or holds nothing while the library
        does, unless ``allow_empty``; ``LibraryBusyError`` if another process writes to the same
        data folder, ``ModelError`` if the model cannot be loaded. Nothing is changed then.
        """

        def follow(done: int, total: int) -> None:
            self._progress = (done, total)
            progress(done, total)
            if self._stopped.is_set():
                raise AssistantError("The sync was stopped. The next one goes on from there.")

        with self._syncing, self._writing():
            engine = self._start()
            contents = self._corpus.contents()
            if not allow_empty:
                self._check_not_emptied(contents)
            with self.library.change():
                self.library.put("corpus", str(self._corpus.folder.resolve()))
                self.library.put_fetch_failures(contents.failures)
            report = sync(
                contents.files,
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
            self._corpus.drop_others(contents)
            return report

    def start_sync(self, follow: bool = False) -> None:
        """Sync in a thread of its own; ``status()`` tells how far it is, and why it failed.

        With ``follow``, sync again after each change of the corpus folder, until ``close``.
        """
        watch = Watch(self.settings.corpus, self.settings.data) if follow else None
        self._background = BackgroundSync(self.sync, watch)

    def status(self) -> Status:
        """What the library holds and what is being done to it."""
        articles, languages, newest = self.library.overview()
        done, total = self._progress
        synced = self.library.get("synced")
        return Status(
            articles=articles,
            languages=languages,
            newest=newest,
            syncing=self._is_syncing,
            done=done,
            total=total,
            failures=tuple(Failure(*failed) for failed in self.library.failures()),
            error=self._background.error if self._background else None,
            ready=articles > 0 and self._engine is not None,
            synced=datetime.fromisoformat(synced) if synced else None,
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
    ) -> Generator[Answer, None, None]:
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

    def suggestions(
        self,
        shown: Sequence[Place],
        language: str,
        asked: Iterable[str] = (),
        filters: Filters = EVERYTHING,
        count: int = 3,
    ) -> list[str]:
        """Up to ``count`` questions in ``language`` to ask after an answer that quoted ``shown``.

        None is one of ``asked``; each was answered just now, in quotes, with other words.
        """
        near = [self.article(id_) for id_ in dict.fromkeys(article for article, _ in shown)]
        questions = next_questions(self.settings.corpus, near, language)
        engine = self._start()

        def quotes(question: str) -> Answer:
            return self._asking.quotes(engine, self._find, question, filters)

        return answered_anew(questions, quotes, shown, asked, count)

    def as_retriever(self, top: int = 10) -> ArticleRetriever:
        """The search as a LangChain retriever, which gives documents with offsets as metadata."""
        from assistant.langchain_adapters import ArticleRetriever

        return ArticleRetriever(assistant=self, top=top)

    def close(self) -> None:
        """Stop a sync in the background after its batch, and close the files."""
        self._stopped.set()
        if self._background is not None:
            self._background.stop()
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
    def feedback(self) -> FeedbackLog:
        """What readers thought of the answers, in the data folder."""
        return FeedbackLog(self.settings.data)

    @cached_property
    def _asking(self) -> Asking:
        return Asking(self.settings, self.library)

    @property
    def _is_syncing(self) -> bool:
        return self._background is not None and self._background.busy

    def _check_not_emptied(self, contents: Contents) -> None:
        """Raise ``EmptiedCorpusError`` if every article would go at once."""
        held = self.library.counts()["articles"]
        if held and not contents.files:
            raise EmptiedCorpusError(
                f"The corpus folder {self._corpus.folder} holds no article any more, but the "
                f"library holds {held}. Nothing was changed. If the folder is on a share, see that "
                "it is mounted. If its articles are really to be forgotten: "
                "assistant sync --allow-empty."
            )

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

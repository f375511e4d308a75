"""The assistant: one object that keeps a library of the corpus and answers from it."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from assistant.access import Principal
from assistant.access.clearance import ALL, Clearance
from assistant.access.groups import Access
from assistant.answer.ask import Asking
from assistant.answer.suggestions import (
    GoldenQuestion,
    Place,
    answered_anew,
    example_questions,
    golden_questions,
    next_questions,
)
from assistant.embedding import Embedder
from assistant.embedding.priority import Courtesy
from assistant.ingest.sync import Failure, Progress, SyncReport
from assistant.ingest.worker import Upkeep
from assistant.models.answer import Answer, SearchResults
from assistant.models.article import Article
from assistant.models.conversation import Turn, check_question, recent
from assistant.models.records import ArticleSummary
from assistant.models.status import Figures, Status
from assistant.search.rerank import RERANKED, Reranker
from assistant.search.retriever import EVERYTHING, Filters, Found, Question
from assistant.store.engine import Engine
from assistant.store.feedback import FeedbackLog
from assistant.store.generations import size_of
from assistant.store.library import Library
from assistant.store.live import Serving
from assistant.support.errors import (
    LibraryBusyError,
    OldModelError,
)
from assistant.support.settings import Settings
from assistant.view import View

if TYPE_CHECKING:
    from assistant.ingest.web.fetch import FetchReport
    from assistant.search.langchain import ArticleRetriever

logger = logging.getLogger(__name__)


class Assistant:
    """Answers questions from the articles in ``settings.corpus``. Many threads may use one.

    It shows all articles, unless ``Filters`` or a ``Clearance`` says otherwise; for others than its
    owner there is ``seen_by``.

    Making one is cheap: the library is opened and the model loaded when they are first needed.
    ``embedder`` is one already loaded, to be used instead of ``settings.embedding_model``. Raises
    ``LibraryError`` if ``settings.data`` is no folder.
    """

    def __init__(self, settings: Settings | None = None, embedder: Embedder | None = None) -> None:
        self.settings = settings or Settings()
        self._serving = Serving(self.settings, embedder)
        self._reranker = Reranker(self.settings.reranker) if self.settings.reranker else None
        self.access = Access(self.settings.corpus, lambda: self.library.get("access"))
        self._courtesy = Courtesy()
        self._upkeep = Upkeep(self.settings, self._serving, self.access, self._courtesy)

    def fetch(self, progress: Progress = lambda done, total: None) -> FetchReport:
        """Read the pages, feeds and sitemaps that the corpus lists, for the next sync to take in.

        Nothing else speaks to other hosts. What fails is told by that sync. Raises
        ``LibraryBusyError`` if another process is fetching into the same data folder.
        """
        return self._upkeep.fetch(progress)

    def sync(
        self,
        progress: Progress = lambda done, total: None,
        *,
        allow_empty: bool = False,
        wait: bool = False,
    ) -> SyncReport:
        """Bring the library up to date with the corpus folder and what was fetched for it.

        If another model or version made it, a new one is made beside it, which takes its place when
        it is whole. Raises ``CorpusError`` if the folder cannot be read, or holds nothing while the
        library does, unless ``allow_empty``; ``LibraryBusyError`` if another process writes to the
        same data folder (unless it is to ``wait`` for that), ``ModelError`` if the model cannot be
        loaded. Nothing is changed then.
        """
        return self._upkeep.sync(progress, allow_empty=allow_empty, wait=wait)

    def start_sync(self, follow: bool = False) -> None:
        """Sync in a thread of its own; ``status()`` tells how far it is, and why it failed.

        With ``follow``, sync again after each change of the corpus folder, until ``close``. From
        then on, what another process changes in the library is taken over within a second.
        """
        self._upkeep.start(partial(self.sync, wait=True), follow)

    def seen_by(self, principal: Principal) -> View:
        """The assistant as ``principal`` may see and ask it."""
        return View(self, principal.groups)

    def status(self, clearance: Clearance = ALL) -> Status:
        """What the library holds that may be shown, and what is being done to it."""
        articles, languages, newest = self.library.overview(clearance)
        done, total = self._upkeep.progress
        synced = self.library.get("synced")
        whole = Status(
            articles=articles,
            languages=languages,
            newest=newest,
            syncing=self._upkeep.syncing,
            done=done,
            total=total,
            failures=tuple(Failure(*failed) for failed in self.library.failures()),
            error=self._upkeep.error,
            ready=self._serving.opened and self.library.overview()[0] > 0,
            synced=datetime.fromisoformat(synced) if synced else None,
            rebuilding=self._serving.rebuilding,
        )
        return whole.shown(clearance)

    def figures(self) -> Figures:
        """What is measured of it. Raises ``LibraryError`` if the library cannot be read."""
        library = self.library
        status = self.status()
        tally = self._asking.tally if "_asking" in self.__dict__ else None
        return Figures(
            articles=library.articles_by_language(),
            passages=library.passages.count(),
            failures=len(status.failures),
            bytes=size_of(self.settings.data),
            rebuilding=status.rebuilding,
            syncing=status.syncing,
            synced=status.synced,
            sync=self._upkeep.last,
            **({"chat_model": tally} if tally else {}),
        )

    def search(self, question: str, top: int = 10, filters: Filters = EVERYTHING) -> SearchResults:
        """The ``top`` passages that best fit ``question``, best first, of those ``filters`` let by.

        Raises ``QuestionError`` for an empty or overlong question. A library that was never synced
        is synced first, unless that is under way: then ``LibraryBusyError`` says how far it is.
        """
        text = check_question(question)
        engine = self._answering()
        with self._courtesy.asking():
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
    ) -> Generator[Answer, None, None]:
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
            for answer in self._courtesy.each(answers):
                spent = {"start": waited, **answer.timings_ms}
                timings = {**spent, "total": sum(spent.values())}
                yield replace(answer, timings_ms=timings)

    def article(self, article_id: str, clearance: Clearance = ALL) -> Article:
        """The article with this id. Raises ``LibraryError`` if there is none to be shown."""
        return self.library.article(article_id, clearance)

    def articles(self, clearance: Clearance = ALL) -> list[ArticleSummary]:
        """All articles that may be shown, by source."""
        return self.library.articles(clearance)

    def examples(self, language: str, count: int = 4, clearance: Clearance = ALL) -> list[str]:
        """Up to ``count`` questions in ``language`` to show what can be asked of the corpus."""
        golden = self._golden(language, clearance)
        return example_questions(golden, partial(self.articles, clearance), language, count)

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
        ids = dict.fromkeys(article for article, _ in shown)
        near = [self.article(id_, filters.clearance) for id_ in ids]
        questions = next_questions(self._golden(language, filters.clearance), near, language)
        engine = self._answering()

        def quotes(question: str) -> Answer:
            return self._asking.quotes(engine, partial(self._find, engine), question, filters)

        return answered_anew(questions, quotes, shown, asked, count)

    def as_retriever(self, top: int = 10) -> ArticleRetriever:
        """The search as a LangChain retriever, which gives documents with offsets as metadata."""
        from assistant.search.langchain import ArticleRetriever

        return ArticleRetriever(assistant=self, top=top)

    def stop_sync(self) -> None:
        """Begin no further sync in the background; one that is under way ends after its batch."""
        self._upkeep.stop()

    def close(self) -> None:
        """Stop a sync in the background after its batch, and close the files."""
        self._upkeep.close()
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
    def feedback(self) -> FeedbackLog:
        """What readers thought of the answers, in the data folder."""
        return FeedbackLog(self.settings.data)

    @cached_property
    def _asking(self) -> Asking:
        return Asking(self.settings)

    def _golden(self, language: str, clearance: Clearance) -> list[GoldenQuestion]:
        """The golden questions in ``language`` whose evidence may all be shown."""
        golden = golden_questions(self.settings.corpus, language)
        if clearance == ALL:
            return golden
        shown = self.library.shown({s for one in golden for s in one.sources}, clearance)
        return [one for one in golden if shown.issuperset(one.sources)]

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
        else:
            self._upkeep.catch_up(engine)
        return self._serving.engine()

    def _first_sync(self, why: str) -> None:
        if self._upkeep.syncing:
            done, total = self._upkeep.progress
            raise LibraryBusyError(
                f"{why.rstrip('.')} ({done} of {total} files done). Ask again in a moment."
            )
        logger.info("%s", why)
        self.sync()

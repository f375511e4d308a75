"""The assistant: one object that keeps a library of the corpus and answers from it."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.access import Principal
from assistant.access.groups import Access, NotedAccess
from assistant.answer.ask import Answerer
from assistant.answer.suggestions import (
    ExampleQuestion,
    Place,
    SureQuotes,
    TopicQuestion,
    answered_anew,
    example_questions,
    golden_questions,
    in_time,
    next_questions,
)
from assistant.embedding import Embedder
from assistant.embedding.priority import QuestionPriority
from assistant.ingest.editor import Editor
from assistant.ingest.originals import Originals
from assistant.ingest.sync import SyncProgress, SyncReport
from assistant.ingest.worker import SyncWorker
from assistant.models.answer import Answer, SearchResults, Translation
from assistant.models.article import Article
from assistant.models.clearance import ALL, Clearance
from assistant.models.conversation import Turn, check_question, recent
from assistant.models.filters import EVERYTHING, Filters
from assistant.models.history import History
from assistant.models.page_view import PageView
from assistant.models.records import ArticleSummary
from assistant.models.status import UNTOLD, Failure, Figures, Status
from assistant.search.gaps import Gap, grouped
from assistant.store.engine import Engine
from assistant.store.feedback import FILE as FEEDBACK
from assistant.store.feedback import FeedbackLog, Opinion
from assistant.store.gap_log import FILE as GAPS
from assistant.store.gap_log import GapLog
from assistant.store.library import Library
from assistant.store.live import LiveEngine
from assistant.store.storage import log_of
from assistant.support.errors import (
    AccessError,
    ArticleError,
    CorpusError,
    LibraryBusyError,
    LibraryError,
    OldModelError,
)
from assistant.support.settings import Settings

if TYPE_CHECKING:
    from assistant.ingest.web.fetch import FetchReport
    from assistant.search.found import Found, Question
    from assistant.search.langchain import ArticleRetriever

logger = logging.getLogger(__name__)


class Assistant:
    """Answers questions from the articles in ``settings.corpus``. Many threads may use one.

    It shows all articles; ``seen_by`` gives it as someone who may see less.

    Making one is cheap: the library is opened and the model loaded when they are first needed.
    ``embedder`` is one already loaded, to be used instead of ``settings.embedding_model``. Raises
    ``LibraryError`` if ``settings.data`` is no folder.
    """

    def __init__(self, settings: Settings | None = None, embedder: Embedder | None = None) -> None:
        self.settings = settings or Settings()
        reading = Access(self.settings.corpus, lambda: self.library.get("access"))
        self.access: Access | NotedAccess = reading
        if self.settings.role == "answer":
            self.access = NotedAccess(lambda: self.library.get("access"))
        self.feedback = FeedbackLog(log_of(self.settings, FEEDBACK, "feedback"))
        self.gap_log = GapLog(log_of(self.settings, GAPS, "gaps"))
        self.groups: frozenset[str] | None = None
        """The groups of whoever sees it; None for someone who sees everything."""
        self._edits = True
        self._live = LiveEngine(self.settings, embedder)
        self._asking = Answerer(self.settings)
        self._sure = SureQuotes(self._asking.quotes)
        self._priority = QuestionPriority()
        self._originals = Originals(self.settings.corpus, self.settings.data)
        self._worker = SyncWorker(self.settings, self._live, reading, self._priority)

    def seen_by(self, principal: Principal) -> Assistant:
        """The same assistant for ``principal``: it shows and answers from what they may see, by the
        rules in force at each call. For the owner's tasks (sync, close) use the original.
        """
        seen = copy.copy(self)
        seen.groups = principal.groups
        seen._edits = principal.may_edit
        return seen

    @property
    def clearance(self) -> Clearance:
        """What may be shown now."""
        return ALL if self.groups is None else self.access.rules().clearance(self.groups)

    @property
    def editor(self) -> Editor:
        """Changes the articles that may be shown; the sync in the background, if one was started,
        takes the changes in. Raises ``AccessError`` for someone who may not.
        """
        if not self._edits:
            raise AccessError("This user or key may not change articles.")
        return Editor(
            self.settings,
            lambda: self.library,
            self.clearance,
            changed=self._worker.sync_soon,
            fetch=lambda pages: self.fetch(pages=pages),
        )

    def fetch(
        self,
        progress: Callable[[int, int], None] = lambda done, total: None,
        pages: Sequence[str] | None = None,
    ) -> FetchReport:
        """Read the pages, feeds and sitemaps that the corpus lists, or only these ``pages`` of
        them, for the next sync to take in.

        Nothing else speaks to other hosts. What fails is told by that sync. Raises
        ``LibraryBusyError`` if another process is fetching into the same data folder.
        """
        return self._worker.fetch(progress, pages)

    def sync(
        self,
        progress: SyncProgress = lambda stage, done, total: None,
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
        return self._worker.sync(progress, allow_empty=allow_empty, wait=wait)

    def start_sync(self, follow: bool = False) -> None:
        """Sync in a thread of its own; ``status()`` tells how far it is, and why it failed.

        With ``follow``, sync again after each change of the corpus folder, until ``close``. From
        then on, what another process changes in the library is taken over within a second.
        """
        self._worker.start(self._sync_and_prepare, follow)

    def start_following(self) -> None:
        """Answer from what other processes sync; what they change is taken over within a second or
        two. The role "answer" calls for this in place of ``start_sync``.
        """
        self._worker.follow()
        if self.library.counts()["articles"]:
            self._asking.prepare(self._live.engine())

    def stop_sync(self) -> None:
        """Begin no further sync in the background; one that is under way ends after its batch."""
        self._worker.stop()

    def pause_sync(self, paused: bool) -> None:
        """Pause the sync in the background after its batch, or let it go on, which a restart does,
        too. Raises ``AccessError`` for someone who may not change articles.
        """
        if not self._edits:
            raise AccessError("This user or key may not pause the reading of articles.")
        self._worker.pause(paused)

    def status(self) -> Status:
        """What the library holds that may be shown, and what is being done to it."""
        clearance = self.clearance
        articles, languages, newest = self.library.overview(clearance)
        done, total = self._worker.files
        held = self.library.passages.completeness(clearance)
        synced = self.library.get("synced")
        failed = self._worker.error
        whole = Status(
            articles=articles,
            languages=languages,
            newest=newest,
            syncing=self._worker.syncing,
            done=done,
            total=total,
            by_words=held.incomplete,
            in_full=held.in_full,
            progress=self._worker.progress,
            failures=tuple(Failure(*failed) for failed in self.library.failures()),
            error=UNTOLD if failed and self.groups is not None else failed,
            ready=self._live.opened and self.library.overview()[0] > 0,
            synced=datetime.fromisoformat(synced) if synced else None,
            rebuilding=self._live.rebuilding,
            skipped=self.library.skipped(),
            partial=self.library.partial(),
            chat_model=self._asking.trouble if self.groups is None else "",
        )
        return whole.shown(clearance)

    def look_for_chat_model(self) -> str:
        """Why the chat model will not answer, as far as its server tells, "" if it may; ``status``
        says it from then on.
        """
        return self._asking.look_for_chat_model()

    def figures(self) -> Figures:
        """What is measured of it. Raises ``LibraryError`` if the library cannot be read."""
        library = self.library
        status = self.status()
        tally = self._asking.tally
        return Figures(
            articles=library.articles_by_language(),
            passages=library.passages.count(),
            failures=len(status.failures),
            bytes=self._live.size,
            rebuilding=status.rebuilding,
            syncing=status.syncing,
            synced=status.synced,
            sync=self._worker.last,
            **({"chat_model": tally} if tally else {}),
        )

    def search(self, question: str, top: int = 10, filters: Filters = EVERYTHING) -> SearchResults:
        """The ``top`` passages that best fit ``question``, best first, of those ``filters`` let by.

        Raises ``QuestionError`` for an empty or overlong question. A library that was never synced
        is synced first, unless that is under way: then ``LibraryBusyError`` says how far it is.
        """
        understood, found, _ = self.found(question, top, filters)
        return SearchResults(understood.text, understood.language, tuple(one.hit for one in found))

    def found(
        self, question: str, top: int, filters: Filters = EVERYTHING
    ) -> tuple[Question, list[Found], int]:
        """A question as understood, what ``search`` finds with what judging it needs, and how many
        passages there are. Raises what ``search`` raises.
        """
        text = check_question(question)
        with self._masked_errors():
            engine = self._answering()
            retriever, within = self._asking.retriever(engine), self._within(filters)
            with self._priority.asking():
                understood = retriever.understand(text)
                found = retriever.find(understood, top, within)
                return understood, found, engine.library.passages.count(within.clearance)

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters = EVERYTHING,
        *,
        translate: bool = False,
    ) -> Answer:
        """The whole answer; raises what ``search`` raises."""
        *_, answer = self.stream(question, history, filters, translate=translate)
        return answer

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters = EVERYTHING,
        *,
        translate: bool = False,
    ) -> Generator[Answer, None, None]:
        """The answer as it grows; the last item is complete. Raises what ``search`` raises.

        ``history`` is what was said before, oldest first; a follow-up is understood from it. With
        ``translate`` the complete answer has translations beside its quotes in other languages, by
        ``settings.translator`` or the chat model; without these it has none.
        """
        started = time.perf_counter()
        text = check_question(question)
        with self._masked_errors():
            engine = self._answering()
            waited = 1000 * (time.perf_counter() - started)
            answers = self._asking.stream(engine, text, recent(history), self._within(filters))
            with closing(answers):
                while True:
                    # Not while the reader of this generator takes its time.
                    with self._priority.asking():
                        answer = next(answers, None)
                    if answer is None:
                        return
                    if translate and answer.complete:
                        answer = self._asking.translated(answer)
                    spent = {"start": waited, **answer.timings_ms}
                    yield replace(answer, timings_ms={**spent, "total": sum(spent.values())})

    @property
    def translates(self) -> bool:
        """Whether ``translation`` has models."""
        return self.settings.translator is not None

    def translation(self, text: str, source: str, target: str) -> Translation | None:
        """``text`` as ``settings.translator`` has it in the language ``target``; None if there is
        no model of this pair of languages.
        """
        return self._asking.translation(text, source, target)

    def article(self, article_id: str) -> Article:
        """The article with this id. Raises ``LibraryError`` if there is none to be shown."""
        return self.library.article(article_id, self.clearance)

    def history(self, article_id: str) -> History | None:
        """What became of an article that has changed since; None if that is not known."""
        return self.library.versions.since(article_id, self.clearance)

    def original(self, article: Article) -> Path | None:
        """The file of the corpus that holds ``article``; None if it may not be shown, was fetched
        from the web, or is gone.
        """
        return self._originals.file(article) if self.clearance.shows(article.source) else None

    def has_page_views(self, article: Article) -> bool:
        """Whether pages of ``article`` can be shown as they look."""
        return self._originals.has_pages(article)

    def page_view(self, article: Article, number: int, start: int = 0, end: int = 0) -> PageView:
        """A page of a PDF as it looks, with the words between two offsets of ``article`` marked.

        Raises ``ArticleError`` if it cannot be shown, ``OverloadError`` if too many are wanted.
        """
        if not self.clearance.shows(article.source):
            raise ArticleError("This page may not be shown.")
        return self._originals.page(article, number, start, end)

    def articles(self) -> list[ArticleSummary]:
        """All articles that may be shown, by source."""
        return self.library.articles(self.clearance)

    def examples(self, language: str, count: int = 6) -> list[TopicQuestion]:
        """Up to ``count`` questions in ``language``, of different topics, to show what can be asked
        of the corpus; each was answered for sure just now, in quotes, with other words.
        """
        with self._masked_errors():
            golden = self._golden(language)
            tried = example_questions(golden, self.articles, self.article, language)
            offered = {one.question: one for one in islice(tried, 3 * count)}
            return [offered[one] for one in self._answered(offered, (), (), EVERYTHING, count)]

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
        with self._masked_errors():
            near = [self.article(id_) for id_ in dict.fromkeys(article for article, _ in shown)]
            questions = in_time(next_questions(self._golden(language), near, language))
            return self._answered(questions, shown, asked, filters, count)

    def add_feedback(self, opinion: Opinion) -> str:
        """Keep what a reader thought of an answer; returns its id."""
        return self.feedback.add(opinion)

    def gaps(self) -> list[Gap]:
        """What was asked in vain, by likeness: refused and unsure questions that were kept, and,
        where questions are kept, those whose answers readers found unhelpful.
        """
        entries = self.gap_log.entries()
        if self.settings.log_questions:
            opinions = self.feedback.entries()
            entries += [one | {"lack": "down"} for one in opinions if one.get("thumb") == "down"]
        return grouped(entries, self.embedder) if entries else []

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text is for the embedding model."""
        return self.embedder.count_tokens(texts)

    def as_retriever(self, top: int = 10) -> ArticleRetriever:
        """The search as a LangChain retriever, which gives documents with offsets as metadata."""
        from assistant.search.langchain import ArticleRetriever

        return ArticleRetriever(search=self.search, top=top)

    def close(self) -> None:
        """Stop a sync in the background after its batch, and close the files."""
        self._worker.close()
        self._originals.close()
        self._asking.close()
        self._live.close()

    @property
    def embedder(self) -> Embedder:
        """The embedding model, loaded if it is not yet. Raises ``ModelError`` if it cannot be."""
        return self._live.wanted

    @property
    def library(self) -> Library:
        """The library that answers now. Raises ``LibraryError`` if it cannot be opened."""
        return self._live.library

    def _golden(self, language: str) -> list[ExampleQuestion]:
        """The golden questions in ``language`` whose evidence may all be shown."""
        golden = golden_questions(self.settings.corpus, language)
        if (clearance := self.clearance) == ALL:
            return golden
        shown = self.library.shown({s for one in golden for s in one.sources}, clearance)
        return [one for one in golden if shown.issuperset(one.sources)]

    def _answered(
        self, questions: Iterable[str], shown: Iterable[Place], asked: Iterable[str],
        filters: Filters, count: int,
    ) -> list[str]:  # fmt: skip
        """The first ``count`` of ``questions`` that are answered for sure with other words."""
        engine, within = self._answering(), self._within(filters)
        first_quote = partial(self._sure.first, engine, filters=within)
        return list(islice(answered_anew(questions, first_quote, shown, asked), count))

    def _within(self, filters: Filters) -> Filters:
        return filters if self.groups is None else replace(filters, clearance=self.clearance)

    @contextmanager
    def _masked_errors(self) -> Iterator[None]:
        """Keep to the log what an error says of the corpus: it may name files that are closed."""
        try:
            yield
        except (CorpusError, LibraryBusyError) as error:
            if self.clearance == ALL:
                raise
            logger.error("%s", error)
            if isinstance(error, LibraryBusyError):
                told = "The articles are being read for the first time. Ask again in a moment."
                raise LibraryBusyError(told) from None
            raise LibraryError(f"The articles cannot be read. {UNTOLD}") from None

    def _answering(self) -> Engine:
        """The engine over a library that was synced at least once, its index in step if it can be.

        One that no loadable model made counts as never synced.
        """
        try:
            engine = self._live.engine()
        except OldModelError as error:
            logger.info("%s", error)  # it may name files of the server
            # A library for another model answers only when it is whole: vectors of two models
            # cannot be compared.
            self._first_sync("The articles are being read again, with another embedding model")
            return self._live.engine()
        if engine.library.get("synced") is None and engine.library.passages.count() == 0:
            self._first_sync("The articles are being read for the first time", first=True)
        else:
            self._worker.catch_up(engine)
        return self._live.engine()

    def _sync_and_prepare(self) -> SyncReport:
        report = self.sync(wait=True)
        if report.articles:
            self._asking.prepare(self._live.engine())
        return report

    def _first_sync(self, why: str, *, first: bool = False) -> None:
        if self.settings.role == "answer":
            raise LibraryBusyError(f"{why.rstrip('.')} by another process. Ask again in a moment.")
        if self._worker.syncing:
            done, total = self._worker.files
            raise LibraryBusyError(
                f"{why.rstrip('.')} ({done} of {total} files done). Ask again in a moment."
            )
        logger.info("%s", why)
        self._worker.sync(lambda *_: None, allow_empty=False, wait=False, first=first)

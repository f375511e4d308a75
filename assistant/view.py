"""The assistant as one asker sees it: whatever others than its owner read goes through here."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.access.clearance import ALL, Clearance
from assistant.answer.suggestions import Place
from assistant.models.answer import Answer, SearchResults
from assistant.models.article import Article
from assistant.models.conversation import Turn
from assistant.models.records import ArticleSummary
from assistant.models.status import UNTOLD, Status
from assistant.search.retriever import EVERYTHING, Filters
from assistant.store.feedback import Opinion
from assistant.support.errors import CorpusError, LibraryBusyError, LibraryError

if TYPE_CHECKING:
    from assistant.assistant import Assistant

logger = logging.getLogger(__name__)


class View:
    """What members of ``groups`` may see of ``assistant``; None stands for every group.

    Its methods are the assistant's. The rules are those in force when one is called.
    """

    def __init__(self, assistant: Assistant, groups: frozenset[str] | None) -> None:
        self._assistant = assistant
        self._groups = groups

    @property
    def clearance(self) -> Clearance:
        """What may be shown now."""
        return (
            ALL if self._groups is None else self._assistant.access.rules().clearance(self._groups)
        )

    def status(self) -> Status:
        """As ``Assistant.status``."""
        return self._assistant.status(self.clearance)

    def search(self, question: str, top: int = 10, filters: Filters = EVERYTHING) -> SearchResults:
        """As ``Assistant.search``."""
        with self._untold():
            return self._assistant.search(question, top, self._within(filters))

    def ask(
        self, question: str, history: Sequence[Turn] = (), filters: Filters = EVERYTHING
    ) -> Answer:
        """As ``Assistant.ask``."""
        *_, answer = self.stream(question, history, filters)
        return answer

    def stream(
        self, question: str, history: Sequence[Turn] = (), filters: Filters = EVERYTHING
    ) -> Generator[Answer, None, None]:
        """As ``Assistant.stream``."""
        with self._untold():
            yield from self._assistant.stream(question, history, self._within(filters))

    def article(self, article_id: str) -> Article:
        """As ``Assistant.article``: one that may not be seen is not there."""
        return self._assistant.article(article_id, self.clearance)

    def articles(self) -> list[ArticleSummary]:
        """As ``Assistant.articles``."""
        return self._assistant.articles(self.clearance)

    def examples(self, language: str, count: int = 4) -> list[str]:
        """As ``Assistant.examples``."""
        return self._assistant.examples(language, count, self.clearance)

    def suggestions(
        self,
        shown: Sequence[Place],
        language: str,
        asked: Iterable[str] = (),
        filters: Filters = EVERYTHING,
        count: int = 3,
    ) -> list[str]:
        """As ``Assistant.suggestions``."""
        with self._untold():
            within = self._within(filters)
            return self._assistant.suggestions(shown, language, asked, within, count)

    def add_feedback(self, opinion: Opinion) -> str:
        """Keep what a reader thought of an answer; returns its id."""
        return self._assistant.feedback.add(opinion)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text is for the embedding model."""
        return self._assistant.embedder.count_tokens(texts)

    def _within(self, filters: Filters) -> Filters:
        return replace(filters, clearance=self.clearance)

    @contextmanager
    def _untold(self) -> Iterator[None]:
        """Keep to the log what an error says of the corpus: it may name any file of it."""
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

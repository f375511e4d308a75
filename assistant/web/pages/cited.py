"""Looks up the article of a citation, also if it has changed since."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from assistant.assistant import Assistant
from assistant.models.article import Article
from assistant.support.errors import LibraryError
from assistant.web.pages.changes import Change, trace
from assistant.web.pages.sources import Span, parse_span

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cited:
    """An article, and where in it the words of a link are; ``span`` is None if it names none.

    ``moved`` says that it names words which are not there. ``older`` says that the link is of an
    earlier version of the article, and ``change`` what became of its words if they changed.
    """

    article: Article
    span: Span | None = None
    moved: bool = False
    older: bool = False
    change: Change | None = None

    @property
    def page(self) -> int | None:
        """The page on which the words begin; None without words or pages."""
        return self.article.page(self.span.start) if self.span else None


def look_up(view: Assistant, article_id: str, start: str, end: str) -> Cited | None:
    """The article, or the one that took its place, and the words that ``start`` and ``end``, as
    they stand in a URL, name. None if there is none for the asker.
    """
    article = find_article(view, article_id)
    named = bool(start or end)
    if article is not None:
        span = parse_span(article.text, start, end)
        return Cited(article, span, moved=named and span is None)
    history = view.history(article_id)
    now = find_article(view, history.now) if history else None
    if history is None or now is None:
        return None
    span = parse_span(history.versions[0].text, start, end)
    if span is None:
        return Cited(now, moved=named, older=True)
    traced = trace(history, now, span.start, span.end)
    moved = traced.span is None and traced.change is None
    return Cited(now, traced.span, moved, older=True, change=traced.change)


def find_article(view: Assistant, article_id: str) -> Article | None:
    """The article, or None if there is none for the asker. Raises ``LibraryError`` for a damaged
    library.
    """
    try:
        return view.article(article_id)
    except LibraryError as error:
        if error.__cause__ is not None:  # a database error, not a missing article
            raise
        log.info("Article %r not shown: %s", article_id, error)
        return None

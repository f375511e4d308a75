"""The files that articles were read from, as readers may have them: whole, or a page to look at."""

from __future__ import annotations

import threading
from pathlib import Path

from assistant.ingest.intake import located
from assistant.ingest.reader_process import ReaderProcess
from assistant.ingest.web import FOLDER
from assistant.models.article import Article
from assistant.models.clearance import HELD, WEB, file_of
from assistant.models.page_view import PageView, WordsOnPage
from assistant.support.errors import ArticleError, OverloadError

_PDF = ".pdf"

LONGEST_S = 15.0
"""Seconds in which a page must be drawn."""

MOST_WAITING = 8
"""Pages that are drawn or wait for it; further ones are refused, so that they hold no threads."""


class Originals:
    """The files of ``corpus``, and what was fetched into ``data``. Thread-safe; starts a process
    when the first page is drawn.
    """

    def __init__(self, corpus: Path, data: Path) -> None:
        self._corpus = corpus
        self._fetched = data / FOLDER
        self._reader = ReaderProcess(LONGEST_S)
        self._places = threading.BoundedSemaphore(MOST_WAITING)

    def file(self, article: Article) -> Path | None:
        """The file that holds ``article``: the mail, if it was attached to one. None for what was
        fetched from the web, and if the file is gone or lies outside the corpus.
        """
        if WEB in article.source:
            return None
        path = located(self._corpus, file_of(article.source))
        inside = path is not None and path.resolve().is_relative_to(self._corpus.resolve())
        return path if inside else None

    def has_pages(self, article: Article) -> bool:
        """Whether pages of ``article`` can be drawn: those of PDFs."""
        if not article.pages:
            return False
        if WEB not in article.source:
            return article.source.lower().endswith(_PDF)
        path = self._stored(article)
        return path is not None and path.suffix == _PDF

    def page(self, article: Article, number: int, start: int = 0, end: int = 0) -> PageView:
        """The page ``number`` of a PDF, with the words between the offsets ``start`` and ``end`` of
        the article marked, as far as they stand on this page.

        Raises ``ArticleError`` if it cannot be drawn, ``OverloadError`` if too many are wanted.
        """
        path = self._stored(article)
        if path is None or not self.has_pages(article):
            raise ArticleError(f"{article.source}: its pages cannot be shown.")
        wanted = _on_page(article, number, start, end)
        if not self._places.acquire(blocking=False):
            raise OverloadError("Too many pages are being drawn. Try again in a moment.")
        try:
            inside = [] if WEB in article.source else article.source.split(HELD)[1:]
            return self._reader.view_page(path, article.source, inside, number, wanted)
        finally:
            self._places.release()

    def close(self) -> None:
        """End the process, if any."""
        self._reader.close()

    def _stored(self, article: Article) -> Path | None:
        """The file that ``article`` was read from, also if it was fetched."""
        if WEB not in article.source:
            return self.file(article)
        from assistant.ingest.web.source_list import SourceKind
        from assistant.ingest.web.store import Store

        store = Store(self._fetched)
        record = store.get(SourceKind.PAGE, article.source)
        return store.path(record) if record else None


def _on_page(article: Article, number: int, start: int, end: int) -> WordsOnPage:
    if not 1 <= number <= len(article.pages):
        return WordsOnPage()
    first, last = [*article.pages, len(article.text)][number - 1 : number + 1]
    begin = max(start, first)
    return WordsOnPage(article.text[begin : min(end, last)], article.text[first:begin])

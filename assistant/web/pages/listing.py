"""Browsing the list of articles: by folder, search words and order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.language.facts.fact import folded
from assistant.models.filters import within
from assistant.models.records import ArticleSummary


@dataclass(frozen=True, slots=True)
class Browsing:
    """The reader's choices; "" for no filter and for sorting by source."""

    query: str = ""
    folder: str = ""
    sort: str = ""


def browse(articles: Sequence[ArticleSummary], wanted: Browsing) -> list[ArticleSummary]:
    """Those of ``articles`` in the folder whose title or source has every word of the query."""
    words = folded(wanted.query).split()
    found = [
        article
        for article in articles
        if (not wanted.folder or any(within(source, wanted.folder) for source in article.sources))
        and all(word in folded(" ".join((article.title, *article.sources))) for word in words)
    ]
    return sorted(found, key=lambda article: _place(article, wanted.sort))


def folders(articles: Sequence[ArticleSummary], folder: str) -> list[tuple[str, int]]:
    """The direct subfolders of ``folder``, sorted, with their numbers of articles."""
    begin = f"{folder}/" if folder else ""
    found: Counter[str] = Counter()
    for article in articles:
        below = {
            begin + source.removeprefix(begin).partition("/")[0]
            for source in article.sources
            if source.startswith(begin) and "/" in source.removeprefix(begin)
            and "://" not in source
        }  # fmt: skip
        found.update(below)
    return sorted(found.items())


def parents(folder: str) -> list[str]:
    """``folder`` and its parents, outermost first."""
    names = folder.split("/") if folder else []
    return ["/".join(names[: count + 1]) for count in range(len(names))]


def _place(article: ArticleSummary, sort: str) -> tuple[object, ...]:
    newest = -article.published.toordinal() if article.published else 0
    places: dict[str, object] = {
        "title": folded(article.title),
        "date": newest,
        "language": article.language,
        "passages": -article.passages,
    }
    return (*((places[sort],) if sort in places else ()), article.sources)

"""A piece of an article's text with where it came from; the base of hits and citations."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Extract:
    """A slice of the article with the id ``article``: ``text`` is its ``text[start:end]``.

    ``sources`` are all the files that hold the article, sorted; ``source`` is the first of them.
    """

    article: str
    title: str
    source: str
    language: str
    published: date | None
    start: int
    end: int
    text: str
    sources: tuple[str, ...] = ()

    def cut(self, start: int, end: int) -> Extract:
        """The part between the article's offsets ``start`` and ``end``."""
        text = self.text[start - self.start : end - self.start]
        return Extract(
            self.article, self.title, self.source, self.language, self.published,
            start, end, text, self.sources,
        )  # fmt: skip

    def where(self) -> dict[str, Any]:
        """The article and the offsets, as in the JSON of hits and citations."""
        return {
            "article": self.article,
            "title": self.title,
            "source": self.source,
            "sources": list(self.sources or (self.source,)),
            "language": self.language,
            "published": self.published.isoformat() if self.published else None,
            "start": self.start,
            "end": self.end,
        }


def fields_of(extract: Extract) -> dict[str, Any]:
    """The fields for making another kind of extract of the same text."""
    return {one.name: getattr(extract, one.name) for one in fields(Extract)}

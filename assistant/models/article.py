"""Articles, the passages and sentences they are cut into: what flows through the pipeline."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from typing import Any

UNKNOWN_LANGUAGE = "und"
"""ISO 639 code for "undetermined": the text was too short or too mixed to tell."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph or list item: ``article.text[start:end]``, without surrounding space.

    Sentences and passages never run across the border of a block in the middle of a sentence.
    """

    start: int
    end: int
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """One source text, immutable once read.

    ``language`` is an ISO 639-1 code ("fr"), or ``UNKNOWN_LANGUAGE``. ``source`` is the path
    relative to the corpus, with forward slashes, or the address that it was fetched from. ``url``
    is where the article was published, if it says so. ``blocks`` are in reading order, do not
    overlap, and cover every word of ``text``. ``pages`` are where the pages of a paged source begin
    in ``text``, ascending, the first at 0; a page without text begins where the next one does.
    Empty where the source has no pages.
    """

    title: str
    text: str
    language: str
    source: str
    published: date | None = None
    author: str | None = None
    url: str | None = None
    blocks: tuple[Block, ...] = ()
    pages: tuple[int, ...] = ()
    _id: str = field(default="", init=False, repr=False, compare=False)

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits of the SHA-256 of the text and of what is said about it.

        So two files are one article only if they tell a reader the same, and whoever may see one
        of them learns nothing from the other. Made once: a text may have millions of characters.
        """
        if self._id:
            return self._id
        day = self.published.isoformat() if self.published else None
        about = (self.title, self.language, day, self.author, self.url)
        whole = json.dumps([self.text, *about])
        object.__setattr__(self, "_id", hashlib.sha256(whole.encode()).hexdigest()[:16])
        return self._id

    def page(self, start: int) -> int | None:
        """The number, from 1, of the page that holds the character at ``start``; None: no pages."""
        return bisect_right(self.pages, start) or None

    def to_json(self) -> dict[str, Any]:
        """The article as ``show --json`` prints it."""
        return {
            "id": self.id,
            "title": self.title,
            "language": self.language,
            "source": self.source,
            "published": self.published.isoformat() if self.published else None,
            "author": self.author,
            "url": self.url,
            **({"pages": list(self.pages)} if self.pages else {}),
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: ``article.text[start:end] == text``, without surrounding white space."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences: ``article.text[start:end] == text``, about 200 tokens.

    Its first sentence starts at ``start`` and its last one ends at ``end``.
    """

    start: int
    end: int
    text: str
    sentences: tuple[Sentence, ...]

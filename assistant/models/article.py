"""Articles, the passages and sentences they are cut into: what flows through the pipeline."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from assistant.models.table import in_context, merged_headings, row_cells, with_headings

UNKNOWN_LANGUAGE = "und"
"""ISO 639 code for "undetermined": the text was too short or too mixed to tell."""


Shape = Literal["text", "item", "row", "columns"]
"""What a block is on a page: text, an item of a list, a row of a table, or one of the rows at its
top that hold the headings of its columns."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item or row: ``article.text[start:end]``, without space around it.

    Sentences and passages never run across the border of a block in the middle of a sentence. The
    rows of one table stand on lines that follow each other. ``heading`` is that of a section.
    """

    start: int
    end: int
    heading: bool = False
    shape: Shape = "text"


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

    def column_headings(self) -> Iterator[tuple[Block, tuple[str, ...]]]:
        """Each block with the headings of its columns, which only rows of some tables have; those
        of a row of headings are its own cells.
        """
        above: list[list[str]] = []
        headings: tuple[str, ...] = ()
        before: Block | None = None
        for block in self.blocks:
            row = block.shape in ("row", "columns")
            if not row or before is None or self.text[before.end : block.start] != "\n":
                above, headings = [], ()  # another table begins
            if block.shape == "columns":
                cells = row_cells(self.text[block.start : block.end])
                above = [*(above if before and before.shape == "columns" else ()), cells]
                headings = merged_headings(above)
                yield block, tuple(cells)
            else:
                yield block, headings if row else ()
            before = block

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
    """One sentence: ``article.text[start:end] == text``, without surrounding white space.

    A row of a table is one, too, or some where it is long; ``headings`` are those of the columns of
    its cells, if they have any.
    """

    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()

    @property
    def in_context(self) -> str:
        """Its words, each cell of a row behind its heading."""
        return with_headings(self.headings, self.text)


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences: ``article.text[start:end] == text``, about 200 tokens.

    Its first sentence starts at ``start`` and its last one ends at ``end``.
    """

    start: int
    end: int
    text: str
    sentences: tuple[Sentence, ...]

    @property
    def in_context(self) -> str:
        """Its words; after the headings of a table, if it begins in the middle of one."""
        return in_context([sentence.headings for sentence in self.sentences], self.text)

"""Articles, and the passages and sentences they are split into."""

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
"""ISO 639 code for "undetermined": the text is too short or too mixed to tell."""


Shape = Literal["text", "item", "row", "columns"]
"""The layout of a block: text, list item, table row, or a table row of column headings."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item or table row: ``article.text[start:end]``, stripped.

    Neither sentences nor passages break within a sentence at the edge of a block. The rows of one
    table are on consecutive lines. ``heading`` marks a section's heading.
    """

    start: int
    end: int
    heading: bool = False
    shape: Shape = "text"


@dataclass(frozen=True, slots=True)
class Article:
    """One source text, immutable once read.

    ``language`` is an ISO 639-1 code ("fr"), or ``UNKNOWN_LANGUAGE``. ``source`` is the path
    relative to the corpus, with forward slashes, or the address it was fetched from. ``url`` is
    where the article was published, if it says so. ``blocks`` are in reading order, do not overlap,
    and cover every word of ``text``. ``pages`` are the offsets in ``text`` at which pages begin,
    ascending, the first 0; a page without text begins where the next one does. Empty if the source
    has no pages.
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
        """Sixteen hexadecimal digits of the SHA-256 of text and metadata.

        So two files are one article only if they show a reader the same, and access to one of them
        reveals nothing of the other. Cached: a text may have millions of characters.
        """
        if self._id:
            return self._id
        day = self.published.isoformat() if self.published else None
        about = (self.title, self.language, day, self.author, self.url)
        whole = json.dumps([self.text, *about])
        object.__setattr__(self, "_id", hashlib.sha256(whole.encode()).hexdigest()[:16])
        return self._id

    def page(self, start: int) -> int | None:
        """The page, from 1, of the character at ``start``; None without pages."""
        return bisect_right(self.pages, start) or None

    def column_headings(self) -> Iterator[tuple[Block, tuple[str, ...]]]:
        """Each block with the headings of its columns; only rows of some tables have any, and those
        of a heading row are its own cells.
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
    """One sentence: ``article.text[start:end] == text``, stripped.

    A table row is one sentence, or several if it is long; ``headings`` are the column headings of
    its cells, if any.
    """

    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()

    @property
    def in_context(self) -> str:
        """Its text, each cell of a row after its heading."""
        return with_headings(self.headings, self.text)


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences: ``article.text[start:end] == text``, about 200 tokens.

    It starts with its first sentence and ends with its last one.
    """

    start: int
    end: int
    text: str
    sentences: tuple[Sentence, ...]

    @property
    def in_context(self) -> str:
        """Its text, after the column headings if it begins in the middle of a table."""
        return in_context([sentence.headings for sentence in self.sentences], self.text)

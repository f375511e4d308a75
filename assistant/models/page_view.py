"""A page of a document as it looks, with some of its words marked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MarkedBox:
    """A rectangle on a page, in shares of the page's width and height, from its top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PageView:
    """A picture of a page in the format WebP; ``boxes`` are where the wanted words stand, none if
    they were not found.
    """

    picture: bytes
    width: int
    height: int
    boxes: tuple[MarkedBox, ...] = ()


@dataclass(frozen=True, slots=True)
class WordsOnPage:
    """The words to mark on a page, with the text that comes before them on it, which tells apart
    words that occur several times. "" for none.
    """

    words: str = ""
    before: str = ""

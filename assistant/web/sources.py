"""An article cut into paragraphs, with the quoted words set apart: what the pages show of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.articles import Article, Block

UNMARKED_EXCERPT = 3
"""How many paragraphs an excerpt shows when it has no quote to show."""


@dataclass(frozen=True, slots=True)
class Span:
    """Words of an article: ``article.text[start:end]``, never empty."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A block of an article: ``before + quoted + after`` is its text; ``quoted`` may be empty.

    ``first`` says that the quote starts here, so that the page can be opened at it. ``page`` is
    the number of the page that begins with it, in an article that has pages.
    """

    before: str
    quoted: str
    after: str
    heading: bool
    first: bool = False
    page: int | None = None


def parse_span(article: Article, start: str, end: str) -> Span | None:
    """The span that an address asks for, or None if it is not within the article."""
    if not (start.isascii() and start.isdigit() and end.isascii() and end.isdigit()):
        return None
    longest = len(str(len(article.text)))
    if len(start) > longest or len(end) > longest:
        return None
    span = Span(int(start), int(end))
    return span if span.start < span.end <= len(article.text) else None


def paragraphs(article: Article, span: Span | None) -> list[Paragraph]:
    """The whole article in reading order, with the words of ``span`` set apart."""
    found: list[Paragraph] = []
    before = None
    for block in article.blocks:
        first = not any(paragraph.quoted for paragraph in found)
        page = article.page(block.start)
        paragraph = _paragraph(article.text, block, span, first)
        found.append(replace(paragraph, page=page if page != before else None))
        before = page
    return found


def excerpt(whole: Sequence[Paragraph]) -> Sequence[Paragraph]:
    """The quoted paragraphs with one before and one after, or the start if nothing is quoted."""
    quoted = [place for place, paragraph in enumerate(whole) if paragraph.quoted]
    if not quoted:
        return whole[:UNMARKED_EXCERPT]
    return whole[max(quoted[0] - 1, 0) : quoted[-1] + 2]


def _paragraph(text: str, block: Block, span: Span | None, first: bool) -> Paragraph:
    start = max(block.start, span.start) if span else block.end
    end = min(block.end, span.end) if span else block.end
    if start >= end:
        return Paragraph(text[block.start : block.end], "", "", block.heading)
    return Paragraph(
        text[block.start : start], text[start:end], text[end : block.end], block.heading, first
    )

"""An article cut into paragraphs, with the quoted words set apart: what the pages show of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from assistant.models.article import Article, Block
from assistant.models.records import ArticleSummary

UNMARKED_EXCERPT = 3
"""How many paragraphs an excerpt shows when it has no quote to show."""

MOST_AROUND = 40
"""How many paragraphs before and after an excerpt can be unfolded."""


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


Part = Sequence[Paragraph]


def excerpt(whole: Part) -> tuple[Part, Part, Part]:
    """What comes before an excerpt, the excerpt, and what comes after it.

    The excerpt is the quoted paragraphs with one before and one after, or the start if nothing is
    quoted. Of what is around it, at most ``MOST_AROUND`` paragraphs on either side.
    """
    quoted = [place for place, paragraph in enumerate(whole) if paragraph.quoted]
    first = max(quoted[0] - 1, 0) if quoted else 0
    last = quoted[-1] + 2 if quoted else UNMARKED_EXCERPT
    return whole[max(first - MOST_AROUND, 0) : first], whole[first:last], whole[last:][:MOST_AROUND]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the articles of a library are, counted.

    ``languages`` are the codes with how many articles each has, most first; ``oldest`` and
    ``newest`` are None if no article has a date.
    """

    languages: Sequence[tuple[str, int]]
    oldest: date | None
    newest: date | None
    undated: int
    passages: int


def holdings(articles: Sequence[ArticleSummary]) -> Holdings:
    """What ``articles`` are, counted."""
    days = [article.published for article in articles if article.published]
    return Holdings(
        Counter(article.language for article in articles).most_common(),
        min(days, default=None),
        max(days, default=None),
        len(articles) - len(days),
        sum(article.passages for article in articles),
    )


def _paragraph(text: str, block: Block, span: Span | None, first: bool) -> Paragraph:
    start = max(block.start, span.start) if span else block.end
    end = min(block.end, span.end) if span else block.end
    if start >= end:
        return Paragraph(text[block.start : block.end], "", "", block.heading)
    return Paragraph(
        text[block.start : start], text[start:end], text[end : block.end], block.heading, first
    )

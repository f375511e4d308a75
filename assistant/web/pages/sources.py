"""Splits an article into paragraphs with the quoted words marked, for the pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.models.article import Article, Block, Shape
from assistant.models.records import ArticleSummary
from assistant.models.table import cell_spans

UNMARKED_EXCERPT = 3
"""Paragraphs of an excerpt without a quote."""

MOST_AROUND = 40
"""Paragraphs before and after an excerpt that can be unfolded."""


@dataclass(frozen=True, slots=True)
class Span:
    """Words of an article: ``article.text[start:end]``, never empty."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Marked:
    """A piece of an article: ``before + quoted + after``; ``quoted`` may be empty.

    ``first`` says that the quote starts here, so that the page can be opened at it.
    """

    before: str
    quoted: str = ""
    after: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A block of an article: its text, and the cells if it is a table row.

    ``apart`` tells whether it starts a paragraph, list or table of its own. ``page`` is the number
    of the page that starts with it, in an article with pages.
    """

    words: Marked
    heading: bool = False
    shape: Shape = "text"
    cells: tuple[Marked, ...] = ()
    apart: bool = True
    page: int | None = None

    @property
    def quoted(self) -> bool:
        """Whether words of it are quoted."""
        return bool(self.words.quoted)

    @property
    def listed(self) -> str:
        """What it belongs to: "table", "list", or "" for neither."""
        return _PARTS.get(self.shape, "")

    @property
    def numbered(self) -> bool:
        """Whether a list item includes its number or bullet, so that the page must not add one."""
        return _MARK.match(self.words.before + self.words.quoted) is not None


_PARTS = {"row": "table", "columns": "table", "item": "list"}
_MARK = re.compile(r"\d+(?:\.\d+)+\.?\s|[(\[]?(?:\d+|[a-zA-Z]|[ivxIVX]+)[.)\]]\s|[-–—•·*▪◦☐☒✓§]")


def parse_span(text: str, start: str, end: str) -> Span | None:
    """Parse the span in a URL; None if it is not within ``text``."""
    if not (start.isascii() and start.isdigit() and end.isascii() and end.isdigit()):
        return None
    longest = len(str(len(text)))
    if len(start) > longest or len(end) > longest:
        return None
    span = Span(int(start), int(end))
    return span if span.start < span.end <= len(text) else None


def paragraphs(article: Article, span: Span | None) -> list[Paragraph]:
    """The whole article in reading order, with the words of ``span`` marked."""
    found: list[Paragraph] = []
    before: Block | None = None
    for block in article.blocks:
        page = article.page(block.start)
        begins = page is not None and (before is None or article.page(before.start) != page)
        first = not any(paragraph.quoted for paragraph in found[-1:])
        apart = before is None or article.text[before.end : block.start] != "\n"
        found.append(_paragraph(article.text, block, span, first, apart, page if begins else None))
        before = block
    return found


def without_title(whole: list[Paragraph], title: str) -> list[Paragraph]:
    """``whole`` without a first paragraph that says the title once more, unless it is quoted."""
    if whole and not whole[0].quoted and whole[0].words.before.strip() == title:
        return whole[1:]
    return whole


Part = Sequence[Paragraph]


def excerpt(whole: Part) -> tuple[Part, Part, Part]:
    """The text before an excerpt, the excerpt, and the text after it.

    The excerpt is the quoted paragraphs with one before and one after, or the start if nothing is
    quoted; a row comes with its table's column headings. The text around it is limited to
    ``MOST_AROUND`` paragraphs on either side.
    """
    quoted = [place for place, paragraph in enumerate(whole) if paragraph.quoted]
    first = max(quoted[0] - 1, 0) if quoted else 0
    last = quoted[-1] + 2 if quoted else UNMARKED_EXCERPT
    near = [*_headings_above(whole, first), *whole[first:last]] if quoted else whole[first:last]
    return whole[max(first - MOST_AROUND, 0) : first], near, whole[last:][:MOST_AROUND]


def _headings_above(whole: Part, place: int) -> Part:
    """The heading rows above ``place``, if that is a table row."""
    if whole[place].shape != "row" or whole[place].apart:
        return ()
    top = next((at for at in range(place - 1, -1, -1) if whole[at].apart), place)
    return [one for one in whole[top:place] if one.shape == "columns"]


@dataclass(frozen=True, slots=True)
class Holdings:
    """Counts of a library's articles.

    ``languages`` are the codes with their numbers of articles, most first; ``oldest`` and
    ``newest`` are None if no article has a date.
    """

    languages: Sequence[tuple[str, int]]
    oldest: date | None
    newest: date | None
    undated: int
    passages: int


def holdings(articles: Sequence[ArticleSummary]) -> Holdings:
    """Count ``articles``."""
    days = [article.published for article in articles if article.published]
    return Holdings(
        Counter(article.language for article in articles).most_common(),
        min(days, default=None),
        max(days, default=None),
        len(articles) - len(days),
        sum(article.passages for article in articles),
    )


def groups(part: Part) -> list[Part]:
    """``part`` grouped: the rows of a table, the items of a list, or a single block."""
    found: list[list[Paragraph]] = []
    for paragraph in part:
        goes_on = paragraph.listed and not paragraph.apart
        if found and goes_on and found[-1][-1].listed == paragraph.listed:
            found[-1].append(paragraph)
        else:
            found.append([paragraph])
    return list(found)


def _paragraph(
    text: str, block: Block, span: Span | None, first: bool, apart: bool, page: int | None
) -> Paragraph:
    words = _marked(text, block.start, block.end, span, first)
    cells: list[Marked] = []
    if block.shape in ("row", "columns"):
        for start, end in cell_spans(text[block.start : block.end]):
            begins = first and not any(cell.quoted for cell in cells)
            cells.append(_marked(text, block.start + start, block.start + end, span, begins))
    return Paragraph(words, block.heading, block.shape, tuple(cells), apart, page)


def _marked(text: str, start: int, end: int, span: Span | None, first: bool) -> Marked:
    begin = max(start, span.start) if span else end
    until = min(end, span.end) if span else end
    if begin >= until:
        return Marked(text[start:end])
    return Marked(text[start:begin], text[begin:until], text[until:end], first)

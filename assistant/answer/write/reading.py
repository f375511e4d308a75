"""Reads whole articles with the chat model, part by part, for what is made of them.

A model notes what matters in each part. Its notes only choose sentences: the answer is written from
these, and checked like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from assistant.answer.quote.form import Form, form, wants_table, wants_timeline
from assistant.answer.write.prompt import (
    BRIEF,
    LONG,
    TABLE,
    TIMELINE,
    Extent,
    SourceSentence,
    source_sentences,
)
from assistant.models.answer import Answer
from assistant.search.found import Found, Question

MOST_ARTICLES = 3

PART_TOKENS = 2_000
"""Tokens of a part: what a model on a laptop reads before the time for its first word is over."""

Count = Callable[[Sequence[str]], Sequence[int]]
"""Counts the tokens of each text."""

Read = Callable[[str], Found | None]
"""Reads an article, as one passage; None if it is not there to be seen."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some consecutive ``sentences`` of an article, the ``number``-th of ``of`` parts to read."""

    title: str
    sentences: Sequence[SourceSentence]
    number: int
    of: int


def extent(question: Question) -> Extent:
    """How long the answer to ``question`` may be."""
    if wants_timeline(question.text, question.language):
        return TIMELINE
    if wants_table(question.text, question.language):
        return TABLE
    long = form(question.text, question.language) in (Form.SUMMARY, Form.SIDES, Form.SEVERAL)
    return LONG if long else BRIEF


def whole_articles(
    question: Question, found: Sequence[Found], quotes: Answer, read: Read
) -> list[Found]:
    """The articles that ``question`` wants as a whole, each as one passage: those quoted for a
    summary or a timeline, or the best found; for a comparison those quoted, if several are.
    """
    quoted = list(dict.fromkeys(citation.article for citation in quotes.citations))
    wanted = form(question.text, question.language)
    if wanted is Form.SUMMARY or wants_timeline(question.text, question.language):
        meant = quoted or [one.passage.article for one in found[:1]]
    elif wanted is Form.SIDES and len(quoted) > 1:
        meant = quoted
    else:
        return []
    articles = (read(article) for article in meant[:MOST_ARTICLES])
    return [article for article in articles if article is not None]


def parts_of(articles: Sequence[Found], count: Count, most: int) -> list[Stretch]:
    """The sentences of ``articles`` in parts of at most so many tokens."""
    cut = [
        (article.passage.title, part)
        for article in articles
        for part in _cut(source_sentences([article]), count, most)
    ]
    return [Stretch(title, part, n, len(cut)) for n, (title, part) in enumerate(cut, 1)]


def _cut(
    sentences: Sequence[SourceSentence], count: Count, most: int
) -> Iterator[Sequence[SourceSentence]]:
    """``sentences`` in as few parts of about the same size as ``most`` tokens allow."""
    sizes = count([one.text for one in sentences])
    pieces = -(-sum(sizes) // most)
    ends = [total * pieces // (sum(sizes) + 1) for total in accumulate(sizes)]
    for piece in range(pieces):
        part = [one for one, end in zip(sentences, ends, strict=True) if end == piece]
        if part:
            yield part

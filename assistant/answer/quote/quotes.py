"""Passages in, answer out: here, without a language model, the excerpts that answer best.

The answer quotes; it never rewrites. So every sentence is supported by its citation, word for word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from assistant.answer.quote.confidence import Nearness, confidence
from assistant.answer.quote.disagreement import Statement, disagreement
from assistant.answer.quote.excerpts import (
    MAX_QUOTES,
    SHORTLIST,
    Excerpt,
    choose_excerpts,
    rank_sentences,
    whole,
)
from assistant.language.locales import Locale, spoken
from assistant.models.answer import Answer, AnswerSentence, Citation
from assistant.models.article import UNKNOWN_LANGUAGE
from assistant.search.found import Found, Question


def quote_answer(
    question: Question,
    found: Sequence[Found],
    passages: int,
    *,
    strictness: float = 0.5,
    nearness: Nearness | None = None,
) -> Iterator[Answer]:
    """Answer with a few quoted excerpts, or refuse if less sure than ``strictness``, in 0..1.

    ``passages`` is how many the library holds; ``nearness`` is that of ``refusal.confidence``.
    Where articles contradict each other, both are quoted and the notice says so. Yields the answer
    as it grows, one excerpt more each time; the last one is complete.
    """
    sure = confidence(question, found, passages, nearness)
    ranked = rank_sentences(question, found)
    excerpts = choose_excerpts(question, ranked)
    if not excerpts or sure < strictness:
        yield _refuse(question, excerpts, sure)
        return
    statements = disagreement(question, excerpts, ranked[:SHORTLIST])[:MAX_QUOTES]
    citations = [_cite(*one) for one in enumerate(_showing(statements, excerpts), 1)]
    locale = spoken(question.language)
    answer = Answer(
        question.text,
        question.language,
        refused=False,
        lead_in=_lead_in(locale, question.language, citations),
        confidence=sure,
        notice=_differing(locale, statements) if statements else "",
        complete=False,
    )
    yield answer
    for count in range(1, len(citations) + 1):
        yield replace(
            answer,
            citations=tuple(citations[:count]),
            sentences=tuple(AnswerSentence(c.quote, True, (c.number,)) for c in citations[:count]),
            complete=count == len(citations),
        )


def _showing(statements: Sequence[Statement], excerpts: Sequence[Excerpt]) -> list[Excerpt]:
    """``excerpts`` with those that contradict each other first, side by side."""
    first = [statement.excerpt for statement in statements]
    rest = [one for one in excerpts if not any(one.overlaps(other) for other in first)]
    return (first + rest)[: max(len(excerpts), len(first))]


def _lead_in(locale: Locale, language: str, citations: Sequence[Citation]) -> str:
    """The line before the quotes. It names the languages quoted if they are not the asker's, and
    the dates of the articles if they differ.
    """
    details = []
    quoted = {citation.language for citation in citations}
    if not quoted <= {language, UNKNOWN_LANGUAGE}:
        details.append(locale.listing(sorted(locale.language(code) for code in quoted)))
    numbers: dict[date, str] = {}
    for citation in citations:
        if day := citation.published:
            numbers[day] = f"{numbers.get(day, '')}[{citation.number}]"
    if len(numbers) > 1:
        details.append(
            locale.listing([f"{locale.day(day)} {marks}" for day, marks in numbers.items()])
        )
    if not details:
        return locale.text("answer.lead")
    return locale.text("answer.lead.foreign", languages="; ".join(details))


def _differing(locale: Locale, statements: Sequence[Statement]) -> str:
    """The line that says what the articles state differently, each with its title and date."""
    told = []
    for statement in statements:
        passage = statement.excerpt.found.passage
        article = passage.title
        if passage.published:
            article = f"{article}, {locale.day(passage.published)}"
        told.append(f"{statement.fact.text} ({article})")
    return locale.text("answer.differ", statements=locale.listing(told))


def _refuse(question: Question, nearest: Sequence[Excerpt], sure: float) -> Answer:
    return Answer(
        question.text,
        question.language,
        refused=True,
        lead_in=spoken(question.language).text("answer.refused"),
        nearest=tuple(_cite(*one) for one in enumerate(whole(nearest)[:MAX_QUOTES], 1)),
        confidence=sure,
    )


def _cite(number: int, excerpt: Excerpt) -> Citation:
    return excerpt.found.cite(number, excerpt.start, excerpt.end)

"""Passages in, answer out: here, without a language model, the excerpts that answer best.

The answer quotes; it never rewrites. So every sentence is supported by its citation, word for word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from assistant.answer.judge import judge
from assistant.answer.judge.answer_kind import Asked, asked
from assistant.answer.judge.model import Weights
from assistant.answer.judge.sentences import SHORTLIST
from assistant.answer.quote.disagreement import Statement, disagreement
from assistant.answer.quote.excerpts import Excerpt, holds_kind, is_said, ranked_excerpts
from assistant.answer.quote.form import Form, form
from assistant.answer.quote.named import explains
from assistant.answer.quote.selection import (
    MAX_QUOTES,
    choose_excerpts,
    in_context,
    related_excerpts,
    shares,
    whole,
    without_gaps,
)
from assistant.answer.quote.short import short_answer
from assistant.answer.quote.summary import Read, summary
from assistant.answer.quote.times import last_found, of_period
from assistant.language.locales import Locale, spoken
from assistant.models.answer import Answer, AnswerSentence, Certainty, Citation, Part
from assistant.models.article import UNKNOWN_LANGUAGE
from assistant.search.found import Found, Question
from assistant.support.settings import STRICTNESS

MOST_LIKELY = 0.5
"""How likely the quotes of a sure answer hold it, rather than the sentences that are not quoted."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What answers one question: ``excerpts``, best first, and those that merely relate to it.

    Where it is ``NONE``, the excerpts are what comes nearest. ``statements`` are those of articles
    that contradict each other.
    """

    question: Question
    certainty: Certainty
    relevance: float
    confidence: float
    excerpts: tuple[Excerpt, ...] = ()
    related: tuple[Excerpt, ...] = ()
    statements: tuple[Statement, ...] = ()

    @property
    def text(self) -> str:
        """The words quoted."""
        return " ".join(one.quote for one in self.excerpts)


def reply(
    question: Question,
    found: Sequence[Found],
    wider: Sequence[Found],
    passages: int,
    *,
    read: Read,
    strictness: float = STRICTNESS,
    weights: Weights | None = None,
    today: date | None = None,
) -> Reply:
    """What of ``found`` answers ``question``, and how sure that is.

    ``wider`` are the same with the passages around them, ``passages`` is how many the library
    holds; ``read`` reads an article whole, which a summary needs.
    """
    period = last_found(found, question.period) if question.period else None
    if period is not None:
        found = of_period(found, period)
    judgement = judge(question, found, passages, strictness=strictness, weights=weights)
    certainty, likely = judgement.certainty, (judgement.relevance, judgement.confidence)
    ranked = ranked_excerpts(question, judgement.sentences, wider)
    told = form(question.text, question.language) is Form.SUMMARY
    wants_summary = told or question.summarized
    if wants_summary and (covering := summary(question, found, read)):
        return Reply(question, Certainty.SURE, *likely, tuple(covering))
    excerpts = choose_excerpts(question, ranked, today or date.today())
    # Where an entry of its own explains what is asked, it is there, however it is worded.
    if certainty is Certainty.NONE and excerpts and _is_entry(question, excerpts[0]):
        certainty = Certainty.UNSURE
    if not excerpts or certainty is Certainty.NONE:
        near = whole([*excerpts, *related_excerpts(ranked, excerpts)])[:MAX_QUOTES]
        return Reply(question, Certainty.NONE, *likely, tuple(near))
    share = shares([one for one in ranked if not is_said(one, question)])
    # What is chosen by its row or its date is not the likeliest by its words.
    by_words = excerpts[0].covers(ranked[0]) and not excerpts[0].is_row
    doubtful = by_words and sum(map(share, excerpts)) < MOST_LIKELY
    # If what was said had answered this, too, nobody would have asked on.
    doubtful = doubtful or is_said(ranked[0], question) or not _hold_kind(question, excerpts)
    if certainty is Certainty.SURE and doubtful:
        certainty = Certainty.UNSURE
    statements = disagreement(question, excerpts, ranked[:SHORTLIST])[:MAX_QUOTES]
    shown = _showing(statements, excerpts)
    if certainty is Certainty.UNSURE:
        shown = in_context(shown, share)
    if not statements:
        shown = without_gaps(shown)
    related = related_excerpts(ranked, shown)
    return Reply(question, certainty, *likely, tuple(shown), tuple(related), tuple(statements))


def _hold_kind(question: Question, excerpts: Sequence[Excerpt]) -> bool:
    """Whether one of ``excerpts`` holds the kind of thing asked for, where that can be told."""
    kind = asked(question.text, question.language)
    # Who and where may be told without a name: "the tenants", "under the mat".
    if kind in (Asked.NAME, Asked.PLACE):
        return True
    return any(holds_kind(question, one) >= 0 for one in excerpts)


def _is_entry(question: Question, one: Excerpt) -> bool:
    return explains(question, one.found, one.found.layout.line(one.first))


def quote_answer(question: Question, replies: Sequence[Reply]) -> Iterator[Answer]:
    """The answer to ``question``, one of ``replies`` for each question in it, or the refusal.

    Where articles contradict each other, both are quoted and the notice says so. Yields the answer
    as it grows, one excerpt more each time; the last one is complete.
    """
    answered = [one for one in replies if one.certainty is not Certainty.NONE]
    if not answered:
        yield _refuse(question, replies)
        return
    shown, parts = _numbered(replies)
    citations = [_cite(number, excerpt) for number, excerpt in enumerate(shown, 1)]
    related = _apart([e for one in answered for e in one.related], shown)
    first = answered[0]
    sure = all(one.certainty is Certainty.SURE for one in answered)
    answer = Answer(
        question.text,
        question.language,
        refused=False,
        lead_in=_lead_in(spoken(question.language), question.language, citations, sure=sure),
        certainty=Certainty.SURE if sure else Certainty.UNSURE,
        related=tuple(_cite(n, e) for n, e in enumerate(related, len(citations) + 1)),
        short=short_answer(first.question, 1, shown[0]) if sure and not first.statements else None,
        parts=parts if len(replies) > 1 else (),
        relevance=min(one.relevance for one in answered),
        confidence=min(one.confidence for one in answered),
        notice=_notice(spoken(question.language), replies),
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


def _apart(excerpts: Sequence[Excerpt], shown: Sequence[Excerpt]) -> list[Excerpt]:
    """Those of ``excerpts`` that neither ``shown`` nor an earlier one of them has words of."""
    apart: list[Excerpt] = []
    for one in excerpts:
        if not any(map(one.overlaps, (*shown, *apart))):
            apart.append(one)
    return apart


def _numbered(replies: Sequence[Reply]) -> tuple[list[Excerpt], tuple[Part, ...]]:
    """The excerpts of all replies, each once, and which of them answer which question."""
    shown: list[Excerpt] = []
    parts: list[Part] = []
    for one in replies:
        numbers: list[int] = []
        for excerpt in one.excerpts if one.certainty is not Certainty.NONE else ():
            known = next(
                (i for i, one in enumerate(shown) if one.covers(excerpt) or excerpt.covers(one)),
                len(shown),
            )
            if known == len(shown):
                shown.append(excerpt)
            elif excerpt.covers(shown[known]):
                shown[known] = excerpt
            numbers.append(known + 1)
        parts.append(Part(one.question.text, one.certainty, tuple(numbers)))
    return shown, tuple(parts)


def _showing(statements: Sequence[Statement], excerpts: Sequence[Excerpt]) -> list[Excerpt]:
    """``excerpts`` with those that contradict each other first, side by side."""
    first = [statement.excerpt for statement in statements]
    rest = [one for one in excerpts if not any(one.overlaps(other) for other in first)]
    return (first + rest)[: max(len(excerpts), len(first))]


def _lead_in(locale: Locale, language: str, citations: Sequence[Citation], *, sure: bool) -> str:
    """The line before the quotes: that they are not sure to answer, or in which languages they are.

    Nothing needs to be said of a sure answer in the asker's language.
    """
    if not sure:
        return locale.text("answer.unsure")
    quoted = {citation.language for citation in citations}
    if quoted <= {language, locale.code, UNKNOWN_LANGUAGE}:
        return ""
    named = locale.listing(sorted(locale.language(code) for code in quoted))
    return locale.text("answer.lead.foreign", languages=named)


def _notice(locale: Locale, replies: Sequence[Reply]) -> str:
    """What the articles state differently, and which of several questions they do not answer."""
    lines = [_differing(locale, one.statements) for one in replies if one.statements]
    left = [one.question.text for one in replies if one.certainty is Certainty.NONE]
    lines += [locale.text("answer.part.none", question=question) for question in left]
    return " ".join(lines)


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


def _refuse(asked: Question, replies: Sequence[Reply]) -> Answer:
    nearest = [excerpt for one in replies for excerpt in one.excerpts][:MAX_QUOTES]
    return Answer(
        asked.text,
        asked.language,
        refused=True,
        lead_in=spoken(asked.language).text("answer.refused"),
        nearest=tuple(_cite(*one) for one in enumerate(nearest, 1)),
        certainty=Certainty.NONE,
        relevance=max((one.relevance for one in replies), default=0.0),
        confidence=max((one.confidence for one in replies), default=0.0),
    )


def _cite(number: int, excerpt: Excerpt) -> Citation:
    cited = excerpt.found.cite(number, excerpt.start, excerpt.end)
    return replace(cited, section=excerpt.heading)

"""Renders questions, answers and notices as chat messages."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from assistant.language.locales import Locale
from assistant.language.periods import Period, days_in
from assistant.models.answer import (
    Answer,
    AnswerSentence,
    Certainty,
    Citation,
    Short,
    Translation,
)
from assistant.models.records import ArticleSummary
from assistant.models.table import row_cells
from assistant.web.chat.escaping import escape
from assistant.web.chat.quoted import quoted
from assistant.web.chat.said import Said

_ON_THE_LINE = "&#160;"
"""Keeps a number on the line of the last word."""


def question_message(question: str) -> Said:
    """The reader's question."""
    lines = (escape(line) for line in question.strip().splitlines())
    return Said("user", "<br>".join(lines), question.strip())


def answer_message(answer: Answer, locale: Locale, within: str = "") -> Said:
    """An answer or refusal; ``within`` describes the filters in use, "" if there are none."""
    about = [locale.text("answer.within", filters=within)] if within else []
    if answer.understood:
        about.append(locale.text("answer.understood", question=answer.understood))
    notes = "".join(f'<footer class="about">{escape(line)}</footer>' for line in about)
    if answer.notice:
        notes += f'<footer class="heed" role="note">{escape(answer.notice)}</footer>'
    parts = [*_lead(answer), *_sentences(answer, locale), *_articles(answer.articles)]
    if answer.nearest:
        parts.append(f'<p class="nearest">{escape(locale.text("answer.nearest"))}</p>')
        parts += [_near(citation, locale) for citation in answer.nearest]
    if answer.related and answer.complete:
        related = "".join(_near(citation, locale) for citation in answer.related)
        told = f"{escape(locale.text('answer.related'))} &#40;{len(answer.related)}&#41;"
        parts.append(f'<details class="related"><summary>{told}</summary>{related}</details>')
    said = replace(
        answer, notice="", sentences=tuple(replace(one, supported=True) for one in answer.sentences)
    )
    return Said(
        "assistant",
        f"{notes}{''.join(parts)}",
        said.text,
        escape(answer.language),
        tuple(
            (one.article, one.start)
            for one in (*answer.citations, *answer.nearest, *answer.related)
        ),
        "complete" if answer.complete else "growing",
    )


def notice_message(*lines: str, growing: bool = False) -> Said:
    """A message that is not an answer, such as an error; ``growing`` if an answer will follow."""
    texts = "".join(f'<p class="lead">{escape(line)}</p>' for line in lines)
    return Said("assistant", texts, state="growing" if growing else "")


def stopped(said: Said, locale: Locale) -> Said:
    """``said`` as far as it got, with a line saying that it was stopped."""
    told = locale.text("answer.stopped")
    if not said.text:
        return notice_message(told)
    line = f'<footer class="about">{escape(told)}</footer>'
    return replace(said, html=said.html + line, state="complete")


def offers(questions: Iterable[str], after: int) -> str:
    """Suggested questions as an HTML list, with the number of messages they belong after."""
    items = "".join(f"<li>{escape(question)}</li>" for question in questions)
    return f'<ul class="after-{after}">{items}</ul>' if items else ""


def link(citation: Citation) -> str:
    """The URL of the article with the cited words marked, relative to the chat's page."""
    return f"articles/{citation.article}?start={citation.start}&end={citation.end}#quote"


def _articles(named: Iterable[ArticleSummary]) -> Iterator[str]:
    """The articles that a reply names, as a list of links."""
    items = "".join(
        f'<li><a href="articles/{one.id}"><bdi lang="{escape(one.language)}">{escape(one.title)}'
        "</bdi></a></li>"
        for one in named
    )
    if items:
        yield f'<ul class="named">{items}</ul>'


def _lead(answer: Answer) -> Iterator[str]:
    """The line above the quotes, if any; of several questions some of which are answered for sure
    it stands above the answers to the others.
    """
    if answer.lead_in and not _unsure_parts(answer):
        unsure = answer.certainty is Certainty.UNSURE
        kind = "refusal" if answer.refused else "lead unsure" if unsure else "lead"
        yield f'<p class="{kind}">{escape(answer.lead_in)}</p>'


def _unsure_parts(answer: Answer) -> set[str]:
    """The questions that are not answered for sure, if others are."""
    tones = {part.certainty for part in answer.parts}
    if not {Certainty.SURE, Certainty.UNSURE} <= tones:
        return set()
    return {part.question for part in answer.parts if part.certainty is Certainty.UNSURE}


def _sentences(answer: Answer, locale: Locale) -> Iterator[str]:
    """The sentences, best first; if several questions were asked, each above its answer.

    The title stands under the first of consecutive quotes from one article, and the section under
    the first from that.
    """
    unsure = _unsure_parts(answer)
    by_number = {citation.number: citation for citation in answer.citations}
    asked = {part.citations[0]: part.question for part in answer.parts if part.citations}
    cited = [[by_number[n] for n in one.citations if n in by_number] for one in answer.sentences]
    for place, (sentence, citations) in enumerate(zip(answer.sentences, cited, strict=True)):
        if sentence.columns:
            if not place or answer.sentences[place - 1].columns != sentence.columns:
                yield _table(answer.sentences[place:], cited[place:], locale)
            continue
        question = asked.get(citations[0].number) if citations else None
        if question:
            yield f'<p class="part">{escape(question[:1].upper() + question[1:])}</p>'
            if question in unsure:
                yield f'<p class="lead unsure">{escape(answer.lead_in)}</p>'
        footer = _footer(citations, locale, cited[place - 1] if place and not question else ())
        best = " best" if place == 0 and sentence.supported and not answer.parts else ""
        yield _sentence(sentence, citations, answer.short, locale, best, footer)


def _sentence(
    sentence: AnswerSentence, citations: Sequence[Citation], short: Short | None, locale: Locale,
    best: str, footer: str,
) -> str:  # fmt: skip
    is_quote = len(citations) == 1 and sentence.text == citations[0].quote
    language = f' lang="{escape(citations[0].language)}"' if is_quote else ""
    state = f"quote{best}" if sentence.supported else "quote unsupported"
    words = quoted(citations[0], short) if is_quote else escape(sentence.text)
    numbers = "".join(_number(citation, locale) for citation in citations)
    if footer and words.endswith(("</table>", "</ol>", "</ul>")):  # else alone on a line
        before = numbers.removeprefix(_ON_THE_LINE)
        numbers, footer = "", footer.replace("<footer>", f"<footer>{before} ", 1)
    return (
        f'<blockquote class="{state}"{language} dir="auto">{_doubt(sentence, locale)}'
        f"{words}{numbers}{_translation(sentence.translation)}{footer}</blockquote>"
    )


def _table(
    sentences: Sequence[AnswerSentence], cited: Sequence[Sequence[Citation]], locale: Locale
) -> str:
    """The table that a chat model wrote: the first of ``sentences`` with the same columns."""
    columns = sentences[0].columns
    headings = row_cells(columns)
    rows = takewhile(lambda row: row[0].columns == columns, zip(sentences, cited, strict=True))
    shown, sources = "", list[Citation]()
    for sentence, citations in rows:
        cells = "".join(f"<td>{escape(cell)}</td> " for cell in row_cells(sentence.text))
        told = "".join(_number(citation, locale) for citation in citations)
        told += _doubt(sentence, locale) + _translation(sentence.translation)
        # The numbers stand in the first cell that is left, below "Source", say.
        rest = "<td></td> " * (len(headings) - len(row_cells(sentence.text)) - 1)
        shown += f"<tr>{cells}<td>{told}</td> {rest}</tr> "
        sources += citations
    head = "".join(f'<th scope="col">{escape(cell)}</th> ' for cell in headings)
    return (
        f'<blockquote class="quote" dir="auto"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{shown}</tbody></table>{_footer(sources, locale)}</blockquote>"
    )


def _translation(made: Translation | None) -> str:
    """A sentence of a chat model in the asker's language, if it was written in another."""
    if made is None:
        return ""
    language = html.escape(made.language)
    return f'<footer class="translation" lang="{language}" dir="auto">{escape(made.text)}</footer>'


def _doubt(sentence: AnswerSentence, locale: Locale) -> str:
    """The label of an unsupported sentence, with the reason; "" for a supported one."""
    if sentence.supported:
        return ""
    why = f" · {escape(sentence.reason)}" if sentence.reason else ""
    label = escape(locale.text("answer.unsupported"))
    return f'<footer class="doubt" lang="{locale.code}"><strong>{label}</strong>{why}</footer>'


def _near(citation: Citation, locale: Locale) -> str:
    return (
        f'<blockquote class="quote near" lang="{escape(citation.language)}" dir="auto">'
        f"{quoted(citation)}{_number(citation, locale)}"
        f"{_footer([citation], locale)}</blockquote>"
    )


def _number(citation: Citation, locale: Locale) -> str:
    source = escape(locale.text("answer.source"))
    return (
        f'{_ON_THE_LINE}<a class="cite" href="{html.escape(link(citation))}">'
        f'<span class="unseen">{source} </span>{citation.number}'
        f'<span class="unseen">: {_named(citation, locale)}</span></a>'
    )


def _named(citation: Citation, locale: Locale) -> str:
    return escape(citation.title) + _when(citation, locale)


def _when(citation: Citation, locale: Locale) -> str:
    """The date of an article whose title does not say it."""
    day = citation.published
    if day is None or Period(day, day) in days_in(citation.title, citation.language, None):
        return ""
    return f", {locale.day(day)}"


def _footer(citations: Sequence[Citation], locale: Locale, before: Sequence[Citation] = ()) -> str:
    """Where quotes stand: titles, sections and dates, as far as those ``before`` differ."""
    articles = {one.article for one in before}
    sections = {(one.article, one.section) for one in before}
    places = dict.fromkeys(
        _place(one, locale, titled=one.article not in articles)
        for one in citations
        if (one.article, one.section) not in sections
    )
    shown = "<br>".join(filter(None, places))
    return f"<footer>{shown}</footer>" if shown else ""


def _place(citation: Citation, locale: Locale, *, titled: bool) -> str:
    """Where a quote stands, without title and date unless ``titled``."""
    section = citation.section if citation.section != citation.title else ""
    names = [citation.title, section] if titled else [section]
    # Isolated: a right-to-left title would reverse what follows it.
    named = " · ".join(f"<bdi>{escape(name)}</bdi>" for name in names if name)
    return named + _when(citation, locale) if titled else named

"""Questions, answers and notices as messages of the chat.

The chat renders Markdown, then cleans the HTML. A title or a question could trick either step, so
each character that could be read as markup is written as a numeric entity.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import replace

from assistant.language.locales import Locale
from assistant.models.answer import Answer, AnswerSentence, Certainty, Citation, Short
from assistant.models.table import row_cells
from assistant.web.chat.said import Said

_MARKUP = re.compile(r"[!-/:-@\[-`{-~]")
# Not the no-break spaces, which French typography puts before a colon and inside quotes.
_BREAKS = re.compile(r"[\s\u2028\u2029]+", re.ASCII)


def escape(text: str) -> str:
    """Text on one line that neither a Markdown nor an HTML reader takes for markup."""
    line = _BREAKS.sub(" ", text.strip())
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", line)


def question_message(question: str) -> Said:
    """What the reader asked."""
    lines = (escape(line) for line in question.strip().splitlines())
    return Said("user", "<br>".join(lines), question.strip())


def answer_message(answer: Answer, locale: Locale, within: str = "") -> Said:
    """An answer or refusal; ``within`` says what the search was narrowed down to, if it was."""
    about = [locale.text("answer.within", filters=within)] if within else []
    if answer.understood:
        about.append(locale.text("answer.understood", question=answer.understood))
    notes = "".join(f'<footer class="about">{escape(line)}</footer>' for line in about)
    if answer.notice:
        notes += f'<footer class="heed" role="note">{escape(answer.notice)}</footer>'
    tone = "refusal" if answer.refused else f"lead {answer.certainty}"
    lead = f'<p class="{tone}">{escape(answer.lead_in)}</p>' if answer.lead_in else ""
    parts = _sentences(answer, locale)
    if answer.nearest:
        parts.append(f'<p class="nearest">{escape(locale.text("answer.nearest"))}</p>')
        parts += [_quote(citation, locale) for citation in answer.nearest]
    if answer.related and answer.complete:
        label = escape(f"{locale.text('answer.related')} ({len(answer.related)})")
        quotes = "".join(_quote(citation, locale) for citation in answer.related)
        parts.append(f'<details class="related"><summary>{label}</summary>{quotes}</details>')
    said = replace(
        answer, notice="", sentences=tuple(replace(one, supported=True) for one in answer.sentences)
    )
    return Said(
        "assistant",
        f"{notes}{lead}{''.join(parts)}",
        said.text,
        escape(answer.language),
        tuple((one.article, one.start) for one in (*answer.citations, *answer.nearest)),
        "complete" if answer.complete else "growing",
    )


def notice_message(*lines: str, growing: bool = False) -> Said:
    """What is not an answer, such as what went wrong; ``growing`` says that one is to come."""
    texts = "".join(f'<p class="lead">{escape(line)}</p>' for line in lines)
    return Said("assistant", texts, state="growing" if growing else "")


def stopped(said: Said, locale: Locale) -> Said:
    """``said`` left as it is, and a line that says so."""
    told = locale.text("answer.stopped")
    if not said.text:
        return notice_message(told)
    line = f'<footer class="about">{escape(told)}</footer>'
    return replace(said, html=said.html + line, state="complete")


def offers(questions: Iterable[str], after: int) -> str:
    """Questions to go on with as an HTML list, which says after how many messages they fit."""
    items = "".join(f"<li>{escape(question)}</li>" for question in questions)
    return f'<ul class="after-{after}">{items}</ul>' if items else ""


def link(citation: Citation) -> str:
    """Where the cited words are marked in their article, relative to the chat's page."""
    return f"articles/{citation.article}?start={citation.start}&end={citation.end}#quote"


def _sentences(answer: Answer, locale: Locale) -> list[str]:
    """The sentences, each part of a question that asked several things before its own.

    The title stands once under those that follow each other from one article.
    """
    cited = {citation.number: citation for citation in answer.citations}
    asked = {part.citations[0]: part.question for part in answer.parts if part.citations}
    articles = [[cited[n].article for n in one.citations if n in cited] for one in answer.sentences]
    shown = []
    for place, sentence in enumerate(answer.sentences):
        if question := asked.get(next(iter(sentence.citations), 0)):
            shown.append(f'<p class="part">{escape(question)}</p>')
        followed = articles[place : place + 1] == articles[place + 1 : place + 2]
        begins = any(
            n in asked for one in answer.sentences[place + 1 : place + 2] for n in one.citations
        )
        best = not place and answer.certainty is Certainty.SURE
        short = answer.short if not place else None
        titled = not followed or begins
        shown.append(_sentence(sentence, cited, locale, short, best=best, titled=titled))
    return shown


def _sentence(
    sentence: AnswerSentence, cited: dict[int, Citation], locale: Locale, short: Short | None,
    *, best: bool, titled: bool,
) -> str:  # fmt: skip
    citations = [cited[number] for number in sentence.citations if number in cited]
    language = f' lang="{escape(citations[0].language)}"' if _is_quote(sentence, citations) else ""
    state = "quote" if sentence.supported else "quote unsupported"
    return (
        f'<blockquote class="{state}{" best" if best else ""}"{language} dir="auto">'
        f"{_doubt(sentence, locale)}{_words(sentence.text, citations, short)}"
        f"{''.join(_number(citation, locale) for citation in citations)}"
        f"{_footer(citations, locale) if titled else ''}</blockquote>"
    )


def _words(text: str, citations: list[Citation], short: Short | None) -> str:
    """The words of a sentence: rows as a table, the items of a list on lines of their own.

    What of them answers is marked.
    """
    first = citations[0] if citations and text == citations[0].quote else None
    if first is not None and first.columns:
        return _table(first)
    if first is None or short is None or "\n" in text:
        return "<br>".join(escape(line) for line in text.splitlines() if line.strip())
    start, end = short.start - first.start, short.end - first.start
    marked = f"<mark>{_spaced(text[start:end])}</mark>"
    return f"{_spaced(text[:start])}{marked}{_spaced(text[end:])}"


def _table(citation: Citation) -> str:
    """The rows quoted, under the headings of their columns."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in row_cells(citation.columns))
    rows = [row_cells(line) for line in citation.quote.splitlines()]
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _spaced(text: str) -> str:
    """``escape``, the spaces at either end kept, as more words follow."""
    inner = text.strip()
    if not inner:
        return " " if text else ""
    left, right = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{' ' if left else ''}{escape(inner)}{' ' if right else ''}"


def _doubt(sentence: AnswerSentence, locale: Locale) -> str:
    """That a sentence is not supported, in words and before it, and why."""
    if sentence.supported:
        return ""
    why = f" · {escape(sentence.reason)}" if sentence.reason else ""
    label = escape(locale.text("answer.unsupported"))
    return f'<footer class="doubt" lang="{locale.code}"><strong>{label}</strong>{why}</footer>'


def _quote(citation: Citation, locale: Locale) -> str:
    return (
        f'<blockquote class="quote near" lang="{escape(citation.language)}" dir="auto">'
        f"{_words(citation.quote, [citation], None)}{_number(citation, locale)}"
        f"{_footer([citation], locale)}</blockquote>"
    )


def _is_quote(sentence: AnswerSentence, citations: list[Citation]) -> bool:
    return len(citations) > 0 and sentence.text in citations[0].quote


def _number(citation: Citation, locale: Locale) -> str:
    source = escape(locale.text("answer.source"))
    return (
        # The no-break space keeps a number beside its words.
        f'&#160;<a class="cite" href="{html.escape(link(citation))}">'
        f'<span class="unseen">{source} </span>{citation.number}'
        f'<span class="unseen">: {_named(citation, locale)}</span></a>'
    )


def _named(citation: Citation, locale: Locale) -> str:
    return escape(citation.title) + _when(citation, locale)


def _when(citation: Citation, locale: Locale) -> str:
    return f", {locale.day(citation.published)}" if citation.published else ""


def _under(citation: Citation) -> str:
    return f" · <bdi>{escape(citation.section)}</bdi>" if citation.section else ""


def _footer(citations: Iterable[Citation], locale: Locale) -> str:
    # Apart, as a title may turn the direction of what follows.
    unique = dict.fromkeys(
        f"<bdi>{escape(citation.title)}</bdi>{_under(citation)}{_when(citation, locale)}"
        for citation in citations
    )
    return f"<footer>{'<br>'.join(unique)}</footer>" if unique else ""

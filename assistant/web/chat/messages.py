"""Questions, answers and notices as messages of the chat.

The chat renders Markdown, then cleans the HTML. A title or a question could trick either step, so
each character that could be read as markup is written as a numeric entity.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from assistant.language.locales import Locale
from assistant.models.answer import Answer, AnswerSentence, Citation
from assistant.models.records import ArticleSummary
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
    lead = f'<p class="{"refusal" if answer.refused else "lead"}">{escape(answer.lead_in)}</p>'
    by_number = {citation.number: citation for citation in answer.citations}
    parts = [_sentence(sentence, by_number, locale) for sentence in answer.sentences]
    parts += _articles(answer.articles)
    if answer.nearest:
        parts.append(f'<p class="nearest">{escape(locale.text("answer.nearest"))}</p>')
        parts += [_quote(citation, locale) for citation in answer.nearest]
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


def _articles(named: Iterable[ArticleSummary]) -> Iterator[str]:
    """The articles that a reply names, as a list of links."""
    items = "".join(
        f'<li><a href="articles/{one.id}"><bdi lang="{escape(one.language)}">{escape(one.title)}'
        "</bdi></a></li>"
        for one in named
    )
    if items:
        yield f'<ul class="named">{items}</ul>'


def _sentence(sentence: AnswerSentence, cited: dict[int, Citation], locale: Locale) -> str:
    citations = [cited[number] for number in sentence.citations if number in cited]
    language = f' lang="{escape(citations[0].language)}"' if _is_quote(sentence, citations) else ""
    state = "quote" if sentence.supported else "quote unsupported"
    return (
        f'<blockquote class="{state}"{language} dir="auto">{_doubt(sentence, locale)}'
        f"{escape(sentence.text)}{''.join(_number(citation, locale) for citation in citations)}"
        f"{_footer(citations, locale)}</blockquote>"
    )


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
        f"{escape(citation.quote)}{_number(citation, locale)}"
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


def _footer(citations: Iterable[Citation], locale: Locale) -> str:
    # Apart, as a title may turn the direction of what follows.
    unique = dict.fromkeys(
        f"<bdi>{escape(citation.title)}</bdi>{_when(citation, locale)}" for citation in citations
    )
    return f"<footer>{'<br>'.join(unique)}</footer>" if unique else ""

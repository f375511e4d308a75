"""Answers and questions as the chat's HTML, and the chat's history back as plain turns.

The chat renders Markdown, then cleans the HTML. A title or a question could trick either step, so
each character that could be read as markup is written as a numeric entity.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any, Literal, cast

from assistant.language.locales import Locale
from assistant.models.answer import Answer, AnswerSentence, Citation
from assistant.models.conversation import Turn

Message = dict[str, str]
"""A message as Gradio's chat takes it: ``role`` and ``content``."""

MOST_TURNS = 12
"""How many of the last messages of a chat are given to the assistant."""

LONGEST_TURN = 4_000
"""How many characters of each of them are given to the assistant."""

_MARKUP = re.compile(r"[!-/:-@\[-`{-~]")
# Not the no-break spaces, which French typography puts before a colon and inside quotes.
_BREAKS = re.compile(r"[\s\u2028\u2029]+", re.ASCII)
_NUMBER = re.compile(r"&#160;<a [^>]*><span [^>]*>[^<]*</span>(\d+)<span [^>]*>[^<]*</span></a>")
_NOT_TEXT = re.compile(r"<footer\b[^>]*>.*?</footer>|<[^>]*>", re.DOTALL)
_LINK = re.compile(r'href="articles/([0-9a-f]+)\?start=(\d{1,12})&amp;end=')
_LANGUAGE = re.compile(r'<div class="answer[^"]*" lang="([a-z]{2,3})"')
_NOTICE = '<div class="answer notice'
_GROWING, _COMPLETE = " growing", " complete"
"""In the class of a message, by which the page's style and script go."""


def escape(text: str) -> str:
    """Text on one line that neither a Markdown nor an HTML reader takes for markup."""
    line = _BREAKS.sub(" ", text.strip())
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", line)


def question_message(question: str) -> Message:
    """What the reader asked, as a message of the chat."""
    lines = (escape(line) for line in question.strip().splitlines())
    return {"role": "user", "content": "<br>".join(lines)}


def answer_message(answer: Answer, locale: Locale, within: str = "") -> Message:
    """An answer or refusal as a message of the chat: one line of HTML.

    ``within`` says what the search was narrowed down to, if it was.
    """
    about = [locale.text("answer.within", filters=within)] if within else []
    if answer.understood:
        about.append(locale.text("answer.understood", question=answer.understood))
    notes = "".join(f'<footer class="about">{escape(line)}</footer>' for line in about)
    if answer.notice:
        notes += f'<footer class="heed" role="note">{escape(answer.notice)}</footer>'
    lead = f'<p class="{"refusal" if answer.refused else "lead"}">{escape(answer.lead_in)}</p>'
    by_number = {citation.number: citation for citation in answer.citations}
    parts = [_sentence(sentence, by_number, locale) for sentence in answer.sentences]
    if answer.nearest:
        parts.append(f'<p class="nearest">{escape(locale.text("answer.nearest"))}</p>')
        parts += [_quote(citation, locale) for citation in answer.nearest]
    state = _COMPLETE if answer.complete else _GROWING
    opened = f'<div class="answer{state}" lang="{escape(answer.language)}">'
    return _message(f"{opened}{notes}{lead}{''.join(parts)}")


def notice_message(*lines: str, growing: bool = False) -> Message:
    """What is not an answer, such as what went wrong, as a message of the chat.

    It is nothing that was said, so ``turns`` leaves it out. ``growing`` says that an answer will
    take its place.
    """
    texts = "".join(f'<p class="lead">{escape(line)}</p>' for line in lines)
    return _message(f'{_NOTICE}{_GROWING if growing else ""}">{texts}')


def stopped(history: list[Message], locale: Locale) -> list[Message]:
    """The chat with the answer that was growing left as it is, and a line that says so."""
    if not history or not history[-1]["content"].startswith('<div class="answer'):
        return history
    content = history[-1]["content"]
    if _GROWING not in content:
        return history
    if content.startswith(_NOTICE):
        return [*history[:-1], notice_message(locale.text("answer.stopped"))]
    told = f'<footer class="about">{escape(locale.text("answer.stopped"))}</footer>'
    whole = content.replace(_GROWING, _COMPLETE, 1).removesuffix("</div>")
    return [*history[:-1], _message(f"{whole}{told}")]


def offers(questions: Iterable[str], after: int) -> str:
    """Questions to go on with as an HTML list, which says after how many messages they fit."""
    items = "".join(f"<li>{escape(question)}</li>" for question in questions)
    return f'<ul class="after-{after}">{items}</ul>' if items else ""


def shown_places(message: Message) -> list[tuple[str, int]]:
    """The article and start of each quote that a message shows, in order."""
    return [(found[1], int(found[2])) for found in _LINK.finditer(message["content"])]


def spoken_in(message: Message) -> str | None:
    """The language of the answer in a message, or None if it is no answer."""
    found = _LANGUAGE.match(message["content"])
    return found[1] if found else None


def turns(history: object, *, markup: bool = True) -> list[Turn]:
    """The last turns of a chat as plain text, out of whatever a browser or a program sent.

    ``markup`` says that the messages are the chat's HTML. Anything that is not text of the reader
    or of the assistant is left out.
    """
    read = _plain if markup else str.strip
    given = (message for message in shown(history) if not markup or _is_said(message))
    plain = ((message["role"], read(message["content"])) for message in given)
    said = [
        Turn(cast(Literal["user", "assistant"], role), text[:LONGEST_TURN])
        for role, text in plain
        if text
    ]
    return said[-MOST_TURNS:]


def _is_said(message: Message) -> bool:
    return not message["content"].startswith(_NOTICE)


def shown(history: object) -> list[Message]:
    """The text messages of a chat, to be shown again, out of whatever the browser sent."""
    messages = history if isinstance(history, list) else []
    return [
        {"role": message["role"], "content": content}
        for message in messages
        if isinstance(message, dict) and message.get("role") in ("user", "assistant")
        if (content := _content(message.get("content")))
    ]


def link(citation: Citation) -> str:
    """Where the cited words are marked in their article, relative to the chat's page."""
    return f"articles/{citation.article}?start={citation.start}&end={citation.end}#quote"


def _message(opened: str) -> Message:
    return {"role": "assistant", "content": f"{opened}</div>"}


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


def _content(content: Any) -> str:
    """The text of a message's content, which is a text or a list of parts."""
    parts = content if isinstance(content, list) else [content]
    texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
    return "\n".join(text for text in texts if isinstance(text, str))


def _plain(content: str) -> str:
    numbered = _NUMBER.sub(r" [\1]", content)
    broken = re.sub(r"<br>|</p>|</blockquote>", "\n", numbered)
    lines = html.unescape(_NOT_TEXT.sub("", broken)).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())

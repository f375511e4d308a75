"""What the assistant says of itself and of its library, in its own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.answer.talk.documents import about, allowed, answered_from, newest, of_time, since
from assistant.answer.talk.examples import OF_ANSWER, Intent
from assistant.answer.talk.intents import Request
from assistant.language.locales import Locale, locales, spoken
from assistant.models.answer import Answer
from assistant.models.conversation import Turn
from assistant.models.filters import Filters
from assistant.models.records import ArticleSummary
from assistant.search.found import Question
from assistant.search.retriever import Retriever
from assistant.store.library import Library

MOST_NAMED = 20
"""Articles in a list; of more, only their number is told."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request and what it is answered from. ``articles`` are those that the asker may see."""

    request: Request
    question: Question
    history: Sequence[Turn]
    filters: Filters
    library: Library
    retriever: Retriever
    articles: Sequence[ArticleSummary]

    @property
    def locale(self) -> Locale:
        return spoken(self.request.language)


Said = tuple[str, Sequence[ArticleSummary]]
"""A reply, and the articles that it names."""


def talk(
    request: Request, question: Question, history: Sequence[Turn], filters: Filters,
    library: Library, retriever: Retriever,
) -> Answer | None:  # fmt: skip
    """The answer to a request, in the asker's language if it is one of the interface's.

    None if it asks about the article of an answer that came from none: then it is no talk.
    """
    asked = _Asked(
        request, question, history, filters, library, retriever, allowed(library, filters)
    )
    if request.intent in OF_ANSWER:
        article = answered_from(history, retriever, asked.articles, filters)
        if article is None:
            return None
        said: Said = _of_article(asked, article), [article]
    else:
        said = _REPLIES.get(request.intent, _words)(asked)
    text, named = said
    rest = len(named) - MOST_NAMED
    more = asked.locale.text("talk.more", count=asked.locale.number(rest)) if rest > 0 else ""
    return Answer(
        question.text, request.language, refused=False, lead_in=text, notice=more,
        articles=tuple(named[:MOST_NAMED]),
    )  # fmt: skip


def _words(asked: _Asked) -> Said:
    return asked.locale.text(f"talk.{asked.request.intent}"), ()


def _hello(asked: _Asked) -> Said:
    text, _ = _words(asked)
    return f"{text} {asked.locale.text('talk.library', library=_library(asked))}", ()


def _languages(asked: _Asked) -> Said:
    names = asked.locale.listing([asked.locale.language(code) for code in locales()])
    return asked.locale.text("talk.languages", languages=names), ()


def _more(asked: _Asked) -> Said:
    article = answered_from(asked.history, asked.retriever, asked.articles, asked.filters)
    if article is None:
        return _words(asked)
    return asked.locale.text("talk.yes.about", title=article.title), [article]


def _count(asked: _Asked) -> Said:
    return asked.locale.text("talk.library", library=_library(asked)), ()


def _every(asked: _Asked) -> Said:
    return asked.locale.text("talk.library", library=_library(asked)), asked.articles


def _about(asked: _Asked) -> Said:
    topic = asked.request.topic
    near = about(topic, asked.question, asked.retriever, asked.articles, asked.filters)
    return _listed(asked, near, "talk.about", topic=topic)


def _dated(asked: _Asked) -> Said:
    when = asked.request.when
    assert when is not None  # as Intents.recognise promises
    return _listed(asked, of_time(when, asked.articles), "talk.dated", time=when.text)


def _since(asked: _Asked) -> Said:
    when = asked.request.when
    assert when is not None  # as Intents.recognise promises
    return _listed(asked, since(when, asked.articles, date.today()), "talk.since", time=when.text)


def _newest(asked: _Asked) -> Said:
    article = newest(asked.articles)
    if article is None or article.published is None:
        return asked.locale.text("talk.undated"), ()
    day = asked.locale.day(article.published)
    return asked.locale.text("talk.newest", title=article.title, date=day), [article]


def _listed(asked: _Asked, found: Sequence[ArticleSummary], key: str, **values: str) -> Said:
    locale = asked.locale
    if not found:
        return locale.text(f"{key}.none", **values), ()
    counted = locale.count("articles", len(found))
    return locale.text(key, articles=counted, **values), found


def _of_article(asked: _Asked, article: ArticleSummary) -> str:
    locale, intent = asked.locale, asked.request.intent
    values = {"title": article.title, "source": article.source}
    if intent is Intent.FILE:
        return locale.text("talk.file", **values)
    if intent is Intent.PUBLISHED:
        if article.published is None:
            return locale.text("talk.published.none", **values)
        return locale.text("talk.published", date=locale.day(article.published), **values)
    author = asked.library.article(article.id, asked.filters.clearance).author
    if not author:
        return locale.text("talk.author.none", **values)
    return locale.text("talk.author", author=author, **values)


def _library(asked: _Asked) -> str:
    languages = sorted({one.language for one in asked.articles})
    last = newest(asked.articles)
    return asked.locale.library(len(asked.articles), languages, last.published if last else None)


_REPLIES: Mapping[Intent, Callable[[_Asked], Said]] = {
    Intent.GREETING: _hello,
    Intent.ABILITIES: _hello,
    Intent.LANGUAGES: _languages,
    Intent.YES: _more,
    Intent.COUNT: _count,
    Intent.EVERY: _every,
    Intent.COUNT_ABOUT: _about,
    Intent.ABOUT: _about,
    Intent.NEWEST: _newest,
    Intent.DATED: _dated,
    Intent.SINCE: _since,
}

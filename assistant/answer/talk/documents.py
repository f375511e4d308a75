"""Which documents someone asks for: about a topic, from some time, or the one of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from assistant.language.facts import Fact, holds
from assistant.language.facts.fact import Kind
from assistant.language.keywords import terms, words
from assistant.models.conversation import MAX_QUESTION, Turn
from assistant.models.filters import Filters, within
from assistant.models.records import ArticleSummary
from assistant.search.found import Found, Question
from assistant.search.retriever import Retriever
from assistant.store.library import Library

LOOKED_AT = 40
"""Passages that are searched for the articles about a topic."""

LEAST = 0.33
"""Score of a passage from which its article is about a topic."""

APART = 0.12
"""An article that comes this much nearer to a topic than chance, on the scale of its language, is
about it, too."""


def allowed(library: Library, filters: Filters) -> list[ArticleSummary]:
    """The articles that ``filters`` let by, by source."""
    return [one for one in library.articles(filters.clearance) if _fits(one, filters)]


def about(
    topic: str, asked: Question, retriever: Retriever, articles: Sequence[ArticleSummary],
    filters: Filters,
) -> list[ArticleSummary]:  # fmt: skip
    """Those of ``articles`` that are about ``topic``, the nearest first.

    Where ``topic`` is the name of a folder, those in it: someone filed them so. What the question
    ``asked`` calls them counts where titles do, too: "how many reports".
    """
    if filed := [one for one in articles if any(_in_folder(s, topic) for s in one.sources)]:
        return filed
    understood = retriever.understand(topic, asked.language)
    found = retriever.find(understood, LOOKED_AT, filters)
    scores: dict[str, float] = {}
    for one in found:
        scores[one.hit.article] = max(one.hit.score, scores.get(one.hit.article, 0.0))
    meant = _meant(found)
    near = [one for one in articles if scores.get(one.id, 0.0) >= LEAST or one.id in meant]
    near.sort(key=lambda one: -scores[one.id])
    called = {*_stems(" ".join(asked.words.words), asked)} - {*_stems(topic, asked)}
    return [one for one in near if called.intersection(_stems(one.title, asked))] or near


def of_time(when: Fact, articles: Sequence[ArticleSummary]) -> list[ArticleSummary]:
    """Those of ``articles`` that were published then, the newest first."""
    dated = [(_day(one.published), one) for one in articles if one.published]
    return _newest_first(one for day, one in dated if holds([day], when))


def since(when: Fact, articles: Sequence[ArticleSummary], today: date) -> list[ArticleSummary]:
    """Those of ``articles`` published from the beginning of ``when`` on, the newest first."""
    first = _begin(when, today)
    return _newest_first(one for one in articles if one.published and one.published >= first)


def newest(articles: Sequence[ArticleSummary]) -> ArticleSummary | None:
    """The article published last; None if no date is known."""
    return next(iter(_newest_first(one for one in articles if one.published)), None)


def answered_from(
    history: Sequence[Turn], retriever: Retriever, articles: Sequence[ArticleSummary],
    filters: Filters,
) -> ArticleSummary | None:  # fmt: skip
    """The article that the last answer of ``history`` came from, as far as its words tell."""
    last = next((i for i, turn in reversed([*enumerate(history)]) if turn.role == "assistant"), -1)
    if last < 0:
        return None
    said = " ".join(turn.content for turn in history[max(0, last - 1) : last + 1])
    found = retriever.find(retriever.understand(said[:MAX_QUESTION]), 1, filters)
    ids = {one.hit.article for one in found}
    return next((one for one in articles if one.id in ids), None)


def _meant(found: Sequence[Found]) -> set[str]:
    """The articles of another language with a passage that says what is asked for, on the scale
    between the two languages: hardly a word of it can be the same.
    """
    texts = sum(len(one.near) for one in found)
    return {
        one.hit.article
        for one in found
        if float(one.scale.place(one.near).max()) >= one.scale.by_chance(texts) + APART
    }


def _in_folder(source: str, name: str) -> bool:
    """Whether one of the folders that the file ``source`` is in is called ``name``."""
    *folders, _ = source.split("/")
    return "://" not in source and words(name) in [words(re.sub("_", " ", one)) for one in folders]


def _stems(text: str, asked: Question) -> list[str]:
    return terms(text, asked.language)


def _fits(one: ArticleSummary, filters: Filters) -> bool:
    day = one.published
    return (
        filters.language in (None, one.language)
        and (filters.after is None or (day is not None and day >= filters.after))
        and (filters.before is None or (day is not None and day <= filters.before))
        and (filters.source is None or any(within(s, filters.source) for s in one.sources))
    )


def _newest_first(articles: Iterable[ArticleSummary]) -> list[ArticleSummary]:
    return sorted(articles, key=lambda one: one.published or date.min, reverse=True)


def _day(day: date | None) -> Fact:
    written = day.isoformat() if day else ""
    return Fact(Kind.DATE, 0, len(written), written, written)


def _begin(when: Fact, today: date) -> date:
    """The first day of a date; without a year, of the last one that has begun."""
    year, month, day = (*when.value.removeprefix("-").split("-"), "1", "1")[:3]
    within = timedelta(days=int(day) - 1)
    if year:
        return date(int(year.replace("X", "0")), int(month), 1) + within
    begun = date(today.year, int(month), 1) + within
    return begun if begun <= today else date(today.year - 1, int(month), 1) + within

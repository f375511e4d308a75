"""Both sides of a comparison: the best excerpt about each thing that a question compares."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from assistant.answer.quote.excerpts import HELD, Excerpt
from assistant.answer.quote.named import named_lines
from assistant.answer.quote.times import own_dates
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.layout import Line
from assistant.search.found import Found, Question

MOST_SIDES = 4

MARGIN_OF_ARTICLES = 3.0
"""How much below the best an excerpt may score that is compared since its article is of a time."""


def sides(question: Question, ranked: Sequence[Excerpt]) -> list[Excerpt]:
    """An excerpt for each thing that ``question`` compares, one for all where one holds them all.

    The rows of one table where it names several; else the best sentence of an article of each of
    the dates, or with each of the dates or names, that the question states. Empty if it states
    fewer than two.
    """
    rows = _rows(question, ranked)
    if len(rows) > 1:
        return rows
    times, names = _stated(question, Kind.DATE), _stated(question, Kind.NAME)
    near = [one for one in ranked if one.score >= ranked[0].score - MARGIN_OF_ARTICLES]
    of_articles = _best_of_each(times, near, _is_of)
    if len(of_articles) == len(times) > 1:
        return of_articles
    wanted = times if len(times) > 1 else names
    return _best_of_each(wanted, ranked, _says) if len(wanted) > 1 else []


def _rows(question: Question, ranked: Sequence[Excerpt]) -> list[Excerpt]:
    """The rows that the question names of the table in which the best of the ranked ones stands."""
    first = next((one for one in ranked if one.is_row), None)
    if first is None:
        return []
    layout = first.found.layout
    table = layout.group(first.first)
    named = [line for line in named_lines(question, first.found) if line in table]
    if len(named) < 2:
        named = _held_alone(first.found, table)
    rows = [e for e in ranked if e.found is first.found and layout.line(e.first) in named]
    return sorted(rows, key=lambda one: one.first) if len(rows) <= MOST_SIDES else []


def _held_alone(found: Found, table: Sequence[Line]) -> list[Line]:
    """The rows of a ``table`` that hold a word of the question which no other row of it does."""
    held = np.array([found.held.likeness[:, line.first + 1] > HELD for line in table])
    alone = held[:, held.sum(axis=0) == 1]
    return [line for line, words in zip(table, alone, strict=True) if words.any()]


def _best_of_each(
    wanted: Sequence[Fact], ranked: Sequence[Excerpt], about: Callable[[Excerpt, Fact], bool]
) -> list[Excerpt]:
    """The best excerpt ``about`` each fact that no better one chosen is about, too."""
    chosen: list[Excerpt] = []
    for fact in wanted[:MOST_SIDES]:
        if not any(about(one, fact) for one in chosen):
            chosen += [one for one in ranked if about(one, fact)][:1]
    return sorted(chosen, key=lambda one: -one.score)


def _stated(question: Question, kind: Kind) -> list[Fact]:
    """What is stated of a ``kind``, each once; a first word is no name for its capital."""
    stated = [f for f in facts(question.text, question.language) if f.certain or f.start > 1]
    return list({fact.value: fact for fact in stated if fact.kind is kind}.values())


def _says(one: Excerpt, fact: Fact) -> bool:
    return holds(facts(f"{one.heading}. {one.quote}", one.language), fact)


def _is_of(one: Excerpt, fact: Fact) -> bool:
    """Whether its article is of that time."""
    return holds(own_dates(one), fact)

"""Both sides of a comparison: the best excerpt about each thing that a question compares."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from assistant.answer.quote.excerpts import HELD, Excerpt, named_lines
from assistant.answer.quote.times import own_dates
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.labels import labels
from assistant.language.layout import Line
from assistant.search.found import Found, Question

MOST_SIDES = 4

AMONG = 3
"""A table is meant if one of its rows is among so many best excerpts."""

MARGIN_OF_ARTICLES = 3.0
"""How much below the best an excerpt may score that is compared since its article is of a time."""

_Holds = Callable[[Excerpt], bool]


def sides(question: Question, ranked: Sequence[Excerpt]) -> list[Excerpt]:
    """An excerpt for each thing that ``question`` compares, one for all where one holds them all.

    The rows of one table where it names several; else the best sentence of an article of each of
    the dates, or with each of the labels, dates or names, that the question states. Empty if it
    states fewer than two.
    """
    if not ranked:
        return []
    rows = _rows(question, ranked)
    if len(rows) > 1:
        return rows
    near = [one for one in ranked if one.score >= ranked[0].score - MARGIN_OF_ARTICLES]
    of_articles = _of_articles(question)
    each = _best_of_each(of_articles, near)
    if len(each) == len(of_articles) > 1:
        return each
    for wanted in (_labels(question), _facts(question, Kind.DATE), _facts(question, Kind.NAME)):
        if len(wanted) > 1:
            return _best_of_each(wanted, ranked)
    return []


def _rows(question: Question, ranked: Sequence[Excerpt]) -> list[Excerpt]:
    """The rows that the question names of the table in which the best of the ranked ones stands."""
    first = next((e for e in ranked[:AMONG] if e.is_row), None)
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


def _best_of_each(wanted: Sequence[_Holds], ranked: Sequence[Excerpt]) -> list[Excerpt]:
    chosen: list[Excerpt] = []
    for one_holds in wanted[:MOST_SIDES]:
        if any(one_holds(one) for one in chosen):
            continue
        best = next(filter(one_holds, ranked), None)
        if best is not None:
            chosen.append(best)
    return sorted(chosen, key=lambda one: -one.score)


def _labels(question: Question) -> list[_Holds]:
    def holding(label: str) -> _Holds:
        return lambda one: label in labels(f"{one.heading} {one.quote}")

    return [holding(label) for label in sorted(labels(question.text))]


def _facts(question: Question, kind: Kind) -> list[_Holds]:
    def holding(fact: Fact) -> _Holds:
        return lambda one: holds(facts(f"{one.heading}. {one.quote}", one.language), fact)

    return [holding(fact) for fact in _stated(question, kind)]


def _of_articles(question: Question) -> list[_Holds]:
    """For each time that is stated, whether it is that of an excerpt's article."""

    def holding(time: Fact) -> _Holds:
        return lambda one: holds(own_dates(one), time)

    return [holding(time) for time in _stated(question, Kind.DATE)]


def _stated(question: Question, kind: Kind) -> list[Fact]:
    """What is stated of a ``kind``, each once; a first word is no name for its capital."""
    stated = [f for f in facts(question.text, question.language) if f.certain or f.start > 1]
    return list({fact.value: fact for fact in stated if fact.kind is kind}.values())

"""Both sides of a comparison: what is said of each thing compared, like with like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.answer.quote.editions import Edition, editions, path_of
from assistant.answer.quote.excerpts import Excerpt, near_best
from assistant.answer.quote.named import named_lines
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.labels import labels
from assistant.language.layout import Line
from assistant.search.found import Found, Question
from assistant.search.word_match import HELD


def sides(question: Question, ranked: Sequence[Excerpt]) -> list[Excerpt]:
    """An excerpt for each thing that ``question`` compares, one for all where one holds them all.

    The rows of one table where it names several; else of the articles that its labels name, or
    the best sentences with each of the dates or names that it states. Empty if it states one only.
    """
    rows = _rows(question, ranked)
    if len(rows) > 1:
        return rows
    labelled = [_of_article(ranked, label) for label in sorted(labels(question.text))]
    if len(labelled) > 1 and all(labelled):
        return _like_with_like(labelled)
    times, names = _stated(question, Kind.DATE), _stated(question, Kind.NAME)
    wanted = times if len(times) > 1 else names
    return _best_of_each(wanted, ranked) if len(wanted) > 1 else []


def sides_in_time(question: Question, ranked: Sequence[Excerpt]) -> list[Excerpt]:
    """An excerpt of each edition that ``question`` states the time of, of one thing, the oldest
    first; empty if it states one time only, or what is near the best has no editions of these.
    """
    times = sorted(_stated(question, Kind.DATE), key=lambda fact: fact.value)
    if len(times) < 2:
        return []
    near = near_best(ranked)
    for series in dict.fromkeys(edition.of for one in near for edition in editions(one)):
        told = [(edition, one) for one in ranked if (edition := _edition(one, series))]
        of_each = [[one for edition, one in told if _is_of(edition, time)] for time in times]
        if all(of_each):
            return _like_with_like(of_each)
    return []


def _edition(one: Excerpt, series: tuple[str, ...]) -> Edition | None:
    return next((edition for edition in editions(one) if edition.of == series), None)


def _is_of(edition: Edition, time: Fact) -> bool:
    when = "-".join(f"{part:02d}" for part in edition.when)
    return holds([Fact(Kind.DATE, 0, 0, "", when)], time)


def _of_article(ranked: Sequence[Excerpt], label: str) -> list[Excerpt]:
    """Those of articles that the ``label`` names."""
    return [
        one for one in ranked
        if label in labels(one.found.passage.title) | labels(path_of(one.found.passage))
    ]  # fmt: skip


def _like_with_like(of_each: Sequence[Sequence[Excerpt]]) -> list[Excerpt]:
    """One excerpt of each side: any of one side with what is most like it in meaning of the others,
    and is most like this one, where these together answer best.
    """
    vectors = [np.stack([one.vector for one in side]) for side in of_each]
    choices: list[list[Excerpt]] = []
    for side, mine in zip(of_each, vectors, strict=True):
        to = [(mine @ other.T).argmax(axis=1) for other in vectors]
        back = [(other @ mine.T).argmax(axis=1) for other in vectors]
        mutual = np.all([b[t] == range(len(side)) for t, b in zip(to, back, strict=True)], axis=0)
        for row in np.flatnonzero(mutual if mutual.any() else np.ones(len(side), bool)):
            choices.append([other[t[row]] for other, t in zip(of_each, to, strict=True)])
    return max(choices, key=lambda choice: sum(one.score for one in choice))


def _rows(question: Question, ranked: Sequence[Excerpt]) -> list[Excerpt]:
    """The rows that the question names of the table in which one near the best stands."""
    first = next((one for one in near_best(ranked) if one.is_row), None)
    if first is None:
        return []
    layout = first.found.layout
    table = layout.group(first.first)
    named = [line for line in named_lines(question, first.found) if line in table]
    if len(named) < 2:
        named = _held_alone(first.found, table)
    rows = [e for e in ranked if e.found is first.found and layout.line(e.first) in named]
    return sorted(rows, key=lambda one: one.first)


def _held_alone(found: Found, table: Sequence[Line]) -> list[Line]:
    """The rows of a ``table`` that hold a word of the question which no other row of it does."""
    held = np.array([found.held.likeness[:, line.first + 1] > HELD for line in table])
    alone = held[:, held.sum(axis=0) == 1]
    return [line for line, words in zip(table, alone, strict=True) if words.any()]


def _best_of_each(wanted: Sequence[Fact], ranked: Sequence[Excerpt]) -> list[Excerpt]:
    """The best excerpt that says each fact which no better one chosen says, too."""
    chosen: list[Excerpt] = []
    for fact in wanted:
        if not any(_says(one, fact) for one in chosen):
            chosen += [one for one in ranked if _says(one, fact)][:1]
    return sorted(chosen, key=lambda one: -one.score)


def _stated(question: Question, kind: Kind) -> list[Fact]:
    """What is stated of a ``kind``, each once; a first word is no name for its capital."""
    stated = [f for f in facts(question.text, question.language) if f.certain or f.start > 1]
    return list({fact.value: fact for fact in stated if fact.kind is kind}.values())


def _says(one: Excerpt, fact: Fact) -> bool:
    return holds(facts(f"{one.heading}. {one.quote}", one.language), fact)

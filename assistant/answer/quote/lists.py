"""The list that a question asks for, by what heads or announces it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assistant.answer.quote.excerpts import Excerpt
from assistant.answer.quote.form import Form
from assistant.answer.quote.rows import MOST_ROWS
from assistant.answer.quote.shape import whole_list
from assistant.answer.verify.polarity import is_negated
from assistant.language.keywords import words
from assistant.language.layout import Line
from assistant.search.found import Found, Question

LIST_MARGIN = 0.1
"""How much less near than a sentence the heading of a list may be that is asked for whole."""

MARGIN_OF_LIST = 2.0
"""How much below the best sentence an item of a headed list must score for the list to be it."""

MOST_OF_NEGATION = 2
"""Words by which a heading differs from one that says the opposite: "ne … pas"."""


def list_asked_for(question: Question, ranked: Sequence[Excerpt], wanted: Form) -> list[Excerpt]:
    """The list that answers ``question``, or the rows of such a table; empty if none does."""
    headed = _headed_list(ranked) if wanted in (Form.SEVERAL, Form.WAY) else None
    if headed is not None and headed.is_row:
        return _rows(headed)
    listed = _whole_list(headed or ranked[0], wanted)
    return [_of_same_polarity(question, listed)] if listed is not None else []


def _rows(one: Excerpt) -> list[Excerpt]:
    """The rows of the table that ``one`` is of; the first if they are many."""
    layout = one.found.layout
    rows = [line for line in layout.group(one.first) if not layout.is_header(line.first)]
    return [replace(one, first=row.first, last=row.last) for row in rows[:MOST_ROWS]]


def _headed_list(ranked: Sequence[Excerpt]) -> Excerpt | None:
    """An item of the list or table whose heading comes nearest to the question, or of that with the
    best of the ranked sentences in it.

    None if that sentence, or the question of the text that it answers, comes nearer by more than
    ``LIST_MARGIN``.
    """
    best, layout = ranked[0], ranked[0].found.layout
    founds = {id(one.found): one.found for one in ranked}.values()
    near = [one for one in ranked if one.score >= best.score - MARGIN_OF_LIST]
    items = {(id(one.found), one.found.layout.line(one.first)): one for one in reversed(near)}
    heading = layout.heading(best.first)
    lines = [Line(best.first, best.last)]
    lines += [heading] if heading is not None and layout.asks(heading) else []
    least = max(_nearness(best.found, line) for line in lines) - LIST_MARGIN
    headed = []
    for found in founds:
        for group in found.layout.groups:
            above = _section(found, group) if len(group) > 1 else None
            if above is None or (nearness := _nearness(found, above)) < least:
                continue
            listed = [items[key] for line in group if (key := (id(found), line)) in items]
            # What follows a list under its heading may come nearer than any item.
            if found is best.found and layout.heading(best.first) == above:
                first, last = group[0].first, group[0].last
                listed = listed or [replace(best, first=first, last=last)]
            if listed:
                headed.append((best in listed, nearness, listed[0]))
    return max(headed, key=lambda one: one[:2])[2] if headed else None


def _nearness(found: Found, line: Line) -> float:
    """How near a line is to the question, and how much of its wording it holds beyond the title."""
    columns = slice(line.first + 1, line.last + 2)
    likeness = found.held.likeness
    more = np.maximum(likeness[:, columns].max(axis=1) - likeness[:, 0], 0)
    return float(found.near[columns].max() + found.held.rarity @ more)


def _section(found: Found, group: Sequence[Line]) -> Line | None:
    """The heading of the section that a list or table makes up, or begins."""
    layout = found.layout
    heading = layout.heading(group[0].first)
    if heading is None or heading == layout.title(found.passage.title):
        return None
    return heading if group in layout.under(heading)[:2] else None


def _whole_list(best: Excerpt, wanted: Form) -> Excerpt | None:
    """The whole list around the ``best`` sentence if it, and no item of it, is asked for.

    It is where several things are asked for, and where what heads or announces the list comes
    nearer to the question than any item does; nearly so is enough for the way to do something.
    """
    listed = whole_list(best)
    if listed is None:
        return None
    layout, found = best.found.layout, best.found
    group = layout.group(listed.last)
    if wanted is Form.SEVERAL:
        return listed
    if not layout.is_list(group):
        return None
    near = float(max(found.similarities[line.first : line.last + 1].max() for line in group))
    above = _above(best, group)
    less = LIST_MARGIN if wanted is Form.WAY else 0.0
    return listed if above is not None and above > near - less else None


def _of_same_polarity(question: Question, listed: Excerpt) -> Excerpt:
    """``listed``, or the list beside it under the same heading without "not", or with it.

    "What may go in" and "What may not go in" are equally near to every question.
    """
    layout = listed.found.layout
    wanted = is_negated(question.text, question.language)
    heading = layout.heading(layout.group(listed.last)[0].first)
    if heading is None or is_negated(layout.text(heading), listed.language) == wanted:
        return listed
    said = set(words(layout.text(heading)))
    for group in filter(layout.is_list, layout.groups):
        other = layout.heading(group[0].first)
        if other is None or is_negated(layout.text(other), listed.language) != wanted:
            continue
        if len(said ^ set(words(layout.text(other)))) <= MOST_OF_NEGATION:
            row = group[0].first
            return whole_list(replace(listed, first=row, last=row)) or listed
    return listed


def _above(best: Excerpt, group: Sequence[Line]) -> float | None:
    """How near to the question what stands above a list is: its heading or the line before."""
    found, layout = best.found, best.found.layout
    first = group[0].first
    heading = layout.heading(first)
    nearness = []
    if heading is not None:
        nearness.append(float(found.similarities[heading.first : heading.last + 1].max()))
    if first and not found.passage.headings[first - 1]:
        nearness.append(float(found.similarities[first - 1]))
    return max(nearness, default=None)

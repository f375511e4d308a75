"""The list that a question asks for, by what heads or announces it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assistant.answer.quote.excerpts import Excerpt, near_best
from assistant.answer.quote.form import MOST_LISTED, Form
from assistant.answer.quote.shape import whole_list
from assistant.answer.verify.polarity import is_negated
from assistant.language.function_words import function_words
from assistant.language.keywords import words
from assistant.language.layout import Line
from assistant.search.found import Found, Question


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
    return [replace(one, first=row.first, last=row.last) for row in rows[:MOST_LISTED]]


def _headed_list(ranked: Sequence[Excerpt]) -> Excerpt | None:
    """An item of the list or table with the best of the ranked sentences in it, else of that near
    it whose heading comes nearest to the question; None if no list is there.
    """
    best = ranked[0]
    founds = {id(one.found): one.found for one in ranked}.values()
    near = reversed(near_best(ranked))
    items = {(id(one.found), one.found.layout.line(one.first)): one for one in near}
    headed = []
    for found in founds:
        for group in found.layout.groups:
            above = _section(found, group) if len(group) > 1 else None
            if above is None:
                continue
            listed = [items[key] for line in group if (key := (id(found), line)) in items]
            # What follows a list under its heading may come nearer than any item.
            if found is best.found and found.layout.heading(best.first) == above:
                listed = listed or [replace(best, first=group[0].first, last=group[0].last)]
            if listed:
                headed.append((best in listed, _nearness(found, above), listed[0]))
    return max(headed, key=lambda one: one[:2])[2] if headed else None


def _nearness(found: Found, line: Line) -> float:
    """How near a line is to the question, and how much of its wording it holds beyond the title."""
    columns = slice(line.first + 1, line.last + 2)
    likeness = found.held.likeness
    more = np.maximum(likeness[:, columns].max(axis=1) - likeness[:, 0], 0)
    return float(found.near[columns].max() + found.held.rarity @ more)


def _section(found: Found, group: Sequence[Line]) -> Line | None:
    """The heading of the section that a list or table stands in."""
    layout = found.layout
    heading = layout.heading(group[0].first)
    if heading is None or heading == layout.title(found.passage.title):
        return None
    return heading


def _whole_list(best: Excerpt, wanted: Form) -> Excerpt | None:
    """The whole list around the ``best`` sentence if it, and no item of it, is asked for.

    It is where several things are asked for, or the way to do something, and where what heads or
    announces the list comes nearer to the question than any item does.
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
    if wanted is Form.WAY:
        return listed
    near = float(max(found.similarities[line.first : line.last + 1].max() for line in group))
    above = _above(best, group)
    return listed if above is not None and above > near else None


def _of_same_polarity(question: Question, listed: Excerpt) -> Excerpt:
    """``listed``, or the list beside it under the same heading without "not", or with it.

    "What may go in" and "What may not go in" are equally near to every question.
    """
    layout = listed.found.layout
    wanted = is_negated(question.text, question.language)
    heading = layout.heading(layout.group(listed.last)[0].first)
    if heading is None or is_negated(layout.text(heading), listed.language) == wanted:
        return listed
    said, small = set(words(layout.text(heading))), function_words(listed.language)
    for group in filter(layout.is_list, layout.groups):
        other = layout.heading(group[0].first)
        if other is None or is_negated(layout.text(other), listed.language) != wanted:
            continue
        differ = (said ^ set(words(layout.text(other)))) - small
        if all(is_negated(word, listed.language) for word in differ):
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

"""How many excerpts answer a question, and which: one, or those that add something asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from assistant.answer.quote.excerpts import Excerpt, repeats
from assistant.answer.quote.form import Form, form
from assistant.answer.quote.shape import (
    follow,
    nearly_follow,
    readable,
    together,
    whole_list,
    with_neighbours,
)
from assistant.answer.quote.sides import sides
from assistant.answer.quote.times import (
    newest_first,
    of_picked_article,
    pick,
    picked_section,
    states_date,
)
from assistant.answer.verify.polarity import is_negated
from assistant.language.keywords import words
from assistant.language.layout import Line
from assistant.search.found import Found, Question

MAX_QUOTES = 3
MAX_QUOTES_OF_MANY = 6
"""Excerpts of an answer, and of one to a question that asks for several things."""

MARGIN = 0.6
NEAR_BEST = 2.0
"""What scores ``MARGIN`` below the best adds nothing. Down to ``NEAR_BEST`` it does where several
things are asked for, where it stands beside a quoted sentence, as that costs the reader less than a
quote from elsewhere, and in a newer article of the best one's series."""

LIST_MARGIN = 0.1
"""How much less near than a sentence the heading of a list may be that is asked for whole."""

MOST_OF_NEGATION = 2
"""Words by which a heading differs from one that says the opposite: "ne … pas"."""

MAX_RELATED = 3
"""Excerpts of those not quoted that are shown as related."""


def choose_excerpts(question: Question, ranked: Sequence[Excerpt], today: date) -> list[Excerpt]:
    """The excerpts that answer ``question`` best, best first, without repeats.

    ``ranked`` are single sentences as ``ranked_excerpts`` gives them.
    """
    if not ranked:
        return []
    wanted = form(question.text, question.language)
    if wanted is Form.SIDES and (both := sides(question, ranked)):
        return [readable(one) or one for one in both]
    which = pick(question.text, question.language)
    if which is not None:
        if picked := picked_section(question, ranked[0], which, today):
            return [picked]
        ranked = of_picked_article(ranked, which, NEAR_BEST)
    elif not states_date(question):
        ranked = newest_first(ranked, NEAR_BEST)
    headed = None
    if wanted in (Form.SEVERAL, Form.WAY):
        headed = _headed_list(ranked)
    if (listed := _list_asked_for(headed or ranked[0], wanted)) is not None:
        return [_of_same_polarity(question, listed)]
    several = wanted is Form.SEVERAL
    margin, most = (NEAR_BEST, MAX_QUOTES_OF_MANY) if several else (MARGIN, MAX_QUOTES)
    chosen = _take(ranked, margin, most) or list(ranked[:1])
    return _rows_first(chosen) if several else chosen


def in_context(excerpts: Sequence[Excerpt], ranked: Sequence[Excerpt]) -> list[Excerpt]:
    """``excerpts`` that are not sure to answer, each with the sentences around it until it likely
    holds the answer.

    One that another one takes in is left out. ``ranked`` are all sentences that may answer.
    """
    if not ranked:
        return list(excerpts)
    odds = np.array([one.score for one in ranked])
    likely = np.exp(odds - odds.max())
    chances = list(zip(ranked, (likely / likely.sum()).tolist(), strict=True))

    def chance(one: Excerpt) -> float:
        return float(sum(share for sentence, share in chances if one.covers(sentence)))

    shown: list[Excerpt] = []
    for one in excerpts:
        wider = with_neighbours(one, chance)
        apart = [w for w in (wider, one) if not any(map(w.overlaps, shown))]
        shown += apart[:1]
    return shown


def _rows_first(chosen: Sequence[Excerpt]) -> list[Excerpt]:
    """``chosen`` with the rows of one table first, in its order, if there are several.

    They name what a sentence elsewhere only counts.
    """
    best = next((one for one in chosen if one.is_row), None)
    rows = [one for one in chosen if best and best.beside(one)]
    if len(rows) < 2:
        return list(chosen)
    rest = [one for one in chosen if one not in rows]
    return sorted(rows, key=lambda one: one.first) + rest


def related_excerpts(ranked: Sequence[Excerpt], chosen: Sequence[Excerpt]) -> list[Excerpt]:
    """The excerpts that merely relate to the question: next best after those ``chosen``."""
    more = _take(ranked, math.inf, MAX_RELATED + len(chosen), chosen)
    return more[:MAX_RELATED]


def without_gaps(excerpts: Sequence[Excerpt]) -> list[Excerpt]:
    """``excerpts`` with those of one paragraph as one where hardly anything is between them.

    One quote is read more easily than two with a sentence left out.
    """
    shown: list[Excerpt] = []
    for one in excerpts:
        place = next((i for i, other in enumerate(shown) if nearly_follow(one, other)), None)
        if place is None:
            shown.append(one)
        else:
            shown[place] = together(shown[place], one)
    return shown


def _take(
    ranked: Sequence[Excerpt], margin: float, most: int, before: Sequence[Excerpt] = ()
) -> list[Excerpt]:
    """Up to ``most`` readable excerpts not further below the best than ``margin``."""
    chosen: list[Excerpt] = []
    best = max((one.score for one in ranked), default=0.0)
    for one in ranked:
        below = best - one.score
        if below > max(margin, NEAR_BEST):
            continue
        if any(one.overlaps(other) or repeats(one, other) for other in (*before, *chosen)):
            continue
        joined = next((i for i, other in enumerate(chosen) if follow(one, other)), None)
        if joined is not None:
            chosen[joined] = together(chosen[joined], one)
        elif below > margin:
            continue
        elif len(chosen) == most:
            break
        elif (shown := readable(one)) is not None:
            apart = not any(shown.overlaps(other) for other in (*before, *chosen))
            chosen.append(shown if apart else one)
    return chosen


def _headed_list(ranked: Sequence[Excerpt]) -> Excerpt | None:
    """The first item of the list whose heading comes nearest to the question.

    None if the best of the ranked sentences comes nearer by more than ``LIST_MARGIN``.
    """
    founds = {id(one.found): one.found for one in ranked}.values()
    headed = [
        (_nearness(found, above), found, group[0])
        for found in founds
        for group in found.layout.groups
        if found.layout.is_list(group) and (above := _section(found, group)) is not None
    ]
    items = {(id(one.found), one.found.layout.line(one.first)): one for one in ranked}
    least = _nearness(ranked[0].found, Line(ranked[0].first, ranked[0].last)) - LIST_MARGIN
    for near, found, line in sorted(headed, key=lambda one: -one[0]):
        if near >= least and (id(found), line) in items:
            return items[id(found), line]
    return None


def _nearness(found: Found, line: Line) -> float:
    """How near a line is to the question, and how much of its wording it holds beyond the title."""
    columns = slice(line.first + 1, line.last + 2)
    likeness = found.held.likeness
    more = np.maximum(likeness[:, columns].max(axis=1) - likeness[:, 0], 0)
    return float(found.near[columns].max() + found.held.rarity @ more)


def _section(found: Found, group: Sequence[Line]) -> Line | None:
    """The heading of the section that a list makes up, or begins."""
    layout = found.layout
    heading = layout.heading(group[0].first)
    if heading is None or heading == layout.title(found.passage.title):
        return None
    return heading if group in layout.under(heading)[:2] else None


def _list_asked_for(best: Excerpt, wanted: Form) -> Excerpt | None:
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


def whole(excerpts: Sequence[Excerpt]) -> Sequence[Excerpt]:
    """``excerpts`` without those that break off before what they announce, unless all do."""
    ended = [one for one in excerpts if not one.quote.endswith((":", "：", ";", ",", "；", "，"))]
    return ended or excerpts

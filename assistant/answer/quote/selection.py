"""How many excerpts answer a question, and which: one, or those that add something asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np
from numpy.typing import NDArray

from assistant.answer.quote.editions import in_force, version_in
from assistant.answer.quote.excerpts import NEAR_BEST, Excerpt, holds_kind, near_best, repeats
from assistant.answer.quote.form import Form, form
from assistant.answer.quote.lists import list_asked_for
from assistant.answer.quote.named import explains, named_lines
from assistant.answer.quote.rows import rows_asked
from assistant.answer.quote.shape import (
    follow,
    nearly_follow,
    readable,
    together,
    with_neighbours,
)
from assistant.answer.quote.sides import sides, sides_in_time
from assistant.answer.quote.times import (
    Pick,
    of_its_time,
    of_picked_edition,
    pick,
    picked_row,
    picked_section,
    states_date,
    with_dated_heading,
)
from assistant.language.keywords import words
from assistant.models.article import UNKNOWN_LANGUAGE
from assistant.search.found import Question
from assistant.search.word_match import HELD

MAX_QUOTES = 3
"""Excerpts of an answer, and those that relate to it; twice as many answer a question that asks for
several things."""

MARGIN = 0.6
"""What scores so much below the best adds nothing. Down to ``NEAR_BEST`` it does where several
things are asked for, where it stands beside a quoted sentence, as that costs the reader less than a
quote from elsewhere, and in a newer article of the best one's series."""


def choose_excerpts(question: Question, ranked: Sequence[Excerpt], today: date) -> list[Excerpt]:
    """The excerpts that answer ``question`` best, best first, without repeats.

    ``ranked`` are single sentences as ``ranked_excerpts`` gives them.
    """
    if not ranked:
        return []
    wanted = form(question.text, question.language)
    which = pick(question.text, question.language)
    if chosen := _told_by_layout(question, ranked, wanted, which, today):
        return chosen
    ranked = _of_kind(question, _of_its_time(question, ranked, which, today))
    if listed := list_asked_for(question, ranked, wanted):
        return listed
    several = wanted is Form.SEVERAL
    margin, most = (NEAR_BEST, 2 * MAX_QUOTES) if several else (MARGIN, MAX_QUOTES)
    chosen = _that_add(question, _take(ranked, margin, most) or list(ranked[:1]))
    if several:
        return _rows_first(chosen)
    best = chosen[0]
    if best.language == question.language:  # what needs a translation adds nothing to it
        chosen = [one for one in chosen if one.language in (best.language, UNKNOWN_LANGUAGE)]
    line = best.found.layout.line(best.first)
    if best.is_row and line in named_lines(question, best.found):
        chosen = [one for one in chosen if one.is_row]  # prose adds nothing to a row by its name
    elif explains(question, best.found, line):
        chosen = [best]  # what else is said of a term adds nothing to its entry
    return [with_dated_heading(question, one) for one in chosen]


def _told_by_layout(
    question: Question, ranked: Sequence[Excerpt], wanted: Form, which: Pick | None, today: date
) -> list[Excerpt]:
    """Both sides, rows of a table or a section, where the question tells which of several; empty if
    it does not, or nothing is laid out so.
    """
    both = sides_in_time(question, ranked)
    if both or (wanted is Form.SIDES and (both := sides(question, ranked))):
        return [readable(one) or one for one in both]
    if rows := rows_asked(question, ranked, several=wanted is Form.SEVERAL):
        return rows
    if which is None:
        return []
    wishes = ((question, one, which, today) for one in near_best(ranked))
    picked = (picked_section(*wish) or picked_row(*wish) for wish in wishes)
    return [one for one in picked if one is not None][:1]


def _of_its_time(
    question: Question, ranked: Sequence[Excerpt], which: Pick | None, today: date
) -> list[Excerpt]:
    """``ranked`` with those of a series first that are of the time the question means."""
    if which is not None:
        return of_picked_edition(ranked, which)
    if question.period is None and (states_date(question) or version_in(question.text)):
        return list(ranked)
    day = question.period.last if question.period else today
    return of_its_time(ranked, near_best(ranked), partial(in_force, at=day))


def _of_kind(question: Question, ranked: Sequence[Excerpt]) -> Sequence[Excerpt]:
    """``ranked`` with the best first that holds the kind of thing asked for, if one near the best
    does: who asks why knows what happened, and the sentence that says so is the most like it.
    """
    held = next((one for one in near_best(ranked) if holds_kind(question, one) >= 0), ranked[0])
    rest = [one for one in ranked if one is not held]
    return [replace(held, score=ranked[0].score), *rest]


def shares(ranked: Sequence[Excerpt]) -> Callable[[Excerpt], float]:
    """How likely an excerpt holds the answer if any of the sentences ``ranked`` does, in 0..1."""
    odds = np.array([one.score for one in ranked])
    likely = np.exp(odds - odds.max(initial=-np.inf))
    of_each = list(zip(ranked, (likely / likely.sum()).tolist(), strict=True))

    def share(one: Excerpt) -> float:
        return float(sum(of_sentence for sentence, of_sentence in of_each if one.covers(sentence)))

    return share


def in_context(excerpts: Sequence[Excerpt], share: Callable[[Excerpt], float]) -> list[Excerpt]:
    """``excerpts`` that are not sure to answer, each with the sentences around it until it likely
    holds the answer.

    One that another one takes in is left out. ``share`` is how likely an excerpt holds it.
    """
    shown: list[Excerpt] = []
    for one in excerpts:
        wider = with_neighbours(one, share)
        apart = [w for w in (wider, one) if not any(map(w.overlaps, shown))]
        shown += apart[:1]
    return shown


def _that_add(question: Question, chosen: Sequence[Excerpt]) -> list[Excerpt]:
    """``chosen`` without rows beside the best that hold fewer of its words of the question, and no
    other: what they say is of something else.
    """
    best = chosen[0]
    asked = set(words(question.text))  # words of the question before do not count
    now = [word in asked for word in question.words.words]
    held = best.found.held.likeness[now, 1:] > HELD
    of_best = held[:, best.first]
    return [
        one
        for one in chosen
        if not (best.is_row and one.beside(best) and _is_less(held[:, one.first], of_best))
    ]


def _is_less(held: NDArray[np.bool_], of_best: NDArray[np.bool_]) -> bool:
    """Whether all words ``held`` are ``of_best``, and not the other way round."""
    return bool((held <= of_best).all() and (held < of_best).any())


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
    more = _take(ranked, math.inf, MAX_QUOTES + len(chosen), chosen)
    return more[:MAX_QUOTES]


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


def whole(excerpts: Sequence[Excerpt]) -> Sequence[Excerpt]:
    """``excerpts`` without those that break off before what they announce, unless all do."""
    ended = [one for one in excerpts if not one.quote.endswith((":", "：", ";", ",", "；", "，"))]
    return ended or excerpts

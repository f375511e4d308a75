"""A sentence becomes what is quoted: with the neighbour it leans on, or its whole list."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from assistant.answer.quote.excerpts import Excerpt
from assistant.language.facts import Kind, facts
from assistant.language.layout import Layout, Line
from assistant.language.lexicon import lexicons

LONGEST_EXCERPT = 500
"""Characters of an excerpt of two sentences. With 400, one answer in a hundred is lost; 600 gains
none among the first three."""

ENOUGH = 0.95
"""How likely it is that an excerpt holds the answer, if anything found does, when it needs no more
of the sentences around it."""

LONGEST_LIST = 1_500
"""Characters of a list that is quoted whole."""

_FIRST_WORD = re.compile(r"\W*([\w-]+)")
_INTRODUCTION = (":", "：")


def readable(one: Excerpt) -> Excerpt | None:
    """``one`` with the neighbour that it leans on; None if what it announces cannot be shown."""
    if one.is_row:
        return one
    if _introduces(one):
        return announced(one)
    if one.first == 0 or one.found.passage.headings[one.first - 1]:
        return one
    before = replace(one, first=one.first - 1)
    leans = _leans(one.quote) and _connected(one, before.first)
    introduced = _introduces(replace(before, last=before.first))
    return before if (leans or introduced) and _fits(before) else one


def with_neighbours(one: Excerpt, chance: Callable[[Excerpt], float]) -> Excerpt:
    """``one`` with the sentences around it on its line, until it likely holds the answer.

    ``chance`` is how likely an excerpt does. A list or a row of a table stays as it is.
    """
    layout = one.found.layout
    group = layout.group(one.first)
    if layout.is_table(group) or layout.is_list(group):
        return one
    known = chance(one)
    while known < ENOUGH and (wider := [w for w in _one_more(one) if chance(w) > known]):
        one = max(wider, key=chance)
        known = chance(one)
    return one


def _one_more(one: Excerpt) -> list[Excerpt]:
    """``one`` with the sentence after it, and with that before it, where these fit."""
    wider = []
    if _connected(one, one.last):
        wider.append(replace(one, last=one.last + 1))
    if one.first and _connected(one, one.first - 1):
        wider.append(replace(one, first=one.first - 1))
    return [each for each in wider if _fits(each)]


def whole_list(one: Excerpt) -> Excerpt | None:
    """The list that ``one`` stands in or announces, with what announces it; None if there is none.

    A list is the lines of one, the sentences that follow one ending in a colon, or as many
    sentences as a number in the one before them says.
    """
    layout = one.found.layout
    group = layout.group(one.first)
    if layout.is_list(group):
        return _with_announcement(_listed(one, group))
    return announced(one)


def announced(one: Excerpt) -> Excerpt | None:
    """``one`` with the list that it announces; None if it announces none."""
    layout = one.found.layout
    after = _group_after(layout, one.last)
    if after is not None and layout.is_list(after):
        return replace(_listed(one, after), first=one.first)
    if _introduces(one):
        return _with_what_follows(one)
    return _counted(one)


def _listed(one: Excerpt, group: Sequence[Line]) -> Excerpt:
    """The items of ``group``, as many as may be shown."""
    shown = list(group)
    wider = replace(one, first=shown[0].first, last=shown[-1].last)
    while wider.end - wider.start > LONGEST_LIST and len(shown) > 1:
        shown.pop()
        wider = replace(wider, last=shown[-1].last)
    return wider


def _with_announcement(listed: Excerpt) -> Excerpt:
    """A list with the sentence before it that ends in a colon."""
    if listed.first == 0 or listed.found.passage.headings[listed.first - 1]:
        return listed
    before = replace(listed, first=listed.first - 1)
    return before if _introduces(replace(before, last=before.first)) else listed


def _group_after(layout: Layout, row: int) -> Sequence[Line] | None:
    """The group that follows the one which ends with the sentence ``row``."""
    groups = layout.groups
    for place, group in enumerate(groups[:-1]):
        if group[-1].last == row:
            return groups[place + 1]
    return None


def _counted(one: Excerpt) -> Excerpt | None:
    """``one`` with the sentences after it on its line, if it says that there are so many."""
    layout = one.found.layout
    line = layout.line(one.last)
    left = line.last - one.last
    for fact in facts(one.quote, one.found.passage.language):
        if fact.kind is Kind.NUMBER and not fact.unit and fact.value.isdigit():
            count = int(fact.value)
            if 2 <= count <= left:
                return replace(one, last=one.last + count)
    return None


def _with_what_follows(one: Excerpt) -> Excerpt | None:
    """An introduction with the line that it introduces; None if that is not in the passage."""
    passage = one.found.passage
    row = one.last + 1
    if row >= len(passage.bounds) or passage.headings[row]:
        return None
    return replace(_listed(one, one.found.layout.group(row)), first=one.first)


def _leans(quote: str) -> bool:
    """Whether a sentence begins in the middle of what another one says."""
    first = _FIRST_WORD.match(quote)
    if first is None:
        return False
    return first[1][0].islower() or first[1].lower() in _leaning()


@cache
def _leaning() -> frozenset[str]:
    return frozenset(word for one in lexicons().values() for word in one.references.leaning)


def _introduces(one: Excerpt) -> bool:
    return one.quote.endswith(_INTRODUCTION)


def follow(one: Excerpt, other: Excerpt) -> bool:
    """Whether the sentence ``one`` stands beside the single sentence ``other``, on one line."""
    if one.found.passage.article != other.found.passage.article or other.first != other.last:
        return False
    if one.found is not other.found:
        return False
    first, second = sorted((one.first, other.first))
    return second - first == 1 and _connected(one, first) and _fits(together(one, other))


def nearly_follow(one: Excerpt, other: Excerpt) -> bool:
    """Whether both stand on one line, with one sentence between them at most, and fit together."""
    if one.found is not other.found:
        return False
    first, second = sorted((one, other), key=lambda each: each.first)
    layout = one.found.layout
    alone = layout.line(first.first) == layout.line(second.last)
    return alone and second.first - first.last <= 2 and _fits(together(one, other))


def together(one: Excerpt, other: Excerpt) -> Excerpt:
    """Both, and what is between."""
    first, last = min(one.first, other.first), max(one.last, other.last)
    return replace(one, first=first, last=last, score=max(one.score, other.score))


def _connected(one: Excerpt, row: int) -> bool:
    """Whether the sentences ``row`` and ``row + 1`` stand on one line, neither a heading."""
    passage, layout = one.found.passage, one.found.layout
    if row + 1 >= len(passage.bounds) or passage.headings[row] or passage.headings[row + 1]:
        return False
    return layout.line(row) == layout.line(row + 1)


def _fits(one: Excerpt) -> bool:
    return one.end - one.start <= LONGEST_EXCERPT

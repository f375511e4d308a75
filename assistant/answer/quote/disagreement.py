"""Whether the sentences that an answer quotes state the same fact differently.

Two articles may give two tolls of one fire, or two days for one signature: the reader must see
both. Sentences that merely hold different figures about different things must not look like that,
so that two are compared only if they speak of the same thing: both of what is asked, or both in
nearly the same words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import product

from assistant.answer.judge.answer_kind import FACTS, asked
from assistant.answer.quote.editions import apart
from assistant.answer.quote.excerpts import Excerpt
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.keywords import terms
from assistant.search.found import Question

SAME = 0.6
"""Two sentences speak of one thing if they and their headings hold so much of the question's
wording, and give the figure or date that it asks for; or, whatever is asked, if they share so many
words, figures apart. With half of the wording 3 of 2,840 questions on articles that do not
contradict each other (PIAF, CLAPNQ, news) were told of a disagreement, and 10 of 12 that do."""

SAME_HEADING = 0.4
"""The same share of wording under headings that are alike: people write of one thing under its
name."""

EXACT = 100
"""A smaller number is not taken for a round one: 20 and 23 differ, 700 and 738 may not."""

MOST_TIMES = 10
"""A figure so many times another one counts something else."""

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact as the excerpt of one article states it."""

    excerpt: Excerpt
    fact: Fact


def disagreement(
    question: Question, excerpts: Sequence[Excerpt], others: Sequence[Excerpt] = ()
) -> tuple[Statement, ...]:
    """What articles state differently, best first; empty if nothing.

    The first statement is of one of ``excerpts``, the rest differ from it, each in another article:
    in one of ``excerpts`` or, where it is the first of them, of ``others``.
    """
    for position, first in enumerate(excerpts):
        rivals = [*excerpts[position + 1 :], *(others if position == 0 else ())]
        mine: Fact | None = None
        theirs: dict[str, Statement] = {}
        for rival in rivals:
            article = rival.found.passage.article
            if article == first.found.passage.article or article in theirs:
                continue
            pairs = product(first.sentences(), rival.sentences())
            differences = (_difference(question, *pair) for pair in pairs)
            if found := next(filter(None, differences), None):
                mine = mine or found[0]
                theirs[article] = Statement(rival, found[1])
        if mine:
            return (Statement(first, mine), *theirs.values())
    return ()


def _difference(question: Question, one: Excerpt, two: Excerpt) -> tuple[Fact, Fact] | None:
    """The fact that two sentences about the same thing state differently, as each has it."""
    wanted = FACTS.get(asked(question.text, question.language))
    alike = _common_words(one, two) >= SAME
    of_asked = _both_hold_the_wording(one, two)
    # Only what was asked counts: another figure in a sentence like the other's is beside the point.
    if not (alike or of_asked) or (wanted is None and not of_asked) or _of_other_years(one, two):
        return None
    known = facts(question.text, question.language)
    mine, theirs = _facts(one), _facts(two)
    left = [fact for fact in mine if not holds([*theirs, *known], fact)]
    right = [fact for fact in theirs if not holds([*mine, *known], fact)]
    if any(map(_is_name, left)) and any(map(_is_name, right)):
        return None  # each names what the other does not: they speak of two things
    kinds = {fact.kind for fact in (*left, *right)} - {Kind.NAME} if alike else {wanted}
    if wanted is not None and kinds != {wanted}:
        return None
    if len(kinds) != 1 or (Kind.NUMBER in kinds and _of_different_days(mine, theirs)):
        return None
    pairs = [(f, g) for f, g in product(left, right) if {f.kind, g.kind} == kinds]
    pairs = [(f, g) for f, g in pairs if f.unit == g.unit]
    if len(pairs) > 1:  # of several figures, those that count the same thing belong together
        pairs = [(f, g) for f, g in pairs if _counted(one, f) == _counted(two, g)]
    return pairs[0] if len(pairs) == 1 and _differ(*pairs[0]) else None


def _differ(one: Fact, two: Fact) -> bool:
    if one.unit == "ordinal" or holds([one], two) or holds([two], one):
        return False
    if one.kind is Kind.DATE:
        # "2012" and "5 July" do not contradict each other.
        return _DIGIT.sub("0", one.value) == _DIGIT.sub("0", two.value)
    smaller, larger = sorted((abs(Decimal(one.value)), abs(Decimal(two.value))))
    if larger > MOST_TIMES * smaller:
        return False
    return not (_rounds(smaller, larger) or _rounds(larger, smaller))


def _counted(one: Excerpt, fact: Fact) -> list[str]:
    """The word after a figure, stemmed."""
    return terms(one.quote[fact.end :], one.found.passage.language)[:1]


def _rounds(exact: Decimal, rounded: Decimal) -> bool:
    """Whether ``rounded`` may be a round figure for ``exact``."""
    if rounded < EXACT:
        return False
    digits = len(rounded.normalize().as_tuple().digits)
    return Decimal(f"{exact:.{digits - 1}e}") == rounded


def _of_different_days(mine: Sequence[Fact], theirs: Sequence[Fact]) -> bool:
    """Whether both name a time, and not the same: then two figures may both be right."""
    days = [fact for fact in mine if fact.kind is Kind.DATE]
    others = [fact for fact in theirs if fact.kind is Kind.DATE]
    same = any(holds(others, day) for day in days) or any(holds(days, day) for day in others)
    return bool(days and others) and not same


def _of_other_years(one: Excerpt, two: Excerpt) -> bool:
    """Whether both are of a time, and not the same: a report for each year is right.

    By their titles, which may say it, or which articles of one series share.
    """
    if apart(one, two):
        return True
    titles = [
        [fact for fact in facts(passage.title, passage.language) if fact.kind is not Kind.NAME]
        for passage in (one.found.passage, two.found.passage)
    ]
    return _of_different_days(*titles)


def _is_name(fact: Fact) -> bool:
    return fact.kind is Kind.NAME and fact.certain


def _both_hold_the_wording(one: Excerpt, two: Excerpt) -> bool:
    alike = one.heading and one.heading.casefold() == two.heading.casefold()
    return min(map(_wording, (one, two))) >= (SAME_HEADING if alike else SAME)


def _wording(one: Excerpt) -> float:
    """How much of the question's wording a sentence and the heading above it hold."""
    held, layout = one.found.held, one.found.layout
    heading = layout.heading(one.first)
    rows = [one.first, *(range(heading.first, heading.last + 1) if heading else ())]
    return float(held.rarity @ held.likeness[:, [row + 1 for row in rows]].max(axis=1))


def _common_words(one: Excerpt, two: Excerpt) -> float:
    """The share of the words of two sentences of one language that both hold."""
    language = one.found.passage.language
    if two.found.passage.language != language:
        return 0.0
    mine, theirs = _words(one.quote, language), _words(two.quote, language)
    return len(mine & theirs) / max(len(mine | theirs), 1)


@lru_cache(maxsize=1_000)
def _words(text: str, language: str) -> frozenset[str]:
    """The stems in ``text``, figures left out."""
    return frozenset(term for term in terms(text, language) if not term.isdigit())


def _facts(one: Excerpt) -> tuple[Fact, ...]:
    return facts(one.quote, one.found.passage.language)

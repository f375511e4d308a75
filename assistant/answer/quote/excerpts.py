"""Which sentences of the passages found answer a question, as excerpts that read on their own.

A sentence is chosen by how near it is to the question, how much of its wording it holds, how well
its passage fits, and whether it holds the kind of thing asked for. A sentence that leans on its
neighbour ("They threatened to leave.") is quoted with it, and two that follow each other and both
answer are one excerpt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from assistant.answer.quote.answer_kind import asked, asks_for_many, offers
from assistant.language.facts import facts
from assistant.language.keywords import words
from assistant.language.lexicon import any_of, lexicons
from assistant.models.records import StoredPassage
from assistant.search.found import Found, Question

MAX_QUOTES = 3
MAX_QUOTES_OF_MANY = 6
"""Excerpts of an answer, and of one to a question that asks for several things."""

WORDING_WEIGHT = 0.4
PASSAGE_WEIGHT = 1.5
KIND_WEIGHT = 0.1
LENGTH_WEIGHT = 0.05
"""What a sentence's wording, its passage's score, holding the kind of thing asked for, and its
length weigh beside its own nearness to the question. Chosen on the even questions of PIAF (French,
1,180) and CLAPNQ (English, 78), checked on the odd ones and on news asked about in English and
French. A quarter more or less of any changes the share of PIAF's answers in the first three
excerpts (83 %) by less than one percent. KIND_WEIGHT brings the right excerpt to the front (CLAPNQ
79 to 81 %, news 64 to 67 %); half as much again begins to take any sentence with a number."""

LONG_ENOUGH = 180
"""Characters from which a longer sentence is not likelier to say what is asked."""

MARGIN = 0.6
MARGIN_OF_MANY = 0.35
"""What scores this much below the best adds nothing; the second counts beyond ``MAX_QUOTES``. With
0.35 for both, two answers in a hundred are lost."""

SHORTLIST = 12
"""Sentences that are looked at for what they hold, which takes half a millisecond each."""

LONGEST_EXCERPT = 500
"""Characters of an excerpt of two sentences. With 400, one answer in a hundred is lost; 600 gains
none among the first three."""

REPEATED = 0.8
"""Share of common words from which two sentences with the same facts are one."""

_LIST_MARK = re.compile(r"[-–—•·*]\s+")
_UNSPACED = r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]{3}"
_TWO_WORDS = re.compile(rf"[^\W\d_][\W\d_]+[^\W\d_]|{_UNSPACED}")
_FIRST_WORD = re.compile(r"\W*([\w-]+)")
_INTRODUCTION = (":", "：")
_CUT = (";", ",", "；", "，")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The sentences ``first`` to ``last`` of a passage; ``quote`` is the article's
    ``text[start:end]``. ``score`` compares it with the others for the same question.
    """

    found: Found
    first: int
    last: int
    score: float

    @property
    def start(self) -> int:
        """Where it begins in the article, after the mark of a list item."""
        passage = self.found.passage
        return _without_mark(passage, int(passage.bounds[self.first][0]))

    @property
    def end(self) -> int:
        """Where it ends in the article."""
        return int(self.found.passage.bounds[self.last][1])

    @property
    def quote(self) -> str:
        """Its words, exactly as in the article."""
        passage = self.found.passage
        return passage.text[self.start - passage.start : self.end - passage.start]

    def sentences(self) -> Iterator[Excerpt]:
        """Each of its sentences alone."""
        for row in range(self.first, self.last + 1):
            yield replace(self, first=row, last=row)

    def overlaps(self, other: Excerpt) -> bool:
        """Whether the two have a sentence in common."""
        same = self.found.passage.id == other.found.passage.id
        return same and self.first <= other.last and other.first <= self.last


def rank_sentences(question: Question, found: Sequence[Found]) -> list[Excerpt]:
    """Every sentence of ``found`` but the headings, the one that answers best first."""
    ranked = sorted((one for each in found for one in _scored(each)), key=_by_score)
    kind = asked(question.text, question.language)
    known = facts(question.text, question.language)
    shortlist = [
        replace(one, score=one.score + KIND_WEIGHT)
        if offers(kind, one.quote, one.found.passage.language, known)
        else one
        for one in ranked[:SHORTLIST]
    ]
    return sorted(shortlist, key=_by_score) + ranked[SHORTLIST:]


def choose_excerpts(question: Question, ranked: Sequence[Excerpt]) -> list[Excerpt]:
    """The excerpts that answer ``question`` best, best first, without repeats.

    ``ranked`` are single sentences as ``rank_sentences`` gives them. At most ``MAX_QUOTES``, or
    ``MAX_QUOTES_OF_MANY`` if the question asks for several things.
    """
    many = asks_for_many(question.text, question.language)
    chosen: list[Excerpt] = []
    for one in ranked:
        beyond = len(chosen) >= MAX_QUOTES
        if one.score < ranked[0].score - (MARGIN_OF_MANY if beyond else MARGIN):
            break
        if any(one.overlaps(other) or _repeats(one, other) for other in chosen):
            continue
        joined = next((i for i, other in enumerate(chosen) if _follow(one, other)), None)
        if joined is not None:
            chosen[joined] = _together(chosen[joined], one)
        elif len(chosen) == (MAX_QUOTES_OF_MANY if many else MAX_QUOTES):
            break
        elif (readable := _readable(one)) is not None:
            whole = not any(readable.overlaps(other) for other in chosen)
            chosen.append(readable if whole else one)
    return chosen or list(ranked[:1])


def whole(excerpts: Sequence[Excerpt]) -> Sequence[Excerpt]:
    """``excerpts`` without those that break off before what they announce, unless all do."""
    ended = [one for one in excerpts if not one.quote.endswith((*_INTRODUCTION, *_CUT))]
    return ended or excerpts


def sentence_scores(found: Found) -> Iterator[tuple[int, float]]:
    """How well each sentence of a passage but the headings fits, as far as vectors and words tell.

    Gives the row of the sentence and its score.
    """
    heading = -1.0
    rows = zip(found.passage.headings, found.similarities, found.wordings, strict=True)
    for row, (is_heading, near, wording) in enumerate(rows):
        if is_heading:
            heading = float(near)
            continue
        # A heading says what the sentences under it are about, in words that they leave out.
        nearness = max(float(near), (float(near) + heading) / 2)
        yield row, nearness + WORDING_WEIGHT * float(wording) + PASSAGE_WEIGHT * found.hit.score


def _without_mark(passage: StoredPassage, start: int) -> int:
    """Where the sentence that begins at ``start`` does after the mark of a list item, if any."""
    mark = _LIST_MARK.match(passage.text, start - passage.start)
    return start + len(mark[0]) if mark else start


def _scored(found: Found) -> Iterator[Excerpt]:
    passage = found.passage
    bounds = passage.bounds.tolist()
    for row, score in sentence_scores(found):
        start, end = bounds[row]
        start = _without_mark(passage, start)
        length = min((end - start) / LONG_ENOUGH, 1)
        if _says_something(passage.text[start - passage.start : end - passage.start]):
            yield Excerpt(found, row, row, score + LENGTH_WEIGHT * length)


def _says_something(quote: str) -> bool:
    """Whether a sentence is more than a word or a date line."""
    return _TWO_WORDS.search(quote) is not None


def _by_score(one: Excerpt) -> tuple[float, int, int]:
    return -one.score, one.found.passage.id, one.first


def _repeats(one: Excerpt, other: Excerpt) -> bool:
    """Whether a sentence of ``other`` says the same as ``one`` in nearly the same words."""
    return any(_alike(one, sentence) for sentence in other.sentences())


def _alike(one: Excerpt, other: Excerpt) -> bool:
    if one.quote == other.quote:
        return True
    mine, others = set(words(one.quote)), set(words(other.quote))
    if len(mine & others) < REPEATED * len(mine | others):
        return False
    stated = [
        {(fact.kind, fact.value) for fact in facts(each.quote, each.found.passage.language)}
        for each in (one, other)
    ]
    return stated[0] == stated[1]  # reports that differ in a number alone are two


def _follow(one: Excerpt, other: Excerpt) -> bool:
    """Whether the sentence ``one`` stands beside the single sentence ``other``."""
    if one.found.passage.id != other.found.passage.id or other.first != other.last:
        return False
    first, second = sorted((one.first, other.first))
    return second - first == 1 and _connected(one.found, first) and _fits(_together(one, other))


def _readable(one: Excerpt) -> Excerpt | None:
    """``one`` with the neighbour that it leans on; None if what it announces cannot be shown."""
    if _introduces(one):
        return _with_what_follows(one)
    passage = one.found.passage
    if one.quote.endswith(_CUT) and one.last + 1 < len(passage.bounds):
        after = replace(one, last=one.last + 1)
        return after if _connected(one.found, one.last) and _fits(after) else one
    if one.first == 0 or passage.headings[one.first - 1]:
        return one
    before = replace(one, first=one.first - 1)
    leans = _leans(one.quote) and _connected(one.found, before.first)
    introduced = _introduces(replace(before, last=before.first))
    return before if (leans or introduced) and _fits(before) else one


def _with_what_follows(one: Excerpt) -> Excerpt | None:
    """An introduction with what it introduces, as much of a list as fits; None if that is not in
    the passage.
    """
    passage, wider = one.found.passage, one
    for row in range(one.last + 1, len(passage.bounds)):
        longer = replace(wider, last=row)
        announces = _introduces(replace(one, first=row, last=row))
        goes_on = not announces and not _connected(one.found, row - 1)
        if passage.headings[row] or (wider is not one and not (goes_on and _fits(longer))):
            break
        wider = longer
    return None if wider is one else wider


def _leans(quote: str) -> bool:
    """Whether a sentence begins in the middle of what another one says."""
    first = _FIRST_WORD.match(quote)
    if first is None or _impersonal().match(quote):
        return False
    return first[1][0].islower() or first[1].lower() in _leaning()


@cache
def _leaning() -> frozenset[str]:
    return frozenset(word for one in lexicons().values() for word in one.references.leaning)


@cache
def _impersonal() -> re.Pattern[str]:
    every = any_of(one.references.impersonal for one in lexicons().values())
    return re.compile(rf"(?:{every})\b", re.IGNORECASE)


def _introduces(one: Excerpt) -> bool:
    return one.quote.endswith(_INTRODUCTION)


def _connected(found: Found, row: int) -> bool:
    """Whether the sentences ``row`` and ``row + 1`` stand on one line, neither a heading."""
    passage = found.passage
    if row + 1 >= len(passage.bounds) or passage.headings[row] or passage.headings[row + 1]:
        return False
    gap = slice(passage.bounds[row][1] - passage.start, passage.bounds[row + 1][0] - passage.start)
    return "\n" not in passage.text[gap]


def _together(one: Excerpt, other: Excerpt) -> Excerpt:
    first, last = min(one.first, other.first), max(one.last, other.last)
    return replace(one, first=first, last=last, score=max(one.score, other.score))


def _fits(one: Excerpt) -> bool:
    return one.end - one.start <= LONGEST_EXCERPT

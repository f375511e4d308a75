"""What may be quoted of the passages found, the best first.

The judge says which sentences answer. Here they become excerpts of the text around them, and what
the question names by a label, a cell or a range comes first. How many are quoted, and how much
around each, is left to ``selection`` and ``shape``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import starmap

import numpy as np

from assistant.answer.judge import RankedSentence
from assistant.answer.judge.answer_kind import Asked, asked
from assistant.answer.judge.sentences import kind_held, without_mark
from assistant.answer.quote.named import named_lines
from assistant.language.facts import facts
from assistant.language.function_words import function_words
from assistant.language.keywords import words
from assistant.language.layout import Line, is_question, unnumbered
from assistant.language.lexicon import lexicon
from assistant.language.tables import named_aside
from assistant.models.records import Vectors, unit
from assistant.search.diversify import SAME_WORDS
from assistant.search.found import Found, Question
from assistant.search.word_match import HELD

NAMED_WEIGHT = 1.5
"""What a table's row weighs more that the question names by its cells or by a range, and a sentence
that the question names by the label of its section, as in "Room 12" and "3.2.1", or by the term
that it explains; what a sentence weighs less that the answer before quoted, as who asks on wants to
know more."""

NEAR_BEST = 2.0
"""How much less than the best an excerpt may weigh that is shown for a reason of its own."""

_ANSWERS = re.compile(r"[^\W\d_]\s?[:：]\s*(?=\S)")
"""What stands before the answer to a question of the text: "A:", "R :"."""


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
        """Where it begins in the article, after the mark of an only item or an answer ("A:")."""
        passage, layout = self.found.passage, self.found.layout
        start = int(passage.bounds[self.first][0])
        if layout.line(self.first) == layout.line(self.last):
            start = without_mark(passage, start)
        heading = layout.heading(self.first)
        if heading is None or not layout.asks(heading):
            return start
        mark = _ANSWERS.match(passage.text, start - passage.start)
        return passage.start + mark.end() if mark else start

    @property
    def end(self) -> int:
        """Where it ends in the article."""
        return int(self.found.passage.bounds[self.last][1])

    @property
    def quote(self) -> str:
        """Its words, exactly as in the article."""
        passage = self.found.passage
        return passage.text[self.start - passage.start : self.end - passage.start]

    @property
    def in_words(self) -> str:
        """Its words, each cell of a table's row behind the heading of its column."""
        return self.found.passage.in_words(self.start, self.end)

    @property
    def language(self) -> str:
        """The language of its article."""
        return self.found.passage.language

    @property
    def heading(self) -> str:
        """The words of the nearest heading above it, "" if there is none but the title."""
        layout = self.found.layout
        line = layout.heading(self.first)
        return layout.text(line) if line and line != layout.title(self.found.passage.title) else ""

    @property
    def is_row(self) -> bool:
        """Whether it begins with a row of a table."""
        layout = self.found.layout
        return layout.is_table(layout.group(self.first))

    @property
    def vector(self) -> Vectors:
        """The direction of its first sentence in meaning; all that a row of a table has."""
        return unit(self.found.passage.sentence_vectors[self.first])

    def beside(self, other: Excerpt) -> bool:
        """Whether the two begin in one group of lines, such as a table."""
        layout = self.found.layout
        return self.found is other.found and layout.group(self.first) == layout.group(other.first)

    def sentences(self) -> Iterator[Excerpt]:
        """Each of its sentences alone."""
        for row in range(self.first, self.last + 1):
            yield replace(self, first=row, last=row)

    def overlaps(self, other: Excerpt) -> bool:
        """Whether the two have a sentence in common."""
        same = self.found.passage.article == other.found.passage.article
        return same and self.start < other.end and other.start < self.end

    def covers(self, other: Excerpt) -> bool:
        """Whether all of ``other`` is among its words."""
        same = self.found.passage.article == other.found.passage.article
        return same and self.start <= other.start and other.end <= self.end


def ranked_excerpts(
    question: Question, sentences: Sequence[RankedSentence], wider: Sequence[Found]
) -> list[Excerpt]:
    """``sentences`` as excerpts of ``wider``, the best first.

    ``wider`` are the passages that they stand in, joined with those around them. A number before
    the item of a list is one with the item, and what the question names comes before the rest.
    """
    named = [named_lines(question, found) for found in wider]
    before = [named_lines(replace(question, text=question.earlier), found) for found in wider]
    asks_for_others = not _others(question.language).isdisjoint(words(question.text))
    excerpts: dict[tuple[int, int], Excerpt] = {}
    for one in sentences:
        place, row = _place(one, wider)
        found = wider[place]
        unit = _unit(found, row)
        if unit is None or is_question(unit.quote) or found.layout.is_header(row):
            continue
        score = one.odds
        line = found.layout.line(row)
        if line in before[place] and asks_for_others:
            continue
        if line in (named[place] or before[place]) and not _is_named_aside(unit, question):
            score += NAMED_WEIGHT
        score -= NAMED_WEIGHT * is_said(unit, question)
        known = excerpts.get((place, unit.first))
        if known is None or known.score < score:
            excerpts[place, unit.first] = replace(unit, score=score)
    return by_score(_going_on(question, excerpts, named))


def _going_on(
    question: Question, excerpts: Mapping[tuple[int, int], Excerpt], named: Sequence[Set[Line]]
) -> Iterable[Excerpt]:
    """``excerpts``, of which those weigh more that stand in the same list or table as what the
    answer before was taken from: who asks on likely means these.

    Of a table, only the rows that ``question`` names or holds a word of, if there are any. Keys are
    the places of their passages and their first sentences.
    """
    said = set(words(question.said))
    likely = max(excerpts, key=lambda key: _alike(said, excerpts[key]), default=None)
    if likely is None or not _alike(said, excerpts[likely]):
        return excerpts.values()
    source = excerpts[likely]
    layout = source.found.layout
    beside = [key for key, one in excerpts.items() if one.beside(source)]
    meant = [key for key in beside if layout.line(key[1]) in named[likely[0]]]
    if source.is_row and not meant:
        meant = [key for key in beside if _holds_asked(excerpts[key], question)]
    meant = (meant or beside) if len(layout.group(source.first)) > 1 else []

    def weighed(key: tuple[int, int], one: Excerpt) -> Excerpt:
        return replace(one, score=one.score + NAMED_WEIGHT) if key in meant else one

    return starmap(weighed, excerpts.items())


def _alike(said: Set[str], one: Excerpt) -> float:
    """The share of words that ``said`` and an excerpt have in common; 0 if they are not enough for
    the one to be taken from the other.
    """
    own = set(words(one.quote))
    same = len(said & own)
    return same / len(said | own) if same and same >= HELD * min(len(said), len(own)) else 0.0


def is_said(one: Excerpt, question: Question) -> bool:
    """Whether its words are those of the answer that ``question`` goes on from, or hold them.

    Not if it holds a word that is asked for now, or the reason. A row of a table may answer
    without any.
    """
    said, own = set(words(question.said)), set(words(one.quote))
    if one.is_row or not said or len(said & own) < SAME_WORDS * min(len(said), len(own)):
        return False
    if asked(question.text, question.language) is Asked.REASON and holds_kind(question, one) > 0:
        return False
    return not _holds_asked(one, question)


def _holds_asked(one: Excerpt, question: Question) -> bool:
    """Whether it holds a word of ``question`` that is not of the one before it."""
    held = one.found.held.likeness[:, one.first + 1 : one.last + 2].max(axis=1)
    now = set(words(question.text)) - function_words(question.language)
    asks = [word in now for word in question.words.words]
    return bool((held[asks] > HELD).any())


def holds_kind(question: Question, one: Excerpt) -> float:
    """Whether it, or its heading, holds the kind of thing asked for: 1 if it does, -1 if not, 0 if
    that cannot be told.
    """
    kind = asked(question.text, question.language)
    known = facts(question.text, question.language)
    return kind_held(kind, f"{one.heading}\n{one.in_words}", one.language, known)


def repeats(one: Excerpt, other: Excerpt) -> bool:
    """Whether a sentence of ``other`` has the same words as ``one``."""
    mine = set(words(one.quote))
    return any(set(words(sentence.quote)) == mine for sentence in other.sentences())


def _place(one: RankedSentence, wider: Sequence[Found]) -> tuple[int, int]:
    """Which of ``wider`` holds the sentence, and in which row."""
    start = int(one.passage.bounds[one.row][0])
    for place, found in enumerate(wider):
        passage = found.passage
        if passage.article == one.passage.article and passage.start <= start < passage.end:
            return place, int(np.searchsorted(passage.bounds[:, 0], start))
    raise ValueError(f"no passage around {start} of article {one.passage.article} was given")


def _unit(found: Found, row: int) -> Excerpt | None:
    """What is quoted of the sentence ``row``; None if it is a number before an item, and no more.

    The row of a table is quoted whole, and an item with the number before it.
    """
    line = found.layout.line(row)
    if found.layout.is_table(found.layout.group(row)):
        return Excerpt(found, line.first, line.last, 0.0)
    first = Excerpt(found, line.first, line.first, 0.0)
    if unnumbered(first.quote) and row <= line.first + 1:
        return replace(first, last=line.first + 1) if line.first < line.last else None
    return Excerpt(found, row, row, 0.0)


def _is_named_aside(one: Excerpt, question: Question) -> bool:
    """Whether it is a row that only a cell beside its first names, which may be said of much else,
    too.
    """
    layout = one.found.layout
    row = layout.line(one.first)
    return one.is_row and named_aside(question.text, question.language, layout, row, one.language)


def _others(language: str) -> frozenset[str]:
    return frozenset(lexicon(language).references.others)


def near_best(ranked: Sequence[Excerpt]) -> list[Excerpt]:
    """Those of ``ranked``, best first, that weigh hardly less than the first."""
    return [one for one in ranked if one.score >= ranked[0].score - NEAR_BEST]


def by_score(excerpts: Iterable[Excerpt]) -> list[Excerpt]:
    """``excerpts``, the best first."""
    return sorted(excerpts, key=lambda one: (-one.score, one.found.passage.id, one.first))

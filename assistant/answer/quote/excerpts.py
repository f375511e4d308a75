"""Which sentences of the passages found answer a question, the best first.

A sentence is ranked by how near it is to the question, how much of its wording it holds, how well
its passage fits, whether it holds the kind of thing asked for, and by what it stands under: its
heading, the first row of its table. How many are quoted, and how much around each, is left to
``selection`` and ``shape``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answer.quote.answer_kind import asked, offers
from assistant.answer.quote.labels import begins_with_label, labels
from assistant.answer.quote.tables import rows_asked_for
from assistant.language.facts import facts
from assistant.language.keywords import words
from assistant.language.layout import Line, is_question, unnumbered
from assistant.models.records import StoredPassage
from assistant.search.retriever import Found, Question

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

UNDER_HEADING = 0.6
"""How much of the wording that a heading holds counts for the sentences under it."""

NAMED_WEIGHT = 0.3
"""What a table's row weighs more that the question names by its cells or by a range, and a sentence
that the question names by the label of its section, as in "Room 12" and "3.2.1"."""

LONG_ENOUGH = 180
"""Characters from which a longer sentence is not likelier to say what is asked."""

SHORTLIST = 12
"""Sentences that are looked at for what they hold, which takes half a millisecond each."""

REPEATED = 0.8
"""Share of common words from which two sentences with the same facts are one."""

_LIST_MARK = re.compile(r"(?:[-–—•·*]|\(?\d{1,2}[.)])\s+(?=\S)")
_UNSPACED = r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]{3}"
_TWO_WORDS = re.compile(rf"[^\W\d_][\W\d_]+[^\W\d_]|{_UNSPACED}")


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
        same = self.found.passage.article == other.found.passage.article
        return same and self.start < other.end and other.start < self.end

    def covers(self, other: Excerpt) -> bool:
        """Whether all of ``other`` is among its words."""
        same = self.found.passage.article == other.found.passage.article
        return same and self.start <= other.start and other.end <= self.end


def rank_sentences(question: Question, found: Sequence[Found]) -> list[Excerpt]:
    """Every sentence of ``found`` but the headings, the one that answers best first."""
    ranked = sorted((one for each in found for one in _scored(question, each)), key=_by_score)
    kind = asked(question.text, question.language)
    known = facts(question.text, question.language)
    shortlist = [
        replace(one, score=one.score + KIND_WEIGHT)
        if offers(kind, one.quote, one.found.passage.language, known)
        else one
        for one in ranked[:SHORTLIST]
    ]
    return sorted(shortlist, key=_by_score) + ranked[SHORTLIST:]


def sentence_scores(found: Found) -> Iterator[tuple[int, float]]:
    """How well each sentence of a passage but the headings fits, as far as vectors and words tell.

    Gives the row of the sentence and its score.
    """
    layout = found.layout
    title = layout.title(found.passage.title)
    for row, is_heading in enumerate(found.passage.headings):
        if is_heading:
            continue
        near, wording = float(found.similarities[row]), float(found.wordings[row])
        # A heading says what the sentences under it are about, in words that they leave out, and
        # the first row of a table what stands in the cells.
        for above, share in ((layout.heading(row), UNDER_HEADING), (layout.header(row), 1.0)):
            if above is not None and above != title:
                rows = slice(above.first, above.last + 1)
                heading = float(found.similarities[rows].max())
                near = max(near, (near + heading) / 2)
                wording += share * float(found.wordings[rows].max())
        yield row, near + WORDING_WEIGHT * min(wording, 1.0) + PASSAGE_WEIGHT * found.fit(row)


def repeats(one: Excerpt, other: Excerpt) -> bool:
    """Whether a sentence of ``other`` says the same as ``one`` in nearly the same words."""
    return any(_alike(one, sentence) for sentence in other.sentences())


def _without_mark(passage: StoredPassage, start: int) -> int:
    """Where the sentence that begins at ``start`` does after the mark of a list item, if any."""
    mark = _LIST_MARK.match(passage.text, start - passage.start)
    return start + len(mark[0]) if mark else start


def _scored(question: Question, found: Found) -> Iterator[Excerpt]:
    layout, passage = found.layout, found.passage
    named = _named(question, found)
    for row, score in sentence_scores(found):
        line = layout.line(row)
        one = _unit(found, row, line)
        if one is None or layout.is_header(row) or is_question(one.quote):
            continue
        length = min((one.end - one.start) / LONG_ENOUGH, 1)
        score += LENGTH_WEIGHT * length + NAMED_WEIGHT * (line in named)
        yield replace(one, score=score)


def _unit(found: Found, row: int, line: Line) -> Excerpt | None:
    """The sentence ``row``, or the item that it begins; None if it is too little to quote.

    A number before an item is a sentence of its own to the one who split the text.
    """
    one = Excerpt(found, row, row, 0.0)
    if found.layout.is_table(found.layout.group(row)):
        return replace(one, last=line.last) if row == line.first else None
    if line.first < line.last and unnumbered(Excerpt(found, line.first, line.first, 0.0).quote):
        if row == line.first:
            return replace(one, last=row + 1)
        if row == line.first + 1:
            return None
    return one if _says_something(one.quote) else None


def _named(question: Question, found: Found) -> frozenset[Line]:
    """The lines that the question names: rows of tables, and what stands under a label."""
    layout = found.layout
    stated = facts(question.text, question.language)
    wanted = labels(question.text)
    named: list[Line] = []
    for group in layout.groups:
        if layout.is_table(group):
            named += rows_asked_for(question, layout, group, found.passage.language, stated)
        elif wanted and layout.is_heading(group):
            heading = " ".join(map(layout.text, group))
            if heading != found.passage.title and begins_with_label(heading, wanted):
                named += [line for under in layout.under(group[-1]) for line in under]
    return frozenset(named)


def _says_something(quote: str) -> bool:
    """Whether a sentence is more than a word or a date line."""
    return _TWO_WORDS.search(quote) is not None


def _by_score(one: Excerpt) -> tuple[float, int, int]:
    return -one.score, one.found.passage.id, one.first


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

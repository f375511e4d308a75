"""Which sentences of the passages found answer a question best."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.answer.judge.answer_kind import asked, offers
from assistant.answer.judge.judgement import RankedSentence
from assistant.language.facts import facts
from assistant.language.layout import is_question, unnumbered
from assistant.models.records import StoredPassage
from assistant.search.found import Found, Question

WORDING_WEIGHT = 0.4
PASSAGE_WEIGHT = 1.5
KIND_WEIGHT = 0.1
LENGTH_WEIGHT = 0.05
LONG_ENOUGH = 180
UNDER_HEADING = 0.6
SHORTLIST = 12
"""Sentences that are looked at for what they hold, which takes half a millisecond each."""

_LIST_MARK = re.compile(r"(?:[-–—•·*]|\(?\d{1,2}[.)])\s+(?=\S)")
_UNSPACED = r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]{3}"
_TWO_WORDS = re.compile(rf"[^\W\d_][\W\d_]+[^\W\d_]|{_UNSPACED}")


def rank_sentences(question: Question, found: Sequence[Found]) -> list[RankedSentence]:
    """Every sentence of ``found`` but the headings, the one that answers best first."""
    ranked = sorted((one for each in found for one in _scored(each)), key=_by_probability)
    kind = asked(question.text, question.language)
    known = facts(question.text, question.language)
    shortlist = [
        replace(one, probability=_probability(_score(one.probability) + KIND_WEIGHT))
        if offers(kind, one.quote, one.found.passage.language, known)
        else one
        for one in ranked[:SHORTLIST]
    ]
    return sorted(shortlist, key=_by_probability) + ranked[SHORTLIST:]


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
        yield row, near + WORDING_WEIGHT * min(wording, 1.0) + PASSAGE_WEIGHT * found.hit.score


def without_mark(passage: StoredPassage, start: int) -> int:
    """Where the sentence that begins at ``start`` does after the mark of a list item, if any."""
    mark = _LIST_MARK.match(passage.text, start - passage.start)
    return start + len(mark[0]) if mark else start


def _scored(found: Found) -> Iterator[RankedSentence]:
    passage, layout = found.passage, found.layout
    bounds = passage.bounds.tolist()
    for row, score in sentence_scores(found):
        start, end = bounds[row]
        start = without_mark(passage, start)
        quote = passage.text[start - passage.start : end - passage.start]
        length = min((end - start) / LONG_ENOUGH, 1)
        in_table = layout.is_table(layout.group(row))
        if layout.is_header(row) or is_question(quote):
            continue
        if in_table or _TWO_WORDS.search(quote) or unnumbered(quote):
            probability = _probability(score + LENGTH_WEIGHT * length)
            yield RankedSentence(found, row, start, end, probability)


def _by_probability(one: RankedSentence) -> tuple[float, int, int]:
    return -one.probability, one.passage.id, one.row


def _probability(score: float) -> float:
    return 1 / (1 + math.exp(-5 * (score - 1.6)))


def _score(probability: float) -> float:
    return 1.6 + (math.log(probability) - math.log1p(-probability)) / 5

"""The lines that a question names: rows of tables, what is under a label, what explains a term."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from assistant.answer.judge.answer_kind import Asked, asked
from assistant.language.entries import Term
from assistant.language.labels import is_named_by, labels
from assistant.language.layout import Line
from assistant.language.tables import rows_asked_for
from assistant.search.found import Found, Question


def named_lines(question: Question, found: Found) -> frozenset[Line]:
    """The lines of ``found`` that ``question`` names."""
    layout, language = found.layout, found.passage.language
    wanted = labels(question.text)
    named: list[Line] = []
    for group in layout.groups:
        if layout.is_table(group):
            named += rows_asked_for(question.text, question.language, layout, group, language)
        elif not layout.is_heading(group):
            named += [line for line in group if explains(question, found, line)]
        elif wanted:
            named += _under_label(found, group, wanted)
    return frozenset(named)


def _under_label(found: Found, group: Sequence[Line], wanted: frozenset[str]) -> list[Line]:
    """What stands under a heading that one of the labels ``wanted`` names."""
    heading = " ".join(map(found.layout.text, group))
    if heading == found.passage.title or not is_named_by(heading, wanted):
        return []
    return [line for under in found.layout.under(group[-1]) for line in under]


def explains(question: Question, found: Found, line: Line) -> bool:
    """Whether ``line`` begins with all that the question asks about, and says what it is."""
    kind = asked(question.text, question.language)
    term, said = _term(question.text, question.language), found.layout.text(line)
    begins = kind is Asked.ANYTHING and term.begins(said, found.passage.language)
    explained = kind is not Asked.REASON and term.is_explained_by(said, found.passage.language)
    return begins or explained


_term = lru_cache(maxsize=64)(Term)

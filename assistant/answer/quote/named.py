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
    layout = found.layout
    wanted = labels(question.text)
    named: list[Line] = []
    for group in layout.groups:
        if layout.is_table(group):
            named += _rows(question, found, group)
        elif not layout.is_heading(group):
            named += [line for line in group if explains(question, found, line)]
        elif wanted and _is_label(found, group, wanted):
            for under in layout.under(group[-1]):
                named += _rows(question, found, under) or under
    return frozenset(named)


def _rows(question: Question, found: Found, group: Sequence[Line]) -> list[Line]:
    """The rows that the question names of ``group``, if that is a table."""
    if not found.layout.is_table(group):
        return []
    language = found.passage.language
    return rows_asked_for(question.text, question.language, found.layout, group, language)


def _is_label(found: Found, group: Sequence[Line], wanted: frozenset[str]) -> bool:
    """Whether ``group`` is the heading of a section that one of the labels ``wanted`` names."""
    heading = " ".join(map(found.layout.text, group))
    return heading != found.passage.title and is_named_by(heading, wanted)


def explains(question: Question, found: Found, line: Line) -> bool:
    """Whether ``line`` begins with all that the question asks about, and says what it is."""
    kind = asked(question.text, question.language)
    term, said = _term(question.text, question.language), found.layout.text(line)
    begins = kind is Asked.ANYTHING and term.begins(said, found.passage.language)
    explained = kind is not Asked.REASON and term.is_explained_by(said, found.passage.language)
    return begins or explained


_term = lru_cache(maxsize=64)(Term)

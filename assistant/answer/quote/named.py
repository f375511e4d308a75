"""The lines that a question names: rows of tables, what is under a label, what explains a term."""

from __future__ import annotations

from collections.abc import Sequence

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
    named = _explaining(question, found)
    for group in layout.groups:
        if layout.is_table(group):
            named += _rows(question, found, group)
        elif wanted and layout.is_heading(group):
            heading = " ".join(map(layout.text, group))
            if heading != found.passage.title and is_named_by(heading, wanted):
                for under in layout.under(group[-1]):
                    named += _rows(question, found, under) or under
    return frozenset(named)


def _rows(question: Question, found: Found, group: Sequence[Line]) -> list[Line]:
    """The rows that the question names of ``group``, if that is a table."""
    if not found.layout.is_table(group):
        return []
    language = found.passage.language
    return rows_asked_for(question.text, question.language, found.layout, group, language)


def _explaining(question: Question, found: Found) -> list[Line]:
    """The lines that begin with all that the question asks about, and say what it is."""
    layout, language = found.layout, found.passage.language
    kind = asked(question.text, question.language)
    if kind is Asked.REASON:
        return []
    term = Term(question.text, question.language)

    def explains(line: Line) -> bool:
        said = layout.text(line)
        begins = kind is Asked.ANYTHING and term.begins(said, language)
        return begins or term.is_explained_by(said, language)

    return [
        line for group in layout.groups
        if not layout.is_heading(group) and not layout.is_table(group)
        for line in filter(explains, group)
    ]  # fmt: skip

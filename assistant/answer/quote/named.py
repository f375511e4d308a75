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
    layout, language = found.layout, found.passage.language
    wanted = labels(question.text)
    named = _explaining(question, found)
    for group in layout.groups:
        if layout.is_table(group):
            named += rows_asked_for(question.text, question.language, layout, group, language)
        elif wanted and layout.is_heading(group):
            named += _under_label(found, group, wanted)
    return frozenset(named)


def _under_label(found: Found, group: Sequence[Line], wanted: frozenset[str]) -> list[Line]:
    """What stands under a heading that one of the labels ``wanted`` names."""
    heading = " ".join(map(found.layout.text, group))
    if heading == found.passage.title or not is_named_by(heading, wanted):
        return []
    return [line for under in found.layout.under(group[-1]) for line in under]


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

"""Summarizes an article by its most central sentences, spread over its sections."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from itertools import islice

import numpy as np

from assistant.answer.quote.excerpts import Excerpt
from assistant.answer.quote.form import without_summary_words
from assistant.language.function_words import function_words
from assistant.language.keywords import fold, terms, words
from assistant.language.layout import Line, sections
from assistant.models.records import unit
from assistant.search.found import Found, Question

MOST_SENTENCES = 5
FEWEST_SENTENCES = 3
"""Sentences of a summary, as far as the article has as many."""

FIRST_OF_SECTION = 0.06
"""What the first sentence of a paragraph gains: it says what the rest is about."""

_ASIDE = re.compile(r"[^:：]+[:：]\s|>")
"""What begins a list of names or a date, which says nothing of what was discussed, or a line of the
mail that is answered."""

Read = Callable[[str], Found | None]
"""Reads an article, as one passage; None if it is not there to be seen."""


def summary(question: Question, found: Sequence[Found], read: Read) -> list[Excerpt]:
    """Sentences that cover the article ``question`` names, in its order; none if it names none.

    An article is named by its title and the name of its file.
    """
    if not found:
        return []
    article = max(found, key=lambda one: (_named(question, one), one.hit.score))
    if not _named(question, article):
        return []
    whole = read(article.passage.article)
    return _covering(whole) if whole is not None else []


def _named(question: Question, found: Found) -> float:
    """The share of what is to be summarized that the title and the file's name hold."""
    passage = found.passage
    plain = question.summarized or without_summary_words(question.text, question.language)
    said = words(plain)
    about = [word for word in said if word not in function_words(question.language)]
    text = " ".join(about or question.words.words)
    asked = {fold(term) for term in terms(text, question.language)}
    name = re.sub(r"[\W_]+", " ", " ".join((passage.title, *passage.sources)))
    held = {
        fold(term)
        for language in (passage.language, question.language)
        for term in terms(name, language)
    }
    return sum(_held(term, held) for term in asked) / max(len(asked), 1)


def _held(term: str, held: Set[str]) -> bool:
    """Whether ``term`` is one of ``held``, or a compound of several: "Frühlingsrundbrief"."""
    begins = max((len(one) for one in held if term.startswith(one)), default=0)
    ends = max((len(one) for one in held if term.endswith(one)), default=0)
    return term in held or (begins > 0 and ends > 0 and 2 * (begins + ends) > len(term))


def _covering(whole: Found) -> list[Excerpt]:
    """The most central sentence of each section, then more of the longest, in the text's order."""
    central = _centrality(whole)
    by_section = [rows for rows in _rows(whole) if rows]
    # A preamble and the first section say what it is about; the longest others cover most of it.
    longest = sorted(by_section[2:], key=len, reverse=True)
    told = [*by_section[:2], *longest][:MOST_SENTENCES]
    best = [max(rows, key=lambda row: central[row]) for rows in told]
    spare = sorted(
        (row for rows in by_section for row in rows if row not in best),
        key=lambda row: -central[row],
    )
    chosen = [*best, *spare[: max(0, FEWEST_SENTENCES - len(best))]]
    return [Excerpt(whole, row, row, float(central[row])) for row in sorted(chosen)]


def _rows(whole: Found) -> list[list[int]]:
    """The sentences that a summary may quote, section by section."""
    layout = whole.layout
    parts = [groups for _, groups in sections(layout)]
    if len(parts) < FEWEST_SENTENCES:  # a text without sections is covered by its paragraphs
        parts = [[group] for groups in parts for group in groups]
    found = []
    for groups in parts:
        lines = [line for group in groups if not layout.is_table(group) for line in group]
        prose = [row for line in lines for row in range(line.first, line.last + 1)]
        found.append([row for row in prose if _is_sentence(whole, row)])
    told = [[row for row in rows if not _is_aside(whole, row)] for rows in found]
    found = told if any(told) else found
    return found if any(found) else [[row for line in _lines(whole) for row in [line.first]]]


def _lines(whole: Found) -> list[Line]:
    """Every line but headings, for an article of tables and short lines alone."""
    layout = whole.layout
    return [line for group in layout.groups if not layout.is_heading(group) for line in group]


def _is_sentence(whole: Found, row: int) -> bool:
    return Excerpt(whole, row, row, 0.0).quote.rstrip("\"'»”’)").endswith((*".!。！।…",))


def _is_aside(whole: Found, row: int) -> bool:
    """Whether it begins as "Present: Ann" and "> Dear Ann" do."""
    return _ASIDE.match(Excerpt(whole, row, row, 0.0).quote) is not None


def _centrality(whole: Found) -> np.ndarray:
    """How near each sentence is to the mean of its section; more for the first of a paragraph, and
    for one that says what the article is about.
    """
    vectors, layout = whole.passage.sentence_vectors, whole.layout
    near = np.zeros(len(vectors))
    for heading, groups in sections(layout):
        rows = slice((heading or groups[0][0]).first, groups[-1][-1].last + 1)
        near[rows] += vectors[rows] @ unit(vectors[rows].mean(axis=0))
    for group in layout.groups:
        near[group[0].first] += FIRST_OF_SECTION
    subject = _terms(whole.passage.title, whole)
    opening = [group for _, groups in islice(sections(layout), 2) for group in groups]
    for row in range(opening[0][0].first, opening[-1][-1].last + 1):
        held = _terms(Excerpt(whole, row, row, 0.0).quote, whole)
        near[row] += len(subject & held) / max(len(subject), 1)
    return np.asarray(near)


def _terms(text: str, whole: Found) -> frozenset[str]:
    """The words of ``text`` that say something, in any form."""
    language = whole.passage.language
    said = [word for word in words(text) if word not in function_words(language)]
    return frozenset(map(fold, terms(" ".join(said), language)))

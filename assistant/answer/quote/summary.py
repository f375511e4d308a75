"""Summarizes an article by its most central sentences, spread over its sections."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from assistant.answer.quote.excerpts import Excerpt
from assistant.answer.quote.form import without_summary_words
from assistant.language.function_words import function_words
from assistant.language.keywords import fold, terms, words
from assistant.language.layout import Line, sections
from assistant.search.found import Found, Question

MOST_SENTENCES = 5
FEWEST_SENTENCES = 3
"""Sentences of a summary, as far as the article has as many."""

LONG_ENOUGH = 8
"""Words from which a sentence says something by itself."""

FIRST_OF_SECTION = 0.06
"""What the first sentence of a paragraph gains: it says what the rest is about."""

ASKED_ABOUT = 0.3
"""What being near to the question weighs beside being near to the rest of the article."""

LEAST_NAMED = 0.3
"""Share of a question's words that a title and file name must hold for it to mean the article."""

_LABEL = re.compile(r"(?:[^\s:]+ ){0,2}[^\s:]+\s?[:：]\s")
"""What heads a list of names or a date: who was there says nothing of what was discussed."""

Read = Callable[[str], Found | None]
"""Reads an article, as one passage; None if it is not there to be seen."""


def summary(question: Question, found: Sequence[Found], read: Read) -> list[Excerpt]:
    """Sentences that cover the article ``question`` names, in its order; none if it names none.

    An article is named by its title and the name of its file.
    """
    if not found:
        return []
    article = max(found, key=lambda one: (_named(question, one), one.hit.score))
    if _named(question, article) < LEAST_NAMED:
        return []
    whole = read(article.passage.article)
    return _covering(whole) if whole is not None else []


def _named(question: Question, found: Found) -> float:
    """The share of what is to be summarized that the title and the file's name hold."""
    passage = found.passage
    said = words(without_summary_words(question.text, question.language))
    about = [word for word in said if word not in function_words(question.language)]
    text = " ".join(about or question.words.words)
    asked = {fold(term) for term in terms(text, question.language)}
    name = re.sub(r"[\W_]+", " ", " ".join((passage.title, *passage.sources)))
    held = {
        fold(term)
        for language in (passage.language, question.language)
        for term in terms(name, language)
    }
    return len(asked & held) / max(len(asked), 1)


def _covering(whole: Found) -> list[Excerpt]:
    """The most central sentence of each section, then more of the longest, in the text's order."""
    central = _centrality(whole)
    by_section = [rows for rows in _rows(whole) if rows]
    best = [max(rows, key=lambda row: central[row]) for rows in by_section]
    if len(best) > MOST_SENTENCES:
        # The first section says what the whole is about; of the others those nearest to it.
        rest = sorted(best[1:], key=lambda row: -central[row])
        best = [best[0], *rest[: MOST_SENTENCES - 1]]
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
        found.append([row for row in prose if _says_enough(whole, row)])
    told = [[row for row in rows if not _is_labelled(whole, row)] for rows in found]
    found = told if any(told) else found
    return found if any(found) else [[row for line in _lines(whole) for row in [line.first]]]


def _lines(whole: Found) -> list[Line]:
    """Every line but headings, for an article of tables and short lines alone."""
    layout = whole.layout
    return [line for group in layout.groups if not layout.is_heading(group) for line in group]


def _says_enough(whole: Found, row: int) -> bool:
    quote = Excerpt(whole, row, row, 0.0).quote
    return len(words(quote)) >= LONG_ENOUGH and quote.rstrip("\"'»”’)")[-1:] in ".!。！।…"


def _is_labelled(whole: Found, row: int) -> bool:
    """Whether it begins with a label, as "Present:" and "Date of issue:" do."""
    return _LABEL.match(Excerpt(whole, row, row, 0.0).quote) is not None


def _centrality(whole: Found) -> np.ndarray:
    """How near each sentence is to the mean of all, with a little more for a section's first."""
    vectors = whole.passage.sentence_vectors
    prose = vectors[~whole.passage.headings] if (~whole.passage.headings).any() else vectors
    mean = prose.mean(axis=0)
    near = vectors @ (mean / max(float(np.linalg.norm(mean)), 1e-9))
    for group in whole.layout.groups:
        near[group[0].first] += FIRST_OF_SECTION
    return np.asarray(near + ASKED_ABOUT * whole.similarities)

"""The sentences of the passages found, and what is known of each, as numbers.

Nearness is given as a place between chance (0) and the same meaning (1) for the pair of languages,
so that what is learnt from the numbers holds for every pair and every embedding model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.answer.judge.answer_kind import Asked, asked, offers
from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.keywords import words
from assistant.language.layout import is_question, unnumbered
from assistant.language.lexicon import lexicon
from assistant.language.tables import rows_holding
from assistant.models.records import StoredPassage
from assistant.models.table import BAR
from assistant.search.found import Found, Question

Numbers = NDArray[np.float32]

SHORTLIST = 14
"""Sentences of which is known what facts they hold, which takes half a millisecond each."""

NAMES = (
    "near", "passage", "wording", "wording of title", "wording before", "leans on wording before",
    "length", "first", "leans",
    "kind", "states",
)  # fmt: skip
"""What each column of the features of sentences is. What is the same for all sentences of a
question, such as how near the best one is, could not tell which of them answers."""

_OF_FACTS = 2  # the last columns, known for the shortlist only

_LIST_MARK = re.compile(r"(?:[-–—•·*]|\(?\d{1,2}[.)])\s+(?=\S)")
_UNSPACED = r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]{3}"
_TWO_WORDS = re.compile(rf"[^\W\d_][\W\d_]+[^\W\d_]|{_UNSPACED}")
_FIRST_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Sentences:
    """Every sentence of the passages found, one passage behind the other: a row each.

    ``of`` is the place of its passage among those found, shape (sentences,), ``row`` its place in
    the passage, ``place`` its nearness (sentences,) and ``whole`` that of its passage
    (passages,); ``likeness`` is how far it holds each word of the question (words, sentences),
    ``title`` how far the titles do (words, passages), ``rarity`` the weight of each word in each
    passage's language (words, passages). Both count what stands above a sentence for it, too.
    ``answers`` says which may answer: no headings, no questions, no fragments of a word or a date.
    """

    found: Sequence[Found]
    texts: Sequence[str]
    of: NDArray[np.int64]
    row: NDArray[np.int64]
    place: Numbers
    whole: Numbers
    likeness: Numbers
    title: Numbers
    rarity: Numbers
    answers: NDArray[np.bool_]

    @property
    def wording(self) -> Numbers:
        """How much of the question's wording each holds, shape (sentences,)."""
        return self.weighted(self.likeness)

    def weighted(self, likeness: Numbers) -> Numbers:
        """The share of the wording that words held so far make up, shape (sentences,)."""
        return np.asarray((self.rarity[:, self.of] * likeness).sum(axis=0), np.float32)


def sentences_of(question: Question, found: Sequence[Found]) -> Sentences:
    """All sentences of the passages ``found``, of which there is at least one."""
    counts = [len(one.passage.headings) for one in found]
    texts = [_texts(one.passage) for one in found]
    placed = [_with_what_is_above(question, one) for one in found]
    return Sentences(
        found=found,
        texts=[text for some in texts for text in some],
        of=np.repeat(np.arange(len(found)), counts),
        row=np.concatenate([np.arange(count) for count in counts]),
        place=np.concatenate([place for place, _ in placed]),
        whole=np.array([one.scale.place(one.near[:1])[0] for one in found], np.float32),
        likeness=np.concatenate([likeness for _, likeness in placed], axis=1),
        title=np.stack([one.held.likeness[:, 0] for one in found], axis=1),
        rarity=np.stack([one.held.rarity for one in found], axis=1),
        answers=np.concatenate([_may_answer(*pair) for pair in zip(found, texts, strict=True)]),
    )


def sentence_features(question: Question, every: Sentences) -> Numbers:
    """What is known of each sentence, shape (sentences, ``NAMES``)."""
    title = np.maximum(every.title[:, every.of], every.likeness)
    before = np.maximum(title, _before(every.likeness, every.of))
    more_before = every.weighted(before - title)
    leans = [_leans(text, every.found[of]) for text, of in zip(every.texts, every.of, strict=True)]
    columns = [
        every.place, every.whole[every.of],
        every.wording, every.weighted(title - every.likeness), more_before, leans * more_before,
        np.log([max(len(text), 1) for text in every.texts]),
        every.row == 0, leans,
    ]  # fmt: skip
    known = np.stack([np.asarray(column, np.float32) for column in columns], axis=1)
    held = _facts_held(question, every, every.place + every.wording + more_before)
    return np.concatenate([known, held], axis=1)


def without_mark(passage: StoredPassage, start: int) -> int:
    """Where the sentence that begins at ``start`` does after the mark of a list item, if any."""
    mark = _LIST_MARK.match(passage.text, start - passage.start)
    return start + len(mark[0]) if mark else start


def kind_held(kind: Asked, text: str, language: str, known: Sequence[Fact]) -> float:
    """Whether a text holds the kind of thing asked for: 1 if it does, -1 if not, 0 if unknown."""
    if kind is Asked.ANYTHING:
        return 0.0
    return 1.0 if offers(kind, text, language, known) else -1.0


def _facts_held(question: Question, every: Sentences, fits: Numbers) -> Numbers:
    """The last columns of the features, 0 for all but the sentences that fit best."""
    held = np.zeros((len(fits), _OF_FACTS), np.float32)
    kind = asked(question.text, question.language)
    known = facts(question.text, question.language)
    stated = [fact for fact in known if fact.certain]
    best = np.argsort(np.where(every.answers, -fits, np.inf), kind="stable")[:SHORTLIST]
    for place in best.tolist():
        text, language = every.texts[place], every.found[every.of[place]].passage.language
        said = facts(text, language)
        held[place] = (
            kind_held(kind, text, language, known),
            sum(holds(said, fact) for fact in stated) / max(len(stated), 1),
        )
    return held


def _texts(passage: StoredPassage) -> list[str]:
    return [passage.in_words(start, end) for start, end in passage.bounds.tolist()]


def _with_what_is_above(question: Question, found: Found) -> tuple[Numbers, Numbers]:
    """The place of each sentence's nearness, and how far it holds each word of the question.

    A heading says what the sentences under it are about, in words that they leave out; one that
    asks is half of what they say. A row holds the figures that its range does.
    """
    layout = found.layout
    place = found.scale.place(found.near[1:]).copy()
    likeness = found.held.likeness[:, 1:].copy()
    title = layout.title(found.passage.title)
    for row, is_heading in enumerate(found.passage.headings):
        above = layout.heading(row)
        if above is None or above == title or is_heading:
            continue
        rows = slice(above.first, above.last + 1)
        near = place[rows].max()
        place[row] = max(place[row], near if layout.asks(above) else (place[row] + near) / 2)
        likeness[:, row] = np.maximum(likeness[:, row], likeness[:, rows].max(axis=1))
    stated = [f for f in facts(question.text, question.language) if f.kind is Kind.NUMBER]
    said = {word for fact in stated for word in words(fact.text)}
    figures = [word in said for word in question.words.words]
    for line in rows_holding(question.text, question.language, layout, found.passage.language):
        likeness[figures, line.first] = 1
    return place, likeness


def _may_answer(found: Found, texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which sentences of a passage may answer: all but headings, questions and fragments."""
    layout = found.layout
    # "Two." and "Yes." answer the question that they stand under.
    replies = [False, *(map(is_question, texts[:-1]))]
    return np.array(
        [
            not (found.passage.headings[row] or is_question(text) or layout.is_header(row))
            and bool(_TWO_WORDS.search(text) or unnumbered(text) or BAR in text or replies[row])
            for row, text in enumerate(texts)
        ],
        bool,
    )


def _before(values: Numbers, of: NDArray[np.int64]) -> Numbers:
    """The value of the sentence before in the same passage, else 0."""
    moved, same = np.roll(values, 1, axis=-1), np.roll(of, 1) == of
    same[0] = False
    return np.where(same, moved, 0)


def _leans(text: str, found: Found) -> bool:
    """Whether a sentence begins with a word that stands for something in the one before."""
    first = _FIRST_WORD.search(text[:40])
    pronouns = lexicon(found.passage.language).references.pronouns
    return first is not None and (first[0].lower() in pronouns or first[0][0].islower())

"""Questions asked of the product's own search: what was found, and whether it answers."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assistant.answer.ask import ANSWER_PASSAGES
from assistant.embedding import Embedder
from assistant.evaluation.retrieval import assisting
from assistant.language.facts import facts
from assistant.search.found import Found, Question
from assistant.search.retriever import Retriever
from assistant.support.settings import Settings
from tools.judge.forms import exchanged, introduced, mistyped
from tools.judge.sets import SEED, Asked, QuestionSet

MORE = 12
"""Passages found beyond those that an answer looks at, to take the place of those removed."""

FORMS = 0.12
"""The share of questions that are also asked in each of the other ways."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question asked, and what was found; vectors are left out.

    ``kind`` says how it came about; ``right`` has a row for each passage found: which of its
    sentences overlap the answer (none are, if that is not known).
    """

    set: str
    group: str
    id: str
    kind: str
    answerable: bool
    question: Question
    found: list[Found]
    passages: int
    right: list[np.ndarray]


def collect(
    one: QuestionSet, unrelated: Sequence[Asked], embedder: Embedder, kept: Path
) -> list[Case]:
    """The cases of a set, kept in a file; ``unrelated`` are questions of other sets."""
    file = kept / f"{one.name}.pickle"
    if file.is_file():
        return pickle.loads(file.read_bytes())
    with assisting(one.articles, embedder, Settings()) as assistant:
        engine = assistant._answering()
        retriever = assistant._asking.retriever(engine)
        cases = list(_cases(one, unrelated, retriever, engine.library.passages.count()))
    file.write_bytes(pickle.dumps(cases))
    return cases


def _cases(
    one: QuestionSet, unrelated: Sequence[Asked], retriever: Retriever, count: int
) -> Iterator[Case]:
    chance = random.Random(f"{SEED}{one.name}")
    known = [f for q in one.questions for f in facts(q.text, q.language) if f.certain]

    def case(asked: Asked, kind: str, text: str, *, answerable: bool, remove: str = "") -> Case:
        return _case(one, asked, kind, text, answerable, remove, retriever, count)

    for asked in one.questions:
        kind = "asked" if asked.answerable else "almost"
        yield case(asked, kind, asked.text, answerable=asked.answerable)
        forms = [("asked", asked.text)]
        for name, form in (
            ("introduced", introduced(asked.text, asked.language, chance)),
            ("mistyped", mistyped(asked.text, chance)),
            ("keywords", " ".join(retriever.understand(asked.text).words.words)),
        ):
            if form and chance.random() < FORMS:
                forms.append((name, form))
                yield case(asked, name, form, answerable=asked.answerable)
        if asked.source:
            name, form = chance.choice(forms)
            yield case(asked, "removed", form, answerable=False, remove=asked.source)
            other = exchanged(asked.text, asked.language, known, chance)
            if other and chance.random() < 0.5:
                yield case(asked, "exchanged", other, answerable=False)
    for asked in unrelated:
        yield case(asked, "unrelated", asked.text, answerable=False)


def _case(
    one: QuestionSet, asked: Asked, kind: str, text: str, answerable: bool, remove: str,
    retriever: Retriever, count: int,
) -> Case:  # fmt: skip
    question = retriever.understand(text)
    found = retriever.find(question, ANSWER_PASSAGES + (MORE if remove else 0))
    found = [each for each in found if each.hit.source != remove][:ANSWER_PASSAGES]
    right = [
        _overlaps(each, asked) if answerable and each.hit.source == asked.source
        else np.zeros(len(each.passage.headings), bool)
        for each in found
    ]  # fmt: skip
    if answerable and asked.source and asked.source not in {f.hit.source for f in found}:
        answerable = False  # not found: nothing here answers
        kind = "not found"
    none = np.zeros(0, np.float32)
    bare = [
        replace(f, passage=replace(f.passage, vector=none, sentence_vectors=none, terms=()))
        for f in found
    ]
    small = replace(question, vector=none, gist=none, words=replace(question.words, vectors=none))
    return Case(one.name, one.group, asked.id, kind, answerable, small, bare, count, right)


def _overlaps(found: Found, asked: Asked) -> np.ndarray:
    bounds = found.passage.bounds
    overlaps = [(bounds[:, 0] < end) & (bounds[:, 1] > start) for start, end in asked.spans]
    return np.any([np.zeros(len(bounds), bool), *overlaps], axis=0)

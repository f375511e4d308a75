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
from tools.judge.forms import exchanged, introduced, mistyped, premise
from tools.judge.sets import SEED, Asked, QuestionSet

MORE = 12
"""Passages found beyond those that an answer looks at, to take the place of those removed."""

FORMS = 0.12
"""The share of questions that are also asked in each of the other ways."""

PREMISES = 0.3
"""The share of answers whose sentence is also asked about, as it stands and with a fact changed."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question asked, and what was found; vectors are left out.

    ``kind`` says how it came about; ``right`` has a row for each passage found: which of its
    sentences overlap the answer (none are, if that is not known). Cases of one ``topic`` may be
    about the same article.
    """

    set: str
    group: str
    topic: str
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
    articles = {article.source: article for article in one.articles}

    def case(text: str, kind: str, *answers: Asked, answerable: bool, remove: str = "") -> Case:
        return _case(one, answers, kind, text, answerable, remove, retriever, count)

    for place, asked in enumerate(one.questions):
        kind = "asked" if asked.answerable else "almost"
        forms = {kind: asked.text, **_other_forms(asked, retriever, chance)}
        for name, form in forms.items():
            yield case(form, name, asked, answerable=asked.answerable)
        if not asked.source:
            continue
        other = one.questions[place - 1]
        if chance.random() < FORMS and other.source and other.language == asked.language:
            yield case(f"{asked.text} {other.text}", "two", asked, other, answerable=True)
        form = chance.choice(list(forms.values()))
        yield case(form, "removed", asked, answerable=False, remove=asked.source)
        changed = exchanged(asked.text, asked.language, known, chance)
        if changed and chance.random() < 0.5:
            yield case(changed, "exchanged", asked, answerable=False)
        if chance.random() < PREMISES:
            article = articles[asked.source]
            for text, true in premise(asked, article.text, article.language, known, chance):
                kind = "true premise" if true else "false premise"
                yield case(text, kind, asked, answerable=true)
    for asked in unrelated:
        yield case(asked.text, "unrelated", asked, answerable=False)


def _other_forms(asked: Asked, retriever: Retriever, chance: random.Random) -> dict[str, str]:
    """Some of the other ways to ask it, by their name."""
    every = {
        "introduced": introduced(asked.text, asked.language, chance),
        "mistyped": mistyped(asked.text, chance),
        "keywords": " ".join(retriever.understand(asked.text).words.words),
    }
    return {name: form for name, form in every.items() if form and chance.random() < FORMS}


def _case(
    one: QuestionSet, answers: Sequence[Asked], kind: str, text: str, answerable: bool, remove: str,
    retriever: Retriever, count: int,
) -> Case:  # fmt: skip
    question = retriever.understand(text)
    found = retriever.find(question, ANSWER_PASSAGES + (MORE if remove else 0))
    found = [each for each in found if each.hit.source != remove][:ANSWER_PASSAGES]
    right = [_overlaps(each, answers if answerable else ()) for each in found]
    sources = {asked.source for asked in answers} - {""}
    if answerable and sources and not sources & {f.hit.source for f in found}:
        answerable = False  # not found: nothing here answers
        kind = "not found"
    none = np.zeros(0, np.float32)
    bare = [
        replace(f, passage=replace(f.passage, vector=none, sentence_vectors=none, terms=()))
        for f in found
    ]
    small = replace(question, vector=none, words=replace(question.words, vectors=none))
    asked = answers[0]
    return Case(
        one.name, one.group, asked.topic, asked.id, kind, answerable, small, bare, count, right
    )


def _overlaps(found: Found, answers: Sequence[Asked]) -> np.ndarray:
    bounds = found.passage.bounds
    overlaps = [
        (bounds[:, 0] < end) & (bounds[:, 1] > start)
        for asked in answers
        if asked.source == found.hit.source
        for start, end in asked.spans
    ]
    return np.any([np.zeros(len(bounds), bool), *overlaps], axis=0)

"""Passages found, made by hand, for the tests of what is done with them."""

from datetime import date

import numpy as np

from assistant.answer.quote.excerpts import Excerpt
from assistant.embedding.centring import Scale
from assistant.models.answer import Hit
from assistant.models.records import StoredPassage
from assistant.search.found import Found, Question
from assistant.search.word_match import Held, QuestionWords

SCALE = Scale(chance=0.1, same=0.9, spread=0.08)


def question(text="Tell me more", language="en"):
    words = QuestionWords(
        ("word",), np.zeros(1, np.int32), np.zeros((1, 2)), language, np.ones(1, np.int32)
    )
    return Question(text, language, np.zeros(2, np.float32), {}, words)


def ranked(*hits):
    """The sentences of ``hits`` but the headings as excerpts, the nearest first.

    Its nearness times ten is the score of each.
    """
    every = [
        Excerpt(hit, row, row, 10 * float(near))
        for hit in hits
        for row, near in enumerate(hit.similarities)
        if not hit.passage.headings[row]
    ]
    return sorted(every, key=lambda one: -one.score)


def found(
    *sentences,
    language="fr",
    near=0.6,
    whole=0.6,
    wordings=None,
    headings=(),
    article="a",
    between="\n\n",
    published=date(2024, 1, 2),
):
    """A hit whose sentences are as near as given, from offset 10 of its article."""
    text = between.join(sentence for sentence, _ in sentences)
    starts, at = [], 10
    for sentence, _ in sentences:
        starts.append(at)
        at += len(sentence) + len(between)
    bounds = np.array([(s, s + len(t)) for s, (t, _) in zip(starts, sentences, strict=True)])
    similarities = np.array([value for _, value in sentences], np.float32)
    none = np.zeros((len(sentences), 2), np.float32)
    number = sum(article.encode())
    title, source = f"Report {article}", f"{article}.md"
    passage = StoredPassage(
        article, title, source, language, published, 10, 10 + len(text), text, id=number,
        vector=none[0], bounds=bounds,
        headings=np.array([i in headings for i in range(len(sentences))]),
        sentence_vectors=none, terms=(),
    )  # fmt: skip
    why = {"passage": whole, "sentence": near, "wording": 0.0}
    hit = Hit(
        article, title, source, language, published, 10, passage.end, text,
        rank=1, score=whole, passage_id=number, why=why,
    )  # fmt: skip
    likeness = np.array([[0.0, *(wordings or [0.0] * len(sentences))]], np.float32)
    held = Held(likeness, np.ones(1, np.float32), float(likeness.max()))
    near_it = np.array([whole, *similarities], np.float32)
    return Found(hit, passage, near_it, held, SCALE)

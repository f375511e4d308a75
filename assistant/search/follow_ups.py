"""Resolves follow-up questions, such as "and what did he say then?".

A question needs earlier turns if its words say so: it opens with "and", has a pronoun before any
name that the pronoun could refer to, or says very little. Then the earlier question is added to it,
with more weight the less it says itself: vectors are added, so that each passage and sentence
scores the weighted sum of its scores for both, and so are the words.

Changing the subject may also take few words: "why is the sea salty?" So a question without another
sign counts as a follow-up only if both questions, searched for separately, lead to the same
article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assistant.language.facts import Fact, Kind, facts
from assistant.language.keywords import words
from assistant.language.lexicon import lexicon
from assistant.models.article import UNKNOWN_LANGUAGE
from assistant.models.conversation import MAX_QUESTION, Turn
from assistant.models.filters import EVERYTHING, Filters
from assistant.models.records import Vectors
from assistant.search.found import Question
from assistant.search.retriever import Retriever
from assistant.search.word_match import QuestionWords

LITTLE = 4
"""Most content words of a question without a name or number that counts as a follow-up."""

MUCH = 7
"""Most content words with which a pronoun may refer to an earlier turn. After a question on another
subject, 1 of 428 self-contained questions is answered differently, and 6 of 276 that should be
refused are answered (32 and 68 if these two limits alone decided)."""

CONTEXT = 1.2
"""The earlier question's weight is this divided by the number of content words, at most 1. Of 42
follow-ups on the repository's articles 34 have their evidence quoted, 35 if every short question
counted as one."""

LOOK_BACK = 4
"""Most earlier questions considered, until one is self-contained."""

_SHOWN = 5  # words of the earlier question shown if it has no name


def in_context(
    retriever: Retriever, text: str, history: Sequence[Turn], filters: Filters = EVERYTHING
) -> tuple[Question, str]:
    """The question ``text`` completed from earlier turns, and how to show that.

    The second is the question with the earlier one's names in brackets, or "" if it is
    self-contained. The question's own ``text`` is left as asked. ``filters`` are those of the
    question: what they exclude does not influence whether it is self-contained.
    """
    own = retriever.understand(text)
    asked = [turn.content for turn in history if turn.role == "user"][-LOOK_BACK:]
    if not asked:
        return own, ""
    earlier = retriever.understand(asked[-1][-MAX_QUESTION:])
    if own.language == UNKNOWN_LANGUAGE:
        own = replace(own, language=earlier.language)
    if not needs_context(own):
        return own, ""
    for count in range(1, len(asked)):
        if not needs_context(earlier):
            break
        earlier = retriever.understand(" ".join(asked[-count - 1 :])[-MAX_QUESTION:])
    if not _leans(own, LITTLE) and not _lead_to_one_article(retriever, own, earlier, filters):
        return own, ""
    return _joined(own, earlier), _shown(own, earlier)


def needs_context(question: Question) -> bool:
    """Whether ``question`` may be a follow-up, by its words."""
    if _leans(question, MUCH):
        return True
    known = facts(question.text, question.language)
    meant = len(question.words.words)
    return meant <= LITTLE and not any(_is_told(fact, question) for fact in known)


def _leans(question: Question, most: int) -> bool:
    """Whether it opens with "and", or has an open pronoun and at most ``most`` content words."""
    said_before = lexicon(question.language).references
    if words(question.text)[0] in said_before.openings:
        return True
    known = facts(question.text, question.language)
    first_name = next((f.start for f in known if _is_name(f, question)), len(question.text))
    before = question.text[:first_name]
    if repeated := said_before.repeated_subject:
        before = re.sub(repeated, r"\1", before, flags=re.IGNORECASE)
    stand_ins = set(said_before.pronouns).intersection(words(before))
    return bool(stand_ins) and len(question.words.words) <= most


def _lead_to_one_article(
    retriever: Retriever, own: Question, earlier: Question, filters: Filters
) -> bool:
    articles = {
        found.passage.article for question in (own, earlier)
        for found in retriever.find(question, 1, filters)
    }  # fmt: skip
    return len(articles) == 1


def _joined(own: Question, earlier: Question) -> Question:
    """``own`` with the vector and the words of ``earlier`` added."""
    weight = min(1.0, CONTEXT / max(1, len(own.words.words)))
    new = [i for i, word in enumerate(earlier.words.words) if word not in own.words.words]
    joined = QuestionWords(
        (*own.words.words, *(earlier.words.words[i] for i in new)),
        np.concatenate([own.words.ids, earlier.words.ids[new]]),
        np.concatenate([own.words.vectors, earlier.words.vectors[new]]),
        own.language,
    )
    return replace(
        own,
        vector=_added(own.vector, weight, earlier.vector),
        gist=_added(own.gist, weight, earlier.gist),
        frequencies={**earlier.frequencies, **own.frequencies},
        words=joined,
    )


def _added(own: Vectors, weight: float, earlier: Vectors) -> Vectors:
    vector = own + weight * earlier
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def _shown(own: Question, earlier: Question) -> str:
    """The question as understood, for a reader: "Who paid for it? [Wikidata]"."""
    known = facts(earlier.text, earlier.language)
    names = [f.text for f in known if _is_name(f, earlier)]
    if not names:
        written = re.findall(r"[^\W_]+", earlier.text)
        names = [word for word in written if word.lower() in earlier.words.words][:_SHOWN]
    lower = own.text.lower()
    added = dict.fromkeys(name for name in names if name.lower() not in lower)
    return f"{own.text} [{', '.join(added)}]" if added else own.text


def _is_name(fact: Fact, question: Question) -> bool:
    """Whether it is a name, rather than a capitalized first word."""
    begins = re.search(r"[^\W_]", question.text)
    return fact.kind is Kind.NAME and fact.certain and (not begins or fact.start > begins.start())


def _is_told(fact: Fact, question: Question) -> bool:
    return fact.kind is not Kind.NAME or _is_name(fact, question)

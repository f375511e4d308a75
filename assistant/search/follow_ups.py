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

import math
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assistant.language.facts import Fact, Kind, facts
from assistant.language.facts.fact import flat
from assistant.language.function_words import function_words
from assistant.language.keywords import words
from assistant.language.lexicon import lexicon
from assistant.models.article import UNKNOWN_LANGUAGE
from assistant.models.conversation import MAX_QUESTION, Turn
from assistant.models.filters import EVERYTHING, Filters
from assistant.models.records import Vectors
from assistant.search.found import Question
from assistant.search.retriever import Retriever
from assistant.search.word_match import HELD, QuestionWords

LITTLE = 4
"""Most content words of a question that says little: a follow-up if it has a pronoun, and perhaps
if it has no name or number."""


def in_context(
    retriever: Retriever, text: str, history: Sequence[Turn], filters: Filters = EVERYTHING
) -> tuple[Question, str]:
    """The question ``text`` completed from earlier turns, and how to show that.

    The second is the whole question if there are words for it ("And in 2022?" asks the previous
    question of another year), else "". ``filters`` are those of the question: what they exclude
    does not influence whether it is self-contained.
    """
    own = retriever.understand(text)
    asked = [turn.content for turn in history if turn.role == "user"]
    if not asked:
        return own, ""
    earlier = retriever.understand(asked[-1][-MAX_QUESTION:])
    if own.language == UNKNOWN_LANGUAGE or _opens_like(text, earlier.language, own.language):
        own = retriever.understand(text, earlier.language)
    if not needs_context(own):
        return own, ""
    first = earlier
    if first.language == UNKNOWN_LANGUAGE:  # "Why?" alone
        first = retriever.understand(first.text, own.language)
    for count in range(1, len(asked)):
        before = retriever.understand(asked[-count - 1][-MAX_QUESTION:])
        if not _goes_on(retriever, first, before, filters):
            break
        first = before
        earlier = retriever.understand(" ".join(asked[-count - 1 :])[-MAX_QUESTION:])
    if not _goes_on(retriever, own, earlier, filters):
        return own, ""
    if whole := _filled(own, earlier):
        joined = retriever.understand(whole, own.language)
    else:
        joined = _joined(own, earlier, _weight(own))
    said = history[-1].content if history[-1].role == "assistant" else ""
    return replace(joined, earlier=earlier.text, said=said), whole


def with_story(retriever: Retriever, text: str, story: str) -> Question | None:
    """The question ``text`` completed from the ``story`` told before it in the same message.

    None if it has no pronoun: then it needs none of it, and the story may be about anything.
    """
    own = retriever.understand(text)
    if not _leans(own):
        return None
    told = retriever.understand(story, own.language)
    return replace(_joined(own, told, 1.0), earlier=story)


def completed(retriever: Retriever, question: Question, told: str) -> Question:
    """``question`` with what was ``told`` before it added."""
    other = retriever.understand(told, question.language)
    return replace(_joined(question, other, _weight(question)), earlier=told)


def opens_like_follow_up(text: str, language: str) -> bool:
    """Whether ``text`` begins with "and" or "but"."""
    return words(text)[0] in lexicon(language).references.openings


def _opens_like(text: str, earlier: str, own: str) -> bool:
    """Whether a question goes on in the language ``earlier`` and not in that which it seems to be
    in, as short ones do: "Et en 2021 ?".
    """
    return opens_like_follow_up(text, earlier) and not opens_like_follow_up(text, own)


def needs_context(question: Question) -> bool:
    """Whether ``question`` may be a follow-up, by its words."""
    if _leans(question):
        return True
    known = facts(question.text, question.language)
    return _says_little(question) and not any(_is_told(fact, question) for fact in known)


def _goes_on(retriever: Retriever, question: Question, before: Question, filters: Filters) -> bool:
    """Whether ``question`` is a follow-up on the one ``before`` it."""
    if not needs_context(question):
        return False
    told = _opens(question) or (_leans(question) and _says_little(question))
    return (
        told
        or _says_nothing(question)
        or _lead_to_one_article(retriever, question, before, filters)
    )


def _says_little(question: Question) -> bool:
    return len(question.words.words) <= LITTLE


def _opens(question: Question) -> bool:
    """Whether it opens with "and", or as one that asks the same of something else."""
    opens = opens_like_follow_up(question.text, question.language)
    return opens or bool(_asks_of_another(question))


def _leans(question: Question) -> bool:
    """Whether it opens as one that goes on, or has an open pronoun."""
    if _opens(question):
        return True
    said_before = lexicon(question.language).references
    known = facts(question.text, question.language)
    first_name = next((f.start for f in known if _is_name(f, question)), len(question.text))
    before = question.text[:first_name]
    if repeated := said_before.repeated_subject:
        before = re.sub(repeated, r"\1", before, flags=re.IGNORECASE)
    stand_ins = set(said_before.pronouns).intersection(words(before))
    points_back = stand_ins or words(question.text)[-1] in said_before.closings
    return bool(points_back or _asks_of_that(question))


def _asks_of_another(question: Question) -> str:
    """The words at its beginning that ask the question before of something else; "" if none do."""
    pattern = lexicon(question.language).references.of_another
    found = re.match(rf"\W*(?:{pattern})\b", flat(question.text)) if pattern else None
    return found[0] if found else ""


def _asks_of_that(question: Question) -> bool:
    """Whether it asks something of "this" or "that": "Was that a record?"."""
    known = lexicon(question.language)
    subject = re.match(rf"\W*(?:{known.parts.verbs})\s+(\w+)", question.text, re.IGNORECASE)
    return bool(known.parts.verbs and subject and subject[1].lower() in known.references.leaning)


def _lead_to_one_article(
    retriever: Retriever, own: Question, earlier: Question, filters: Filters
) -> bool:
    """Whether the best passages for both are of one article, which holds a word of ``own``: what
    is about something else leads to any.
    """
    of_own, of_earlier = (retriever.find(one, 1, filters) for one in (own, earlier))
    return any(
        one.passage.article == other.passage.article and one.held.likeness.max() > HELD
        for one in of_own for other in of_earlier
    )  # fmt: skip


def _filled(own: Question, earlier: Question) -> str:
    """The earlier question with the one date or name of ``own`` in place of its own; "" unless
    ``own`` says nothing else.
    """
    told = [fact for fact in facts(own.text, own.language) if _is_told(fact, own)]
    opening = {*lexicon(own.language).references.openings, *words(_asks_of_another(own))}
    said = set(own.words.words) - opening
    if len(told) != 1 or not said <= {*words(told[0].text), *function_words(own.language)}:
        return ""
    others = [fact for fact in facts(earlier.text, earlier.language) if _is_told(fact, earlier)]
    alike = [fact for fact in others if fact.kind is told[0].kind]
    if len(alike) != 1:
        return ""
    return f"{earlier.text[: alike[0].start]}{told[0].text}{earlier.text[alike[0].end :]}"


def _weight(own: Question) -> float:
    return 1 / math.sqrt(max(1, len(own.words.words)))


def _joined(own: Question, other: Question, weight: float) -> Question:
    """``own`` with the vector and the words of ``other`` added."""
    new = [i for i, word in enumerate(other.words.words) if word not in own.words.words]
    joined = QuestionWords(
        (*own.words.words, *(other.words.words[i] for i in new)),
        np.concatenate([own.words.ids, other.words.ids[new]]),
        np.concatenate([own.words.vectors, other.words.vectors[new]]),
        own.language,
        np.concatenate([own.words.tokens, other.words.tokens[new]]),
    )
    return replace(
        own,
        vector=_added(own.vector, weight, other.vector),
        frequencies={**other.frequencies, **own.frequencies},
        words=joined,
    )


def _says_nothing(question: Question) -> bool:
    """Whether it has a meaning only after another turn: "Who is she?", "Why?", "Tell me more"."""
    said_before = lexicon(question.language).references
    known = {*function_words(question.language), *said_before.pronouns, *said_before.more}
    return known.issuperset(question.words.words)


def _added(own: Vectors, weight: float, earlier: Vectors) -> Vectors:
    vector = own + weight * earlier
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def _is_name(fact: Fact, question: Question) -> bool:
    """Whether it is a name, rather than a capitalized first word."""
    begins = re.search(r"[^\W_]", question.text)
    return fact.kind is Kind.NAME and fact.certain and (not begins or fact.start > begins.start())


def _is_told(fact: Fact, question: Question) -> bool:
    return fact.kind is not Kind.NAME or _is_name(fact, question)

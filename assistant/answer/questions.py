"""A message becomes the questions in it, one after the other, without what leads up to them.

"Hello! I am new here. Where is the Bergen office and who looks after guests?" asks two things. Each
is answered by itself. Sentences that ask are told by their mark; two questions in one sentence by
the word that begins the second; and how much of an introduction is left out, by what comes nearest
to the articles.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from assistant.answer.quote.form import Form, form
from assistant.language.detection import detect_question_language
from assistant.language.keywords import words
from assistant.language.lexicon import lexicon
from assistant.language.periods import stated_period
from assistant.language.sentences import split_sentences
from assistant.models.conversation import MAX_QUESTION, Turn
from assistant.models.filters import Filters
from assistant.search.follow_ups import (
    completed,
    in_context,
    needs_context,
    opens_like_follow_up,
    with_story,
)
from assistant.search.found import Question
from assistant.search.retriever import Retriever

MOST_PARTS = 4
"""Questions of one message that are answered."""

MOST_CUTS = 3
"""Ways to leave out an introduction that are tried."""

# From the end of a text, which is turned round: looked for from each sign, it takes for ever.
_ASKS = re.compile(r"\W*?[?？؟;]")
_CLOSED = re.compile(r"\W*?[?？؟;.!]")


@dataclass(frozen=True, slots=True)
class Asking:
    """One question of a message, and what was said in the message before it."""

    text: str
    before: str


def understand(
    retriever: Retriever, text: str, history: Sequence[Turn], filters: Filters
) -> list[tuple[Question, str]]:
    """The questions in ``text``, in order, and of each how to show what it was understood as.

    Those before it in the message and the sentences that lead up to it count as said before.
    """
    meant = retriever.spelt(text, filters.clearance)
    language = detect_question_language(meant)
    understood: list[tuple[Question, str]] = []
    said = list(history)
    for one in questions_in(meant, language):
        turns = [*said, Turn("user", one.before[-MAX_QUESTION:])] if one.before else said
        plain = one.text
        if not (turns and opens_like_follow_up(plain, language)):
            plain = _without_introduction(retriever, plain, language, filters)
        whole = with_story(retriever, plain, one.before) if one.before else None
        question, shown = (whole, "") if whole else in_context(retriever, plain, turns, filters)
        told = one.before or (understood[-1][0].text if understood else "")
        if told and not question.earlier:
            question = _nearer(retriever, question, told, filters)
        period = stated_period(question.text, question.language, date.today())
        question = replace(question, period=period)
        understood.append((question, shown or (plain if meant != text else "")))
        said = [*said, Turn("user", plain)]
    return understood


def questions_in(text: str, language: str) -> list[Asking]:
    """The questions in ``text``, in order; all of it if none is told apart."""
    spans = split_sentences(text, language)
    asking = [span for span in spans if _ASKS.match(text[slice(*span)][::-1])]
    if not asking or len(spans) == 1:
        parts = [Asking(part, "") for part in _coordinated(text.strip(), language)]
    else:
        parts = [
            Asking(part, _said_before(text, spans, start, asking))
            for start, end in asking
            for part in _coordinated(text[start:end], language)
        ]
    meant = [one for one in parts if words(one.text)]
    return meant[:MOST_PARTS] or [Asking(text.strip(), "")]


def without_introduction(text: str, language: str) -> Iterator[str]:
    """Ways to read a question without its beginning, the longest first; none if it begins at once.

    Each begins at a word that begins a question, or, after what is no question, at a comma.
    """
    asks = lexicon(language).parts.words
    if asks and re.match(rf"\W*(?:{_lead(language)})\b", text, re.IGNORECASE):
        return
    cuts = {found.start("rest") for found in _inner(language).finditer(text)}
    if not _begins_with_verb(text, language):
        cuts |= {found.end() for found in re.finditer(r"[,;:.!–—]\s+", text)}
    places = sorted(cut for cut in cuts if 0 < cut < len(text))
    last = bisect_left(places, True, key=lambda cut: not words(text[cut:]))
    yield from (text[cut:].strip() for cut in places[max(0, last - MOST_CUTS) : last])


def _without_introduction(retriever: Retriever, text: str, language: str, filters: Filters) -> str:
    """``text`` without what leads up to the question, if that comes nearer to the articles."""
    shorter = list(without_introduction(text, language))
    return (
        max((text, *shorter), key=lambda one: _nearness(retriever, one, filters))
        if shorter
        else text
    )


def _nearer(retriever: Retriever, question: Question, told: str, filters: Filters) -> Question:
    """``question`` completed from what was ``told`` before it in the message, if it says little
    itself and that comes nearer to the articles.
    """
    if not needs_context(question):
        return question
    whole = completed(retriever, question, told)
    alone, joined = (
        max((one.hit.score for one in retriever.find(asked, 1, filters)), default=0.0)
        for asked in (question, whole)
    )
    return whole if joined > alone else question


def _nearness(retriever: Retriever, text: str, filters: Filters) -> float:
    """How near the nearest passage and the best sentence in it are to ``text``."""
    found = retriever.find(retriever.understand(text), 1, filters)
    return max((one.hit.why["passage"] + one.hit.why["sentence"] for one in found), default=0.0)


def _said_before(
    text: str, spans: list[tuple[int, int]], start: int, asking: list[tuple[int, int]]
) -> str:
    """The sentences before ``start`` that do not ask."""
    return " ".join(text[a:b] for a, b in spans if b <= start and (a, b) not in asking)


def _coordinated(sentence: str, language: str) -> list[str]:
    """The questions that a sentence joins by "and", each as it would be asked alone."""
    if not lexicon(language).parts.words or form(sentence, language) is Form.SIDES:
        return [sentence]
    cuts = [found.span("join") for found in _joint(language).finditer(sentence)]
    parts, begin = [], 0
    for start, end in cuts:
        asks = _begins_question(sentence[begin:start], language)
        if asks and not _asks_of_the_same(sentence[end:], language):
            parts.append(sentence[begin:start])
            begin = end
    parts.append(sentence[begin:])
    return [_closed(part) for part in parts]


def _begins_question(part: str, language: str) -> bool:
    """Whether ``part`` asks something by itself."""
    known = lexicon(language).parts
    opener = rf"\b(?:{known.words})\b|^\W*(?:{known.verbs})\b"
    return re.search(opener, part, re.IGNORECASE) is not None


def _asks_of_the_same(part: str, language: str) -> bool:
    """Whether ``part`` is a word that asks, and no more, as in "and to whom?"."""
    return re.fullmatch(rf"\W*{_lead(language)}\W*", part, re.IGNORECASE) is not None


def _closed(part: str) -> str:
    """``part`` with a question mark at its end, if it lost it."""
    trimmed = part.strip().rstrip(",;")
    return trimmed if _CLOSED.match(trimmed[::-1]) else f"{trimmed}?"


def _lead(language: str) -> str:
    """What a question begins with: a word that asks, with what stands before it."""
    known = lexicon(language).parts
    return rf"(?:(?:{known.prepositions})\s+){{0,2}}(?:{known.words})"


def _begins_with_verb(text: str, language: str) -> bool:
    verbs = lexicon(language).parts.verbs
    return bool(verbs) and re.match(rf"\W*(?:{verbs})\b", text, re.IGNORECASE) is not None


@cache
def _joint(language: str) -> re.Pattern[str]:
    """What joins two questions, as the group "join"."""
    known = lexicon(language).parts
    begins = rf"{_lead(language)}\b|(?:{known.verbs})\b"
    return re.compile(
        rf"(?P<join>(?:,|(?<![\s,]))\s+(?:{known.joins})\s+(?:(?:{known.also})\s+)?)(?={begins})",
        re.IGNORECASE,
    )


@cache
def _inner(language: str) -> re.Pattern[str]:
    """Where a question begins within a sentence, as the group "rest"."""
    if not lexicon(language).parts.words:
        return re.compile(r"(?P<rest>(?!))")
    return re.compile(rf"(?<=\s)(?P<rest>{_lead(language)}\b)", re.IGNORECASE)

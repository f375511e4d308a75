"""Chooses what the chat model reads: the best passages, or whole articles, as far as they fit.

Whole articles are read part by part, and the model notes what matters in each. Its notes only
choose sentences: the answer is written from these, and checked like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import accumulate

from assistant.answer.quote.form import Form, form, wants_table, wants_timeline
from assistant.answer.write.dialect import Message
from assistant.answer.write.model_stream import ChatModel
from assistant.answer.write.prompt import (
    BRIEF,
    LONG,
    NOTES,
    TABLE,
    TIMELINE,
    Extent,
    SourceSentence,
    answer_messages,
    is_no_answer,
    source_sentences,
)
from assistant.answer.write.sentences import RESTARTED, cited_sentences
from assistant.language.locales import spoken
from assistant.models.answer import Answer
from assistant.models.conversation import Turn
from assistant.search.found import Found, Question

BEST = 3
NEAR_BEST = 0.8
"""Passages that the model gets, besides those that are quoted, and the least share of the best
score that these have. Of 51 questions 46 are answered by the first, four by the second, which had
0.83 of the first's score or more; what adds nothing makes a small model slower and less sure."""

MOST_PASSAGES = 6

MOST_ARTICLES = 3

PART_TOKENS = 2_000
"""Tokens of a part: what a model on a laptop reads before the time for its first word is over."""

_ANSWER_SHARE = 0.25
"""The share of the context that is kept for the answer."""

_MARGIN = 0.8
"""Tokenizers differ: the share of the rest that may be filled, as ours counts."""

Count = Callable[[Sequence[str]], Sequence[int]]
"""Counts the tokens of each text."""

Read = Callable[[str], Found | None]
"""Reads an article, as one passage; None if it is not there to be seen."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some consecutive ``sentences`` of an article, the ``number``-th of ``of`` parts to read."""

    title: str
    sentences: Sequence[SourceSentence]
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class PromptSources:
    """What ``model`` reads, as many tokens as ``count`` says fit; ``read`` gets whole articles."""

    model: ChatModel
    count: Count
    read: Read

    @property
    def room(self) -> float:
        """Tokens of a prompt, as ``count`` counts them."""
        return self.model.context * (1 - _ANSWER_SHARE) * _MARGIN

    def gather(
        self, question: Question, found: Sequence[Found], quotes: Answer, waiting: Answer
    ) -> Generator[Answer, None, tuple[list[SourceSentence], int]]:
        """The sentences that may support the answer, and how many of them, the first, the model
        gets, while ``waiting`` is what is answered. Raises ``ChatModelError``.
        """
        articles = whole_articles(question, found, quotes, self.read)
        if not articles:
            shown = chosen(found, quotes)
            others = [one for one in found if not any(one is other for other in shown)]
            labelled = source_sentences(shown)
            return [*labelled, *source_sentences(others)], len(labelled)
        parts = parts_of(articles, self.count, min(PART_TOKENS, int(self.room)))
        every = [sentence for part in parts for sentence in part.sentences]
        noted = (yield from self._noted(question, parts, waiting)) if len(parts) > 1 else []
        if not noted:
            return every, len(every)
        rest = [one for place, one in enumerate(every) if place not in set(noted)]
        return [*(every[place] for place in noted), *rest], len(noted)

    def _noted(
        self, question: Question, parts: Sequence[Stretch], waiting: Answer
    ) -> Generator[Answer, None, list[int]]:
        """The places of the sentences that the model cites in its notes on all ``parts``, while
        the answer says which it reads. Raises ``ChatModelError``.
        """
        noted: set[int] = set()
        locale, before = spoken(question.language), 0
        for part in parts:
            told = locale.text("answer.reading", title=part.title, part=part.number, parts=part.of)
            waiting = replace(waiting, lead_in=told)
            yield waiting
            messages = answer_messages(
                question.text, question.language, part.sentences, extent=NOTES, doubted=True
            )
            known = len(part.sentences)
            written = cited_sentences(self.model, messages, question.language, known)
            with closing(written) as notes:
                count, cited = 0, set[int]()
                for note in notes:
                    if note is None:
                        yield waiting
                    elif note is RESTARTED:
                        count, cited = 0, set()
                    else:
                        count += 1
                        cited |= {number for number in note.cited if number <= known}
                        if count >= NOTES.most or is_no_answer(note.text):
                            break
            noted |= {before + number - 1 for number in cited}
            before += known
        return sorted(noted)

    def fitting(
        self,
        question: Question,
        sources: Sequence[SourceSentence],
        history: Sequence[Turn],
        length: Extent,
        doubted: bool,
    ) -> tuple[int, list[Message]]:
        """How many of ``sources``, the first, fit the model's context, and the messages with them:
        whole passages, as far as one fits. The model may decline if the sources are ``doubted``.
        """
        count = len(sources)
        while True:
            messages = answer_messages(
                question.text, question.language, sources[:count], history, length, doubted
            )
            if count < 2 or sum(self.count([text for _, text in messages])) <= self.room:
                return count, messages
            last = sources[count - 1].found
            first = next(i for i, one in enumerate(sources) if one.found is last)
            count = first or count // 2


def extent(question: Question) -> Extent:
    """How long the answer to ``question`` may be."""
    if wants_timeline(question.text, question.language):
        return TIMELINE
    if wants_table(question.text, question.language):
        return TABLE
    long = form(question.text, question.language) in (Form.SUMMARY, Form.SIDES, Form.SEVERAL)
    return LONG if long else BRIEF


def chosen(found: Sequence[Found], quotes: Answer) -> Sequence[Found]:
    """The passages that the model gets, best first: the best by score, and those quoted."""

    def quoted(one: Found) -> bool:
        return any(
            citation.article == one.passage.article
            and citation.start < one.passage.end
            and one.passage.start < citation.end
            for citation in quotes.citations
        )

    least = NEAR_BEST * max(one.hit.score for one in found)
    wanted = [
        one for place, one in enumerate(found)
        if (place < BEST and one.hit.score >= least) or quoted(one)
    ]  # fmt: skip
    return wanted[:MOST_PASSAGES]


def whole_articles(
    question: Question, found: Sequence[Found], quotes: Answer, read: Read
) -> list[Found]:
    """The articles that ``question`` wants as a whole, each as one passage: those quoted for a
    summary or a timeline, or the best found; for a comparison those quoted, if several are.
    """
    quoted = list(dict.fromkeys(citation.article for citation in quotes.citations))
    wanted = form(question.text, question.language)
    if wanted is Form.SUMMARY or wants_timeline(question.text, question.language):
        meant = quoted or [one.passage.article for one in found[:1]]
    elif wanted is Form.SIDES and len(quoted) > 1:
        meant = quoted
    else:
        return []
    articles = (read(article) for article in meant[:MOST_ARTICLES])
    return [article for article in articles if article is not None]


def parts_of(articles: Sequence[Found], count: Count, most: int) -> list[Stretch]:
    """The sentences of ``articles`` in parts of at most so many tokens."""
    cut = [
        (article.passage.title, part)
        for article in articles
        for part in _cut(source_sentences([article]), count, most)
    ]
    return [Stretch(title, part, n, len(cut)) for n, (title, part) in enumerate(cut, 1)]


def _cut(
    sentences: Sequence[SourceSentence], count: Count, most: int
) -> Iterator[Sequence[SourceSentence]]:
    """``sentences`` in as few parts of about the same size as ``most`` tokens allow."""
    sizes = count([one.text for one in sentences])
    pieces = -(-sum(sizes) // most)
    ends = [total * pieces // (sum(sizes) + 1) for total in accumulate(sizes)]
    for piece in range(pieces):
        part = [one for one, end in zip(sentences, ends, strict=True) if end == piece]
        if part:
            yield part

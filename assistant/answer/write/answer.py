"""Writes an answer with a chat model and checks it sentence by sentence.

Model output is never trusted: each sentence is checked against the articles, and its citation
points to the sentence of an article that was found to support it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Literal

from assistant.answer.translate.quotes import Translate, translation_of
from assistant.answer.verify.verifier import Verifier
from assistant.answer.write.dialect import Message
from assistant.answer.write.draft import WrittenDraft
from assistant.answer.write.markers import CitedSentence, MarkerParser
from assistant.answer.write.model_output import RESTART
from assistant.answer.write.model_stream import ChatModel
from assistant.answer.write.prompt import (
    BRIEF,
    NOTES,
    Extent,
    SourceSentence,
    answer_messages,
    check_messages,
    in_language,
    is_no_answer,
    source_sentences,
    translation_messages,
)
from assistant.answer.write.reading import (
    PART_TOKENS,
    Count,
    Read,
    Stretch,
    extent,
    parts_of,
    whole_articles,
)
from assistant.language.locales import spoken
from assistant.models.answer import Answer
from assistant.models.conversation import Turn
from assistant.search.found import Found, Question
from assistant.support.errors import ChatModelError, Trouble

logger = logging.getLogger(__name__)

BEST = 3
NEAR_BEST = 0.65
"""Passages that the model gets, besides those that are quoted, and the least share of the best
score that these have. Of 51 questions 46 are answered by the first, four by the second, which had
0.83 of the first's score or more; what adds nothing makes a small model slower and less sure."""

MOST_PASSAGES = 6

HOPE = 0.3
"""The least confidence of a refusal with which the model is asked all the same. Of the questions
about the articles that come with it, those refused though they are answered have 0.59 and more; of
those without an answer one in twenty has less than this."""

_ANSWER_SHARE = 0.25
"""The share of the context that is kept for the answer."""

_MARGIN = 0.8
"""Tokenizers differ: the share of the rest that may be filled, as ours counts."""

_NOTICES = {
    Trouble.UNAUTHORISED: "notice.unauthorised",
    Trouble.BUSY: "notice.busy",
    Trouble.UNAVAILABLE: "notice.unavailable",
    Trouble.REJECTED: "notice.unavailable",
    Trouble.OVERFLOW: "notice.unavailable",
    Trouble.TIMEOUT: "notice.timeout",
    Trouble.BROKEN: "notice.broken",
    Trouble.CUT: "notice.broken",
    Trouble.EMPTY: "notice.broken",
    Trouble.LOOPING: "notice.broken",
}


@dataclass(frozen=True, slots=True)
class AnswerWriter:
    """What writes: the chat model, what checks it, what counts tokens, reads articles whole, and
    translates an answer in the wrong language.
    """

    model: ChatModel
    verifier: Verifier
    count: Count
    read: Read
    translate: Translate
    unsupported: Literal["mark", "drop"] = "mark"
    check: Literal["own", "model"] = "own"

    @property
    def _room(self) -> float:
        """Tokens of a prompt, as ``count`` counts them."""
        return self.model.context * (1 - _ANSWER_SHARE) * _MARGIN

    def answer(
        self,
        question: Question,
        found: Sequence[Found],
        quotes: Answer,
        history: Sequence[Turn] = (),
    ) -> Iterator[Answer]:
        """Answer ``question`` in the words of the model, based on the sentences of ``found``.

        ``quotes`` is the complete answer in the articles' own words. If it is a refusal without
        hope, the model is not called. If the model fails at any point, the last item is ``quotes``
        with a notice. If it declines, or writes nothing that the articles support, quotes that were
        sure answer, below what it wrote; else it is a refusal with confidence 0. Otherwise the
        answer grows by one checked sentence at a time, starting with the first supported one.
        Unsupported sentences are marked, with a reason, or dropped. An item may repeat the one
        before it, so that the caller gets a chance to stop.
        """
        if not found or not _is_worth_asking(question, quotes):
            yield quotes
            return
        yield self._draft(question, [], 0, quotes).growing()
        try:
            yield from self._written(question, found, quotes, history)
        except ChatModelError as error:
            logger.warning("Falling back to quotes. %s", error)
            notice = spoken(question.language).text(_NOTICES[error.kind])
            notice = "" if quotes.refused else f"{notice} {quotes.notice}".strip()
            yield replace(quotes, notice=notice, trouble=error.kind)

    def _written(
        self,
        question: Question,
        found: Sequence[Found],
        quotes: Answer,
        history: Sequence[Turn],
    ) -> Iterator[Answer]:
        """The answer as it grows. Raises ``ChatModelError``."""
        length = extent(question)
        sources, count = yield from self._sources(question, found, quotes)
        insists = False
        while True:
            count, messages = self._fitting(question, sources[:count], history, length)
            if insists:
                messages = in_language(messages, question.language)
            draft = self._draft(question, sources, count, quotes)
            try:
                yield from self._drafted(draft, messages, length.most, patient=insists)
            except ChatModelError as error:
                if error.kind is not Trouble.OVERFLOW or count < 2:
                    raise
                count //= 2
                continue
            if draft.foreign and not insists:
                insists = True
                continue
            if self.check == "model":
                self._confirm(draft)
            yield self._concluded(draft)
            return

    def _sources(
        self, question: Question, found: Sequence[Found], quotes: Answer
    ) -> Generator[Answer, None, tuple[list[SourceSentence], int]]:
        """The sentences that may support the answer, and how many of them, the first, the model
        gets. Raises ``ChatModelError``.
        """
        articles = whole_articles(question, found, quotes, self.read)
        if not articles:
            shown = chosen(found, quotes)
            others = [one for one in found if not any(one is other for other in shown)]
            labelled = source_sentences(shown)
            return [*labelled, *source_sentences(others)], len(labelled)
        parts = parts_of(articles, self.count, min(PART_TOKENS, int(self._room)))
        every = [sentence for part in parts for sentence in part.sentences]
        noted = (yield from self._noted(question, parts, quotes)) if len(parts) > 1 else []
        if not noted:
            return every, len(every)
        rest = [one for place, one in enumerate(every) if place not in set(noted)]
        return [*(every[place] for place in noted), *rest], len(noted)

    def _noted(
        self, question: Question, parts: Sequence[Stretch], quotes: Answer
    ) -> Generator[Answer, None, list[int]]:
        """The places of the sentences that the model cites in its notes on all ``parts``, while
        the answer says which it reads. Raises ``ChatModelError``.
        """
        noted: set[int] = set()
        locale, before = spoken(question.language), 0
        waiting = self._draft(question, [], 0, quotes).growing()
        for part in parts:
            told = locale.text("answer.reading", title=part.title, part=part.number, parts=part.of)
            waiting = replace(waiting, lead_in=told)
            yield waiting
            messages = answer_messages(
                question.text, question.language, part.sentences, extent=NOTES
            )
            known = len(part.sentences)
            written = _cited_sentences(self.model, messages, question.language, known)
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

    def _concluded(self, draft: WrittenDraft) -> Answer:
        """The whole answer; one in another language than the asker's says so, with a translation of
        what is supported, where something translates it.
        """
        answer = draft.concluded()
        if not draft.foreign or answer.refused:
            return answer
        wanted = draft.question.language
        locale = spoken(wanted)
        notice = locale.text("notice.language", language=locale.language(draft.foreign))
        sentences = tuple(
            replace(
                one,
                translation=translation_of(one.text, draft.foreign, wanted, self.translate),
            )
            if one.supported
            else one
            for one in answer.sentences
        )
        notice = f"{notice} {answer.notice}".strip()
        return replace(answer, sentences=sentences, notice=notice)

    def _drafted(
        self, draft: WrittenDraft, messages: Sequence[Message], most: int, *, patient: bool
    ) -> Iterator[Answer]:
        """``draft`` as it grows; it may end early, as one in another language than asked does
        unless ``patient``. Raises ``ChatModelError``.
        """
        parsed = _cited_sentences(self.model, messages, draft.question.language, draft.shown)
        with closing(parsed) as written:
            try:
                for sentence in written:
                    if sentence is RESTARTED:
                        draft.restart()
                    elif sentence is not None and is_no_answer(sentence.text):
                        draft.declined = True
                        return
                    elif sentence is not None:
                        draft.add(sentence)
                        if draft.foreign and not patient:
                            return
                        if len(draft.sentences) >= most:
                            yield draft.growing()
                            return
                    yield draft.growing()
            except ChatModelError as error:
                # What was supported before an answer broke off at its limit stays.
                if error.kind is not Trouble.CUT or not draft.citations:
                    raise
                logger.info("Keeping what was written. %s", error)

    def _confirm(self, draft: WrittenDraft) -> None:
        """Have the model say which of the sentences their sources state; if it fails, what was
        found without it stays.
        """
        draft.waits = False
        asked = [
            (sentence.spelled, [draft.sources[i].text for i in verdict.sources])
            for sentence, verdict in zip(draft.sentences, draft.verdicts, strict=True)
        ]
        if not any(sources for _, sources in asked):
            return
        try:
            said = self.model.complete(check_messages(asked))
        except ChatModelError as error:
            logger.warning("The chat model did not check its sentences. %s", error)
            return
        draft.confirm({int(number) for number in re.findall(r"\d+", said)})

    def _draft(
        self, question: Question, sources: Sequence[SourceSentence], count: int, quotes: Answer
    ) -> WrittenDraft:
        drops = self.unsupported == "drop"
        waits = self.check == "model"
        return WrittenDraft(question, quotes, sources, count, self.verifier, drops, waits)

    def _fitting(
        self,
        question: Question,
        sources: Sequence[SourceSentence],
        history: Sequence[Turn],
        length: Extent,
    ) -> tuple[int, list[Message]]:
        """How many of ``sources``, the first, fit the model's context, and the messages with them:
        whole passages, as far as one fits.
        """
        count = len(sources)
        while True:
            messages = answer_messages(
                question.text, question.language, sources[:count], history, extent=length
            )
            if count < 2 or sum(self.count([text for _, text in messages])) <= self._room:
                return count, messages
            last = sources[count - 1].found
            first = next(i for i, one in enumerate(sources) if one.found is last)
            count = first or count // 2


def model_translation(model: ChatModel, text: str, _source: str, target: str) -> str:
    """``text`` in the language ``target`` as ``model`` puts it. Raises ``ChatModelError``."""
    written = " ".join(model.complete(translation_messages(text, target)).split())
    return written.removeprefix("<quotation>").removesuffix("</quotation>").strip()


ENDS = (*".!?…。！？।”»\"')",)
"""How a sentence ends that did not break off."""

RESTARTED = CitedSentence("", ())
"""In place of a sentence: those before it were no part of the answer."""


def _is_worth_asking(question: Question, quotes: Answer) -> bool:
    return not quotes.refused or quotes.confidence >= HOPE or extent(question) is not BRIEF


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


def _cited_sentences(
    model: ChatModel, messages: Sequence[Message], language: str, known: int
) -> Generator[CitedSentence | None, None, None]:
    """The sentences that ``model`` writes; None while it is silent.

    One that breaks off in the middle is left out. Raises ``ChatModelError``.
    """
    parser = MarkerParser(language, known)
    with closing(model.stream(messages)) as pieces:
        try:
            for piece in pieces:
                if piece.startswith(RESTART):
                    parser = MarkerParser(language, known)
                    yield RESTARTED
                yield from parser.feed(piece.removeprefix(RESTART)) if piece else (None,)
        except ChatModelError as error:
            if error.kind is Trouble.CUT:
                yield from (one for one in parser.close() if one.text.endswith(ENDS))
            raise
    yield from parser.close()

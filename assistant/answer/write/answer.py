"""Writes an answer with a chat model and checks it sentence by sentence.

Model output is never trusted: each sentence is checked against the articles, and its citation
points to the sentence of an article that was found to support it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Literal

from assistant.answer.translate.quotes import Translate, translation_of
from assistant.answer.verify.verifier import Verifier
from assistant.answer.write.dialect import Message
from assistant.answer.write.draft import WrittenDraft
from assistant.answer.write.model_stream import ChatModel
from assistant.answer.write.prompt import (
    BRIEF,
    SourceSentence,
    check_messages,
    in_language,
    is_no_answer,
    translation_messages,
)
from assistant.answer.write.reading import Count, PromptSources, Read, extent
from assistant.answer.write.sentences import RESTARTED, cited_sentences
from assistant.language.locales import spoken
from assistant.models.answer import Answer
from assistant.models.conversation import Turn
from assistant.search.found import Found, Question
from assistant.support.errors import ChatModelError, Trouble

logger = logging.getLogger(__name__)

HOPE = 0.2
"""The least relevance of a refusal with which the model is asked all the same. Of the questions of
the golden set that are refused, the one that the articles answer has 0.25; of the 21 others, ten of
them about anything else, twelve have less than this."""

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
        with a notice. If it writes nothing that answers and that the articles support, quotes are
        shown instead; if it declines and they are not sure, a refusal with confidence 0. Otherwise
        the answer grows by one checked sentence at a time, from the first on that answers.
        Unsupported sentences are marked, with a reason, or dropped. An item may repeat the one
        before it, so that the caller gets a chance to stop.
        """
        if not found or not _is_worth_asking(question, quotes):
            yield quotes
            return
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
        reads = PromptSources(self.model, self.count, self.read)
        waiting = self._draft(question, [], 0, quotes).growing()
        yield waiting
        sources, count = yield from reads.gather(question, found, quotes, waiting)
        insists = False
        while True:
            count, messages = reads.fitting(
                question, sources[:count], history, length, quotes.refused
            )
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
        parsed = cited_sentences(self.model, messages, draft.question.language, draft.shown)
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
        self,
        question: Question,
        sources: Sequence[SourceSentence],
        count: int,
        quotes: Answer,
    ) -> WrittenDraft:
        drops = self.unsupported == "drop"
        waits = self.check == "model"
        return WrittenDraft(question, quotes, sources, count, self.verifier, drops, waits)


def model_translation(model: ChatModel, text: str, _source: str, target: str) -> str:
    """``text`` in the language ``target`` as ``model`` puts it. Raises ``ChatModelError``."""
    written = " ".join(model.complete(translation_messages(text, target)).split())
    return written.removeprefix("<quotation>").removesuffix("</quotation>").strip()


def _is_worth_asking(question: Question, quotes: Answer) -> bool:
    return not quotes.refused or quotes.relevance >= HOPE or extent(question) is not BRIEF

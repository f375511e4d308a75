"""Writes an answer with a chat model and checks it sentence by sentence.

Model output is never trusted: each sentence is checked against the articles, and its citation
points to the sentence of an article that was found to support it.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.answer.verify.verifier import Source, Verifier
from assistant.answer.write.markers import CitedSentence, MarkerParser
from assistant.answer.write.model_stream import ChatModel
from assistant.answer.write.prompt import (
    SourceSentence,
    answer_messages,
    is_no_answer,
    source_sentences,
    standalone_messages,
    translation_messages,
)
from assistant.language.detection import detect_question_language
from assistant.language.facts import facts
from assistant.language.keywords import words
from assistant.language.locales import spoken
from assistant.models.answer import Answer, AnswerSentence, Citation
from assistant.models.article import UNKNOWN_LANGUAGE
from assistant.models.conversation import MAX_QUESTION, Turn
from assistant.search.found import Found, Question
from assistant.support.errors import ChatModelError, Trouble

logger = logging.getLogger(__name__)

MOST_REPEATS = 2
"""How often a model may repeat a sentence before it counts as looping."""

_NOTICES = {
    Trouble.UNAUTHORISED: "notice.unauthorised",
    Trouble.BUSY: "notice.busy",
    Trouble.UNAVAILABLE: "notice.unavailable",
    Trouble.REJECTED: "notice.unavailable",
    Trouble.TIMEOUT: "notice.timeout",
    Trouble.BROKEN: "notice.broken",
    Trouble.EMPTY: "notice.broken",
    Trouble.LOOPING: "notice.broken",
}
_REASONS = {
    "number": "unsupported.number",
    "date": "unsupported.date",
    "name": "unsupported.name",
    "meaning": "unsupported.meaning",
    "citation": "unsupported.citation",
}


def write_answer(
    question: Question,
    found: Sequence[Found],
    quotes: Answer,
    model: ChatModel,
    verifier: Verifier,
    history: Sequence[Turn] = (),
    unsupported: Literal["mark", "drop"] = "mark",
) -> Iterator[Answer]:
    """Answer ``question`` in the words of ``model``, based on the sentences of ``found``.

    ``quotes`` is the complete answer in the articles' own words. If it is a refusal, the model is
    not called. If the model fails at any point, the last item is ``quotes`` with a notice; if it
    declines, or writes nothing that the articles support, a refusal with confidence 0. Otherwise
    the answer grows by one checked sentence at a time, starting with the first supported one.
    Unsupported sentences are marked, with a reason, or dropped, as ``unsupported`` says. An item
    may repeat the one before it, so that the caller gets a chance to stop.
    """
    if quotes.refused:
        yield quotes
        return
    sources = source_sentences(found)
    draft = _Draft(question, quotes, sources, verifier, unsupported == "drop")
    messages = answer_messages(question.text, question.language, sources, history)
    yield draft.answer()
    try:
        with closing(_cited_sentences(model, messages, question.language, len(sources))) as written:
            for sentence in written:
                if sentence is not None and is_no_answer(sentence.text):
                    break
                if sentence is not None:
                    draft.add(sentence)
                yield draft.answer()
    except ChatModelError as error:
        logger.warning("Falling back to quotes. %s", error)
        notice = spoken(question.language).text(_NOTICES[error.kind])
        yield replace(quotes, notice=f"{notice} {quotes.notice}".strip(), trouble=error.kind)
        return
    yield draft.answer(complete=True)


def model_translation(model: ChatModel, text: str, _source: str, target: str) -> str:
    """``text`` in the language ``target`` as ``model`` puts it. Raises ``ChatModelError``."""
    written = " ".join(model.complete(translation_messages(text, target)).split())
    return written.removeprefix("<quotation>").removesuffix("</quotation>").strip()


def standalone_question(question: str, history: Sequence[Turn], model: ChatModel) -> str:
    """``question`` completed by ``model`` from earlier turns; unchanged if that fails.

    The result is used for the search only, so the worst it can do is find less.
    """
    if not history:
        return question
    try:
        written = model.complete(standalone_messages(question, history))
    except ChatModelError as error:
        logger.warning("Using the question unchanged. %s", error)
        return question
    line = next((line.strip() for line in written.splitlines() if line.strip()), "")
    line = line.removeprefix("<question>").removesuffix("</question>").strip()
    is_question = len(line) <= MAX_QUESTION and any(c.isalnum() for c in line)
    return line if is_question and not is_no_answer(line) else question


@dataclass(slots=True)
class _Draft:
    """The answer so far: text, checked sentences, citations."""

    question: Question
    quotes: Answer
    sources: Sequence[SourceSentence]
    verifier: Verifier
    drops: bool
    sentences: list[AnswerSentence] = field(default_factory=list)
    cited: dict[int, int] = field(default_factory=dict)  # index of a source -> its number
    repeats: dict[tuple[str, ...], int] = field(default_factory=dict)
    text: str = ""  # all that was written
    checked: list[Source] = field(init=False)

    def __post_init__(self) -> None:
        self.checked = [_to_check(one) for one in self.sources]

    def add(self, written: CitedSentence) -> None:
        """Check and add a sentence. Raises ``ChatModelError`` if the model loops.

        Drops repetitions, and sentences that neither cite nor state anything that articles could
        contain: "Here is what they say:" and "I hope this helps." need no mark of distrust.
        """
        self.text = f"{self.text} {written.text}"
        key = tuple(words(written.text)) or (written.text,)
        self.repeats[key] = self.repeats.get(key, -1) + 1
        if self.repeats[key] > MOST_REPEATS:
            raise ChatModelError("The chat model repeats its sentences.", Trouble.LOOPING)
        if self.repeats[key] or (not written.cited and written.text.endswith((":", "："))):
            return
        language = self._language()
        cited = [number - 1 for number in written.cited]
        verdict = self.verifier.check(written.text, language, cited, self.checked)
        if verdict.supported and verdict.source is not None:
            number = self.cited.setdefault(verdict.source, len(self.cited) + 1)
            self.sentences.append(AnswerSentence(written.text, True, (number,)))
        elif not self.drops and (
            written.cited or any(f.certain for f in facts(written.text, language))
        ):
            reason = spoken(self.question.language).text(
                _REASONS[verdict.reason], detail=verdict.detail
            )
            self.sentences.append(AnswerSentence(written.text, False, (), reason))

    def answer(self, *, complete: bool = False) -> Answer:
        """The answer so far; if complete without any support, a refusal."""
        locale = spoken(self.question.language)
        supported = any(sentence.supported for sentence in self.sentences)
        if complete and not supported:
            return replace(
                self.quotes, refused=True, lead_in=locale.text("answer.refused"),
                sentences=(), citations=(), nearest=self.quotes.citations, confidence=0.0,
                notice="",
            )  # fmt: skip
        return replace(
            self.quotes,
            lead_in=locale.text("answer.lead.written"),
            sentences=tuple(self.sentences) if supported else (),
            citations=self._citations() if supported else (),
            complete=complete,
        )

    def _language(self) -> str:
        """The language the model actually writes, which may differ from the requested one."""
        found = detect_question_language(self.text)
        return self.question.language if found == UNKNOWN_LANGUAGE else found

    def _citations(self) -> tuple[Citation, ...]:
        return tuple(self.sources[index].cite(number) for index, number in self.cited.items())


def _to_check(one: SourceSentence) -> Source:
    passage = one.found.passage
    return Source(
        one.text,
        passage.language,
        passage=one.found.hit.rank,
        # The sentences under a heading refer to it as "it", as they do to the title.
        title=f"{passage.title}. {one.heading}" if one.heading else passage.title,
        published=passage.published,
        vector=passage.sentence_vectors[one.index],
        context=passage.vector,
    )


def _cited_sentences(
    model: ChatModel, messages: Sequence[tuple[str, str]], language: str, known: int
) -> Generator[CitedSentence | None, None, None]:
    """The sentences that ``model`` writes; None while it is silent."""
    parser = MarkerParser(language, known)
    with closing(model.stream(messages)) as pieces:
        for piece in pieces:
            yield from parser.feed(piece) if piece else (None,)
    yield from parser.close()

"""The answer that a chat model writes, as it grows: text, checked sentences, citations."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from assistant.answer.judge.answer_kind import FACTS, asked, offers
from assistant.answer.verify.polarity import is_negated
from assistant.answer.verify.verifier import Source, Verdict, Verifier
from assistant.answer.write.markers import CitedSentence
from assistant.answer.write.prompt import BRIEF, SourceSentence
from assistant.answer.write.reading import extent
from assistant.language.detection import detect_question_language
from assistant.language.facts import facts, holds
from assistant.language.keywords import words
from assistant.language.locales import spoken
from assistant.models.answer import Answer, AnswerSentence, Certainty, Citation
from assistant.models.article import UNKNOWN_LANGUAGE
from assistant.models.table import row_cells
from assistant.search.found import Question
from assistant.support.errors import ChatModelError, Trouble

MOST_REPEATS = 2
"""How often a model may repeat a sentence before it counts as looping."""

TELLING = 40
"""Characters of an answer that tell its language."""

_REASONS = {
    "number": "unsupported.number",
    "date": "unsupported.date",
    "name": "unsupported.name",
    "meaning": "unsupported.meaning",
    "citation": "unsupported.citation",
}


@dataclass(slots=True)
class WrittenDraft:
    """A growing answer to ``question``. The first ``shown`` of ``sources`` have labels, by which
    the model cites them; the others may support what it writes, too.

    ``quotes`` is the answer in the articles' own words, or the refusal. ``drops``: sentences that
    are not supported are left out.
    """

    question: Question
    quotes: Answer
    sources: Sequence[SourceSentence]
    shown: int
    verifier: Verifier
    drops: bool
    waits: bool = False  # nothing is shown before the whole was confirmed
    sentences: list[AnswerSentence] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)  # of each of the sentences
    cited: dict[int, int] = field(default_factory=dict)  # index of a source -> its number
    repeats: dict[tuple[str, ...], int] = field(default_factory=dict)
    text: str = ""  # all that was written
    declined: bool = False  # the model said that the sources do not answer
    answers: bool = False  # one of the supported sentences answers
    checked: list[Source] = field(init=False)

    def __post_init__(self) -> None:
        # The sentences under a heading belong together, in an article read whole too.
        places = [(id(one.found.passage), one.heading) for one in self.sources]
        numbers = {place: number for number, place in enumerate(dict.fromkeys(places))}
        every = zip(self.sources, places, strict=True)
        self.checked = [_to_check(one, numbers[place]) for one, place in every]

    def add(self, written: CitedSentence) -> None:
        """Check and add a sentence. Raises ``ChatModelError`` if the model loops.

        Drops repetitions, the question said again, and sentences that neither cite nor state
        anything that articles could contain: "Here is what they say:" and "I hope this helps." need
        no mark of distrust. An answer that begins with "They do not say when." declines.
        """
        begins = not self.text
        self.text = f"{self.text} {written.text}".strip()
        key = tuple(words(written.text)) or (written.text,)
        self.repeats[key] = self.repeats.get(key, -1) + 1
        if self.repeats[key] > MOST_REPEATS:
            raise ChatModelError("The chat model repeats its sentences.", Trouble.LOOPING)
        if key == tuple(words(self.question.text)):
            return
        if self.repeats[key] or (not written.cited and written.text.endswith((":", "："))):
            return
        language = self._written_in()
        cited = [number - 1 for number in written.cited if number <= self.shown]
        sentence = AnswerSentence(written.text, False, (), columns=written.columns)
        verdict = self.verifier.check(
            _claim(sentence), language, cited, self.checked, self.question.text
        )
        tells = bool(written.cited) or self._tells(written.text, language)
        if verdict.supported:
            self._append(self._supported(sentence, verdict), verdict)
        elif not tells:
            self.declined = self.declined or (begins and is_negated(written.text, language))
        elif not self.drops:
            if verdict.reason == "meaning":
                verdict = replace(verdict, sources=tuple(cited))
            self._append(replace(sentence, reason=self._reason(verdict)), verdict)

    def confirm(self, stated: Container[int]) -> None:
        """Take over what another check says: the sentences with the numbers ``stated``, from 1, are
        supported, unless a number, date or name is nowhere; the others are not.
        """
        known = list(zip(self.sentences, self.verdicts, strict=True))
        self.sentences, self.verdicts, self.cited, self.answers = [], [], {}, False
        for number, (sentence, verdict) in enumerate(known, 1):
            if verdict.sources and number in stated:
                verdict = replace(verdict, supported=True, reason="")
                sentence = self._supported(sentence, verdict)
            elif verdict.supported:
                verdict = Verdict(False, reason="meaning")
                sentence = replace(
                    sentence, supported=False, citations=(), reason=self._reason(verdict)
                )
            if sentence.supported or not self.drops:
                self._append(sentence, verdict)

    def restart(self) -> None:
        """Forget what was written: it was thinking."""
        self.sentences, self.verdicts, self.cited, self.repeats = [], [], {}, {}
        self.text, self.declined, self.answers = "", False, False

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of the supported sentences so far, in order of their numbers."""
        return tuple(self.sources[index].cite(number) for index, number in self.cited.items())

    @property
    def foreign(self) -> str:
        """The language of the answer if it is certainly not the asker's, else ""."""
        if len(self.text) < TELLING or self.question.language == UNKNOWN_LANGUAGE:
            return ""
        written = self._written_in()
        return "" if written == self.question.language else written

    def growing(self) -> Answer:
        """The answer so far: its sentences as soon as one of them answers."""
        shows = self.answers and not self.waits
        return replace(
            self._written(),
            sentences=tuple(self.sentences) if shows else (),
            citations=self.citations if shows else (),
            complete=False,
        )

    def concluded(self) -> Answer:
        """The whole answer.

        Without a sentence that is supported and answers, quotes are shown as the nearest, below
        what may be true of the others, which is marked as not confirmed. It is a refusal only if
        quotes refuse, or if they were not sure, and the model found no answer or they hold nothing
        like the number or date asked for: a check that fails is no reason to refuse.
        """
        if self.answers:
            return replace(
                self._written(), sentences=tuple(self.sentences), citations=self.citations
            )
        locale = spoken(self.question.language)
        sure = self.quotes.certainty is Certainty.SURE
        if self.quotes.refused or (not sure and (self.declined or self._lacks_figure())):
            return replace(
                self.quotes, refused=True, certainty=Certainty.NONE, short=None, parts=(),
                lead_in=locale.text("answer.refused"), sentences=(), citations=(), related=(),
                nearest=self.quotes.citations or self.quotes.nearest, confidence=0.0, notice="",
            )  # fmt: skip
        # Beside unsure quotes numbers, dates and names that are nowhere are made up.
        every = () if self.declined else zip(self.sentences, self.verdicts, strict=True)
        unconfirmed = tuple(
            sentence for sentence, verdict in every
            if not sentence.supported and (sure or verdict.reason == "meaning")
        )  # fmt: skip
        return replace(
            self.quotes,
            certainty=Certainty.UNSURE,
            short=None,
            lead_in=locale.text("answer.unconfirmed" if unconfirmed else "answer.unsure"),
            sentences=(*unconfirmed, *self.quotes.sentences),
        )

    def _answers(self, sentence: AnswerSentence, verdict: Verdict) -> bool:
        """Whether ``sentence`` holds what the question asks for, or what is quoted supports it: a
        model that was not offered to decline also says what does not answer. A summary, a list or
        a table answers by what it holds.
        """
        if self.quotes.refused or extent(self.question) is not BRIEF:
            return True
        if self._offers(sentence.text, self._written_in()):
            return True
        cited = [self.sources[i].cite(0) for i in verdict.sources]
        return any(
            one.article == quote.article and one.start < quote.end and quote.start < one.end
            for one in cited
            for quote in self.quotes.citations
        )

    def _lacks_figure(self) -> bool:
        """Whether the question asks for a number or date and the quotes hold none besides its own.

        Names and reasons are not always known for such.
        """
        kind = asked(self.question.text, self.question.language)
        return kind in FACTS and not any(
            self._offers(quote.quote, quote.language) for quote in self.quotes.citations
        )

    def _offers(self, text: str, language: str) -> bool:
        """Whether ``text`` holds a thing of the kind that the question asks for."""
        question = self.question
        kind = asked(question.text, question.language)
        return offers(kind, text, language, facts(question.text, question.language))

    def _tells(self, text: str, language: str) -> bool:
        """Whether ``text`` states a fact that is not in the question."""
        asked = facts(self.question.text, self.question.language)
        return any(f.certain and not holds(asked, f) for f in facts(text, language))

    def _append(self, sentence: AnswerSentence, verdict: Verdict) -> None:
        self.answers = self.answers or (sentence.supported and self._answers(sentence, verdict))
        self.sentences.append(sentence)
        self.verdicts.append(verdict)

    def _supported(self, sentence: AnswerSentence, verdict: Verdict) -> AnswerSentence:
        """``sentence`` with the numbers of the citations that support it."""
        numbers = sorted(self.cited.setdefault(i, len(self.cited) + 1) for i in verdict.sources)
        return replace(sentence, supported=True, citations=tuple(numbers), reason="")

    def _reason(self, verdict: Verdict) -> str:
        return spoken(self.question.language).text(_REASONS[verdict.reason], detail=verdict.detail)

    def _written(self) -> Answer:
        """What is known of the answer before its first sentence."""
        quotes = self.quotes
        # The numbers of the quotes are not those of this answer.
        return replace(
            quotes, refused=False, nearest=(), related=(), short=None, parts=(),
            certainty=Certainty.UNSURE if quotes.refused else quotes.certainty,
            lead_in=spoken(self.question.language).text("answer.lead.written"),
            notice="" if quotes.refused else quotes.notice,
        )  # fmt: skip

    def _written_in(self) -> str:
        """The language the model actually writes, which may differ from the requested one."""
        found = detect_question_language(self.text)
        return self.question.language if found == UNKNOWN_LANGUAGE else found


def _claim(sentence: AnswerSentence) -> str:
    """What ``sentence`` states; a row of a table, as "Google: promised up to $2 billion"."""
    if not sentence.columns:
        return sentence.text
    first, *cells = row_cells(sentence.text)
    pairs = zip_longest(row_cells(sentence.columns)[1:], cells, fillvalue="")
    # A heading has its capital from its place, as the first word of a sentence does.
    said = [f"{head[:1].lower()}{head[1:]} {cell}".strip() for head, cell in pairs if cell]
    return f"{first}: {', '.join(said)}" if said else first


def _to_check(one: SourceSentence, number: int) -> Source:
    passage = one.found.passage
    return Source(
        one.text,
        passage.language,
        passage=number,
        # The sentences under a heading refer to it as "it", as they do to the title.
        title=f"{passage.title}. {one.heading}" if one.heading else passage.title,
        published=passage.published,
        vector=passage.sentence_vectors[one.index],
        context=passage.vector,
    )

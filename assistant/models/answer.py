"""Hits, citations and answers: what the assistant returns, and how each is written as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from assistant.models.citation_marks import unmarked
from assistant.models.extract import Extract
from assistant.models.records import ArticleSummary
from assistant.support.errors import Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit(Extract):
    """A passage that may answer a question.

    ``score`` is about 0 for unrelated texts and 1 for identical ones; ``why`` holds its parts by
    name. Hits come best first.
    """

    rank: int
    score: float
    passage_id: int
    why: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The hit as the command line's ``search --json`` prints it."""
        return {
            "rank": self.rank,
            "score": round(self.score, 4),
            **self.where(),
            "text": self.text,
            "why": {name: round(value, 4) for name, value in self.why.items()},
        }


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What a search found, best first; iterates over the hits. ``language`` is the asker's."""

    question: str
    language: str
    hits: tuple[Hit, ...]

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def to_json(self) -> dict[str, Any]:
        """The results as ``search --json`` prints them."""
        return {
            "question": self.question,
            "language": self.language,
            "hits": [hit.to_json() for hit in self.hits],
        }


class Certainty(StrEnum):
    """How an answer is given: outright, as what comes nearest, or not at all."""

    SURE = "sure"
    UNSURE = "unsure"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Translation:
    """What a machine makes of a quote in the asker's language.

    ``differs`` are the numbers, dates and names that only one of the two states, as written there.
    """

    text: str
    language: str
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation(Extract):
    """The exact words that an answer rests on.

    ``section`` is the heading that the words stand under, in the article's words; of a row of a
    table ``columns`` are the headings of its cells, parted as they are. "" where there is none.
    ``translation`` is there if it was asked for.
    """

    number: int
    section: str = ""
    columns: str = ""
    translation: Translation | None = None

    @property
    def quote(self) -> str:
        """Its words."""
        return self.text

    def to_json(self) -> dict[str, Any]:
        """The citation as ``ask --json`` prints it."""
        above = {"section": self.section, "columns": self.columns}
        return {
            "number": self.number,
            **self.where(),
            "quote": self.quote,
            **{name: words for name, words in above.items() if words},
            **_translation(self.translation),
        }


@dataclass(frozen=True, slots=True)
class Short:
    """The words within a citation's quote that answer by themselves: a date, sum, name or place.

    ``text`` is ``article.text[start:end]`` of the article that the citation ``citation`` quotes.
    """

    citation: int
    text: str
    start: int
    end: int

    def to_json(self) -> dict[str, Any]:
        """The words and their place as ``ask --json`` prints them."""
        return {
            "citation": self.citation, "text": self.text, "start": self.start, "end": self.end
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One of several questions that were asked at once; ``citations`` are those that answer it."""

    question: str
    certainty: Certainty
    citations: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """The part as ``ask --json`` prints it."""
        return {
            "question": self.question,
            "certainty": str(self.certainty),
            "citations": list(self.citations),
        }


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """One sentence of an answer, the numbers of its citations, and whether they support it.

    ``reason`` says, in the asker's language, why an unsupported sentence is not supported.
    """

    text: str
    supported: bool
    citations: tuple[int, ...]
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """The sentence as ``ask --json`` prints it."""
        return {
            "text": self.text,
            "supported": self.supported,
            "citations": list(self.citations),
            **({"reason": self.reason} if self.reason else {}),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, or a refusal.

    ``language`` is the asker's. ``lead_in`` is one line before the sentences, in that language, or
    "" where they need none; of a refusal it is the whole text. ``certainty`` says whether the
    articles say it outright, ``refused`` is true where it is ``NONE``. ``short`` are the words that
    answer, where that is sure; ``related`` are quotes that merely relate to the question and
    answer nothing. ``parts`` are the questions, if several were asked at once. ``nearest`` are the
    best passages' sentences, given with a refusal so that the reader can judge; they are not
    citations of anything claimed.

    ``confidence``, from 0 to 1, says how sure it is that the articles answer; an answer is refused
    if it is below the setting ``strictness``. ``understood`` is the question with what an earlier
    turn supplies, if it needed that. ``notice`` is a line in the asker's language on what the
    reader should know of how the answer came about, such as a chat model that failed. While an
    answer streams, ``complete`` is false and each item holds all that the one before it held, but
    for quotes that take the place of what a failing chat model wrote, which the notice tells;
    ``trouble`` then says what was wrong with it.

    A reply about the assistant itself or its library is all in ``lead_in``, without sentences and
    citations; ``articles`` are those that it names.
    """

    question: str
    language: str
    refused: bool
    lead_in: str
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Citation, ...] = ()
    related: tuple[Citation, ...] = ()
    certainty: Certainty = Certainty.SURE
    short: Short | None = None
    parts: tuple[Part, ...] = ()
    confidence: float = 1.0
    understood: str = ""
    notice: str = ""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    complete: bool = True
    trouble: Trouble | None = None
    articles: tuple[ArticleSummary, ...] = ()

    @property
    def text(self) -> str:
        """The answer as plain text, with citation numbers in square brackets, and the notice.

        Every number in square brackets is a citation's: those of other origin are in round ones.
        """
        lines = [self.lead_in] if self.lead_in else []
        for sentence in self.sentences:
            marks = "".join(f"[{n}]" for n in sentence.citations)
            why = "" if sentence.supported else f"({unmarked(sentence.reason)})"
            lines.append(" ".join(part for part in (unmarked(sentence.text), marks, why) if part))
        lines += [f"- {unmarked(one.title)} ({one.source})" for one in self.articles]
        return "\n".join([*lines, *filter(None, [unmarked(self.notice)])])

    def to_json(self) -> dict[str, Any]:
        """The answer as ``ask --json`` prints it."""
        return {
            "question": self.question,
            "language": self.language,
            "refused": self.refused,
            "answer": self.text,
            "sentences": [sentence.to_json() for sentence in self.sentences],
            "citations": [citation.to_json() for citation in self.citations],
            "nearest": [citation.to_json() for citation in self.nearest],
            "related": [citation.to_json() for citation in self.related],
            "certainty": str(self.certainty),
            **({"short": self.short.to_json()} if self.short else {}),
            **({"parts": [part.to_json() for part in self.parts]} if self.parts else {}),
            "confidence": round(self.confidence, 4),
            **({"understood": self.understood} if self.understood else {}),
            **({"notice": self.notice} if self.notice else {}),
            **({"articles": [_named(one) for one in self.articles]} if self.articles else {}),
            "timings_ms": {name: round(ms, 1) for name, ms in self.timings_ms.items()},
        }


def _translation(one: Translation | None) -> dict[str, Any]:
    if one is None:
        return {}
    differs = {"translation_differs": list(one.differs)} if one.differs else {}
    return {"translation": one.text, **differs}


def _named(one: ArticleSummary) -> dict[str, Any]:
    """An article that a reply names, in the words of a citation's JSON."""
    return {
        "article": one.id,
        "title": one.title,
        "source": one.source,
        "sources": list(one.sources),
        "language": one.language,
        "published": one.published.isoformat() if one.published else None,
    }

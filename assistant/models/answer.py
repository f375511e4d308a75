"""Hits, citations and answers: what the assistant returns, and their JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from assistant.models.citation_marks import unmarked
from assistant.models.records import ArticleSummary, Extract
from assistant.models.table import row_cells, with_headings
from assistant.support.errors import Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit(Extract):
    """A passage that may answer a question.

    ``score`` is about 0 for unrelated texts and 1 for identical ones; ``why`` holds its components
    by name. ``rank`` counts from the best hit.
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
    """How certain an answer is: outright, only the closest match, or a refusal."""

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

    ``section`` is the heading above the words, as the article has it; for a row of a table
    ``columns`` are the headings of its cells, separated like the cells. "" where there is none.
    ``translation`` is there if it was asked for.
    """

    number: int
    section: str = ""
    columns: str = ""
    translation: Translation | None = None

    @property
    def quote(self) -> str:
        """The quoted words."""
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
    """The words within a citation's quote that answer on their own: a date, sum, name or place.

    ``text`` is ``article.text[start:end]`` of the article that the citation ``citation`` quotes.
    """

    citation: int
    text: str
    start: int
    end: int

    def to_json(self) -> dict[str, Any]:
        """The short answer as ``ask --json`` prints it."""
        return {
            "citation": self.citation, "text": self.text, "start": self.start, "end": self.end
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One of several questions asked at once; ``citations`` are the numbers that answer it."""

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
    """One sentence of an answer, its citation numbers, and whether they support it.

    ``reason`` says, in the asker's language, why an unsupported sentence is not supported.
    ``translation`` is there if a chat model wrote it in another language. A row of a table that it
    wrote has its cells as the text and their headings as ``columns``, each divided by ``BAR``.
    """

    text: str
    supported: bool
    citations: tuple[int, ...]
    reason: str = ""
    translation: Translation | None = None
    columns: str = ""

    @property
    def spelled(self) -> str:
        """Its text; of a row, each cell after its heading."""
        return with_headings(row_cells(self.columns), self.text) if self.columns else self.text

    def to_json(self) -> dict[str, Any]:
        """The sentence as ``ask --json`` prints it."""
        return {
            "text": self.text,
            "supported": self.supported,
            "citations": list(self.citations),
            **({"reason": self.reason} if self.reason else {}),
            **({"columns": self.columns} if self.columns else {}),
            **_translation(self.translation),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, or a refusal.

    ``language`` is the asker's. ``lead_in`` is a line before the sentences, in that language, or ""
    if they need none; of a refusal it is the whole text. ``certainty`` says whether the articles
    say it outright; ``refused`` is true for ``NONE``. ``short`` are the words that answer, if that
    is certain; ``related`` are quotes that relate to the question without answering it. ``parts``
    are the questions, if several were asked at once. ``nearest`` are the closest sentences, shown
    with a refusal so that the reader can judge; they support no claim.

    ``relevance``, from 0 to 1, is the estimated probability that the articles are about what is
    asked; below the setting ``strictness`` the answer is refused. ``confidence`` is the estimated
    probability that they answer. ``understood`` is the question completed from
    earlier turns, if it needed that. ``notice`` tells the reader, in the asker's language, of
    anything unusual in how the answer came about, such as a failed chat model. While an answer
    streams, ``complete`` is false and each item extends the one before it, unless quotes replace
    the output of a failing chat model, as ``notice`` then says; ``trouble`` says how it failed.

    A reply about the assistant itself or its library is all in ``lead_in``, without sentences or
    citations; ``articles`` are those it names.
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
    relevance: float = 1.0
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

        Square brackets hold citation numbers only: numbers that the articles bracket are put in
        round ones.
        """
        lines = [self.lead_in] if self.lead_in else []
        for sentence in self.sentences:
            marks = "".join(f"[{n}]" for n in sentence.citations)
            made = f"({unmarked(sentence.translation.text)})" if sentence.translation else ""
            why = "" if sentence.supported else f"({unmarked(sentence.reason)})"
            told = (unmarked(sentence.spelled), marks, made, why)
            lines.append(" ".join(part for part in told if part))
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
            "relevance": round(self.relevance, 4),
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
    """An article named in a reply, with the keys of a citation's JSON."""
    return {
        "article": one.id,
        "title": one.title,
        "source": one.source,
        "sources": list(one.sources),
        "language": one.language,
        "published": one.published.isoformat() if one.published else None,
    }

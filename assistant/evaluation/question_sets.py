"""Reads question sets and corpora for evaluation, as JSON lines.

A question is ``{"question", "id"?, "lang"?, "kind"?, "answerable"?, "history"?, "turns"?}`` and,
unless ``answerable`` is false, the evidence that answers it, in one of three ways:

- about a folder: ``"evidence": [{"source" or "file", "quote"}]``, the quote in the article's own
  words (white space does not matter), or ``"start", "end"`` instead of it; without a quote the
  whole article is evidence, without a source the only article there is;
- about a corpus file (``{"id", "text", "title"?, "lang"?}`` a line):
  ``"doc_id", "start"?, "end"?``;
- about the ``"text"`` of the same record, in a file that is corpus and questions at once:
  ``"id", "gold_sentences": [quote]``.

``history`` is the conversation so far (``[{"role", "content"}]``); ``turns`` are questions to ask
before, whose answers become the history.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.language.detection import detect_language, language_code
from assistant.models.article import UNKNOWN_LANGUAGE, Article, Block
from assistant.models.conversation import Turn, check_question, turn
from assistant.support.errors import CorpusError, QuestionError
from assistant.support.json_lines import numbered_lines, parse_object

UNANSWERABLE = "unanswerable"
"""The default kind of an unanswerable question."""

UNRELATED = "unrelated"
"""The kind of a question about something else entirely."""

_EXPECTED = (
    "Expected a JSON object with question and, unless answerable is false, doc_id, gold_sentences, "
    "or evidence: a list of objects with source and quote"
)


@dataclass(frozen=True, slots=True)
class GoldEvidence:
    """Evidence: ``start`` to ``end`` or a quote, else the whole article.

    ``source`` is the article's, or "" for the only one.
    """

    source: str
    quote: str = ""
    start: int | None = None
    end: int | None = None

    def __str__(self) -> str:
        if self.quote:
            return self.quote
        return "the whole article" if self.start is None else f"{self.start} to {self.end}"

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Its places in the article's text. Raises ``ValueError`` if it is not there."""
        if self.start is not None and self.end is not None:
            words = text[self.start : self.end]
            if not words.strip() or (self.quote and words.split() != self.quote.split()):
                raise ValueError(f"{self.start} to {self.end} holds {words!r} there")
            return [(self.start, self.end)]
        if not self.quote:
            return [(0, len(text))]
        pattern = r"\s+".join(map(re.escape, self.quote.split()))
        if found := [match.span() for match in re.finditer(pattern, text)]:
            return found
        raise ValueError(f"the words {self.quote!r} are not in it")


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """A question with known evidence. ``place`` is its file and line.

    ``evidence`` is empty exactly if the articles do not answer it. ``language`` is that of the
    question, or ``UNKNOWN_LANGUAGE``. ``turns`` are asked before it, after ``history``.
    """

    place: str
    id: str
    question: str
    language: str
    kind: str
    evidence: tuple[GoldEvidence, ...] = ()
    history: tuple[Turn, ...] = ()
    turns: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        """Whether the articles answer it."""
        return bool(self.evidence)


@dataclass(frozen=True, slots=True)
class Case:
    """A question, and the sources of the articles that answer it (any of them counts)."""

    id: str
    question: str
    language: str
    kind: str
    gold: frozenset[str]


def read_questions(file: Path) -> list[GoldenQuestion]:
    """All questions of a JSON lines file. Raises ``QuestionError`` with the line."""
    return _read_each(file, _golden)


def read_unrelated(file: Path) -> list[GoldenQuestion]:
    """Questions about other things, as unanswerable questions.

    Only ``question`` is required. Raises ``QuestionError`` with the line.
    """

    def unrelated(record: Mapping[str, Any], place: str, number: int) -> GoldenQuestion:
        given = {name: record[name] for name in ("id", "question", "lang") if name in record}
        return _golden({**given, "kind": UNRELATED, "answerable": False}, place, number)

    return _read_each(file, unrelated)


def read_cases(file: Path) -> list[Case]:
    """The answerable questions of a JSON lines file, without those that need a conversation.

    Raises ``QuestionError``, which names the line.
    """
    cases = []
    for one in read_questions(file):
        if one.answerable and not one.turns and not one.history:
            gold = frozenset(evidence.source for evidence in one.evidence)
            if "" in gold:
                raise QuestionError(f"{one.place}: the evidence names no source. {_EXPECTED}.")
            cases.append(Case(one.id, one.question, one.language, one.kind, gold))
    return cases


def read_corpus(file: Path) -> list[Article]:
    """The articles of a corpus file; their ids there become their sources.

    Raises ``CorpusError``, which names the line.
    """
    articles: dict[str, Article] = {}
    for _, place, line in numbered_lines(file, CorpusError):
        try:
            record = parse_object(line)
            text, source = str(record["text"]), str(record["id"])
            declared = language_code(_text(record.get("lang") or ""))
        except KeyError as error:
            raise CorpusError(f"{place}: {error} is missing.") from error
        except (TypeError, ValueError) as error:
            raise CorpusError(f"{place}: {error}.") from error
        if source in articles:
            raise CorpusError(f"{place}: the id {source!r} is there twice.")
        language = declared or detect_language(text)
        title = str(record.get("title") or "")
        # Not stripped: offsets in questions refer to it.
        start = len(text) - len(text.lstrip())
        block = Block(start, max(start, len(text.rstrip())))
        articles[source] = Article(title, text, language, source, blocks=(block,))
    return list(articles.values())


def _golden(record: Mapping[str, Any], place: str, number: int) -> GoldenQuestion:
    question = _text(record["question"])
    answerable = record.get("answerable", True)
    evidence = _evidence(record) if answerable else ()
    if answerable and not evidence:
        raise ValueError("an answerable question without evidence")
    earlier = [_text(one) for one in record.get("turns") or ()]
    if earlier and earlier[-1] == question:
        earlier.pop()
    return GoldenQuestion(
        place,
        str(record.get("id", number)),
        check_question(question),
        _text(record.get("lang") or UNKNOWN_LANGUAGE),
        _text(record.get("kind") or ("" if answerable else UNANSWERABLE)),
        evidence,
        tuple(turn(one["role"], _text(one["content"])) for one in record.get("history") or ()),
        tuple(map(check_question, earlier)),
    )


def _evidence(record: Mapping[str, Any]) -> tuple[GoldEvidence, ...]:
    if "doc_id" in record:
        return (_piece(record, str(record["doc_id"]), ""),)
    if "gold_sentences" in record:
        own = str(record["id"])
        return tuple(GoldEvidence(own, _text(quote)) for quote in record["gold_sentences"])
    return tuple(
        _piece(
            one,
            _text(one.get("source") or one.get("file") or ""),
            _text(one.get("quote") or one.get("text") or ""),
        )
        for one in record["evidence"]
    )


def _piece(given: Mapping[str, Any], source: str, quote: str) -> GoldEvidence:
    start, end = given.get("start"), given.get("end")
    if not (source or quote):
        raise ValueError("evidence with neither source nor quote")
    if start is None and end is None:
        return GoldEvidence(source, quote)
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end):
        raise ValueError(f"start {start!r} and end {end!r} are not two offsets")
    return GoldEvidence(source, quote, start, end)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _read_each(
    file: Path, read: Callable[[Mapping[str, Any], str, int], GoldenQuestion]
) -> list[GoldenQuestion]:
    questions = []
    for number, place, line in numbered_lines(file, QuestionError):
        try:
            questions.append(read(parse_object(line), place, number))
        except KeyError as error:
            raise QuestionError(f"{place}: {error} is missing. {_EXPECTED}.") from error
        except (ValueError, TypeError, AttributeError, QuestionError) as error:
            raise QuestionError(f"{place}: {str(error).rstrip('.')}. {_EXPECTED}.") from error
    return questions

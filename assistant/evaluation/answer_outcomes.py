"""Asks golden questions and compares the answers with the evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant.assistant import Assistant
from assistant.evaluation.question_sets import GoldenQuestion, GoldEvidence
from assistant.models.answer import Answer, AnswerSentence, Citation
from assistant.models.article import Article
from assistant.models.conversation import Turn
from assistant.support.errors import QuestionError

FIRST = 3
"""The evidence must be among so many first citations."""

MISTAKEN, ELSEWHERE, ANYWAY = "refused by mistake", "other words cited", "answered anyway"
"""The failures: refused although answerable; answered without the evidence; answered although
unanswerable."""


@dataclass(frozen=True, slots=True)
class Gold:
    """The place of evidence: ``start`` to ``end`` of the article's text."""

    article: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AnswerOutcome:
    """The answer to a golden question.

    ``language`` is the question's, or ``UNKNOWN_LANGUAGE``; ``pair`` is that and the languages of
    the articles with its evidence ("en-fr"), or "" if none. ``exact`` says for each citation, then
    for each nearest passage, whether its quote matches the article at its offsets.
    """

    golden: GoldenQuestion
    answer: Answer
    pair: str
    gold: tuple[Gold, ...]
    exact: tuple[bool, ...]

    @property
    def language(self) -> str:
        """The question's language."""
        return self.golden.language

    @property
    def found(self) -> bool:
        """Whether one of the answer's first ``FIRST`` citations overlaps the evidence."""
        return any(map(self.is_gold, self.answer.citations[:FIRST]))

    @property
    def failure(self) -> str:
        """``MISTAKEN``, ``ELSEWHERE`` or ``ANYWAY``; "" for a good answer."""
        if not self.golden.answerable:
            return "" if self.answer.refused else ANYWAY
        if self.answer.refused:
            return MISTAKEN
        return "" if self.found else ELSEWHERE

    def is_gold(self, citation: Citation) -> bool:
        """Whether the cited words overlap the evidence."""
        return any(
            citation.article == gold.article
            and max(citation.start, gold.start) < min(citation.end, gold.end)
            for gold in self.gold
        )

    def cites_gold(self, sentence: AnswerSentence) -> bool:
        """Whether a citation of ``sentence`` overlaps the evidence."""
        cited = (c for c in self.answer.citations if c.number in sentence.citations)
        return any(map(self.is_gold, cited))

    def refused_at(self, strictness: float, asked_with: float) -> bool:
        """Whether it would be refused at another strictness than it was asked with.

        A refusal despite sufficient relevance had another reason, and remains one.
        """
        answer = self.answer
        return answer.relevance < strictness or (answer.refused and answer.relevance >= asked_with)

    def to_json(self) -> dict[str, Any]:
        """The question, the expected evidence, and the answer."""
        answer = self.answer
        return {
            "id": self.golden.id,
            "question": self.golden.question,
            "kind": self.golden.kind,
            "pair": self.pair,
            "failure": self.failure,
            "relevance": round(answer.relevance, 4),
            "confidence": round(answer.confidence, 4),
            "expected": [{"source": e.source, "quote": e.quote} for e in self.golden.evidence],
            "cited": [{"source": c.source, "quote": c.quote} for c in answer.citations],
            "nearest": [{"source": c.source, "quote": c.quote} for c in answer.nearest],
        }


def ask_all(
    assistant: Assistant,
    questions: Sequence[GoldenQuestion],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[AnswerOutcome, ...]:
    """Ask every question in its conversation, after a warm-up with the first.

    Raises ``QuestionError`` if there is none, or if its evidence is not in the articles.
    """
    if not questions:
        raise QuestionError("There are no questions to evaluate.")
    by_source = {source: one.id for one in assistant.articles() for source in one.sources}
    article = cache(assistant.article)
    golds = [_locate(question, by_source, article) for question in questions]
    assistant.ask(questions[0].question)
    outcomes = []
    for done, (question, gold) in enumerate(zip(questions, golds, strict=True), 1):
        answer = _ask(assistant, question)
        cited = (*answer.citations, *answer.nearest)
        exact = tuple(article(c.article).text[c.start : c.end] == c.quote for c in cited)
        of_gold = "/".join(sorted({article(one.article).language for one in gold}))
        pair = f"{question.language}-{of_gold}" if gold else ""
        outcomes.append(AnswerOutcome(question, answer, pair, gold, exact))
        progress(done, len(questions))
    return tuple(outcomes)


def _ask(assistant: Assistant, golden: GoldenQuestion) -> Answer:
    history = list(golden.history)
    for earlier in golden.turns:
        answer = assistant.ask(earlier, history)
        history += [Turn("user", earlier), Turn("assistant", answer.text)]
    return assistant.ask(golden.question, history)


def _locate(
    golden: GoldenQuestion, by_source: Mapping[str, str], article: Callable[[str], Article]
) -> tuple[Gold, ...]:
    """All places of the evidence."""
    gold = []
    for evidence in golden.evidence:
        try:
            found = article(_article_of(evidence, by_source))
            gold += [Gold(found.id, start, end) for start, end in evidence.spans(found.text)]
        except ValueError as error:
            where = f" in {evidence.source}" if evidence.source else ""
            raise QuestionError(
                f"{golden.place}: the evidence{where} cannot be found: {error}. Compare it with "
                "what `assistant show` prints for the article."
            ) from error
    return tuple(gold)


def _article_of(evidence: GoldEvidence, by_source: Mapping[str, str]) -> str:
    if evidence.source in by_source:
        return by_source[evidence.source]
    articles = set(by_source.values())
    if not evidence.source and len(articles) == 1:
        return articles.pop()
    raise ValueError(
        "no article has this source"
        if evidence.source
        else f"it names no source, and there are {len(articles)} articles"
    )

"""Question sets in, measures out: how often a search finds the article that holds the answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from assistant.answers import Hit
from assistant.articles import Article
from assistant.centring import Centring
from assistant.embedding import Embedder
from assistant.errors import QuestionError
from assistant.index import Index
from assistant.library import Library
from assistant.question_sets import Case
from assistant.retrieval import Retriever
from assistant.sync import add_articles

DEPTH = 10
"""Hits that are looked at: a gold article below counts as not found."""

RECALLS = (1, 5, 10)

Search = Callable[[str, int], Iterable[Hit]]
"""A question and how many hits are wanted, to the hits, best first: ``Assistant.search``."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found for a case. ``rank`` is that of the first hit from a gold article, counted
    from 1, or None; ``pair`` is the languages of the question and of that article ("en-fr").
    """

    case: Case
    rank: int | None
    pair: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """A share with its 95 % interval, all in 0..1."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}-{self.high:.3f})"


@dataclass(frozen=True, slots=True)
class Row:
    """The measures of a group of outcomes; ``recalls`` has one for each of ``RECALLS``."""

    group: str
    count: int
    recalls: tuple[Measure, ...]
    mrr: Measure

    def to_json(self) -> dict[str, Any]:
        """Names and numbers; a measure is a list of value, low, high."""
        measures = {f"R@{k}": m for k, m in zip(RECALLS, self.recalls, strict=True)}
        measures[f"MRR@{DEPTH}"] = self.mrr
        return {
            "group": self.group,
            "questions": self.count,
            **{n: [round(x, 4) for x in (m.value, m.low, m.high)] for n, m in measures.items()},
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcomes of a question set, in its order."""

    outcomes: tuple[Outcome, ...]

    @property
    def misses(self) -> tuple[Outcome, ...]:
        """The outcomes whose first hit is not from a gold article."""
        return tuple(one for one in self.outcomes if one.rank != 1)

    def rows(self) -> list[Row]:
        """All questions, then each pair of languages and each kind in each asker's language."""
        groups: dict[str, list[Outcome]] = defaultdict(list)
        for one in self.outcomes:
            groups[one.pair].append(one)
            if one.case.kind:
                groups[f"{one.case.language} {one.case.kind}"].append(one)
        return [_row("all", self.outcomes), *(_row(name, groups[name]) for name in sorted(groups))]

    def by_rank(self) -> dict[str, list[float]]:
        """For each pair of languages, the share found up to rank 1, 2 … ``DEPTH``."""
        pairs = sorted({one.pair for one in self.outcomes})
        ranks = {
            p: [one.rank or DEPTH + 1 for one in self.outcomes if one.pair == p] for p in pairs
        }
        return {
            pair: [float(np.mean(np.array(found) <= k)) for k in range(1, DEPTH + 1)]
            for pair, found in ranks.items()
        }

    def to_table(self) -> str:
        """The rows as plain text, a line each."""
        rows = self.rows()
        width = max(len(row.group) for row in rows)
        names = [*(f"R@{k}" for k in RECALLS), f"MRR@{DEPTH}"]
        head = f"{'':{width}}  {'n':>5}  " + "  ".join(f"{name:19}" for name in names)
        lines = [
            f"{row.group:{width}}  {row.count:5}  "
            + "  ".join(f"{measure!s:19}" for measure in (*row.recalls, row.mrr))
            for row in rows
        ]
        return "\n".join(line.rstrip() for line in (head, *lines))

    def to_json(self) -> dict[str, Any]:
        """The rows, the recall by rank, and each miss with what was found instead."""
        return {
            "rows": [row.to_json() for row in self.rows()],
            "recall_by_rank": self.by_rank(),
            "misses": [
                {
                    "id": one.case.id,
                    "question": one.case.question,
                    "pair": one.pair,
                    "rank": one.rank,
                    "expected": sorted(one.case.gold),
                    "found": [hit.source for hit in one.hits[:3]],
                }
                for one in self.misses
            ],
        }


def evaluate(search: Search, cases: Sequence[Case], languages: Mapping[str, str]) -> Evaluation:
    """Ask every case. ``languages`` gives the language of each source.

    Raises ``QuestionError`` if there is no case, or if one names a source that is not there.
    """
    if not cases:
        raise QuestionError("There is no answerable question to evaluate.")
    for case in cases:
        if missing := case.gold - languages.keys():
            raise QuestionError(
                f"Question {case.id} expects {', '.join(sorted(missing))}, which is not among the "
                "articles. Check doc_id or evidence, and the corpus."
            )
    return Evaluation(tuple(_ask(search, case, languages) for case in cases))


@contextmanager
def searching(articles: Iterable[Article], embedder: Embedder, cache: Path) -> Iterator[Search]:
    """A search of ``articles`` alone, in a library that is gone afterwards.

    They go through what a sync does, but for reading files. ``cache`` is ``Settings.cache``.
    """
    with TemporaryDirectory(prefix="evaluation-", ignore_cleanup_errors=True) as folder:
        library = Library(Path(folder))
        index = Index(Path(folder) / "index")
        centring = Centring(embedder, cache / "means")
        index.rebuild([], library.revision)
        try:
            add_articles(articles, library, index, embedder, centring)
            retriever = Retriever(library, index, embedder, centring)

            def search(question: str, top: int) -> list[Hit]:
                return [one.hit for one in retriever.find(retriever.understand(question), top)]

            yield search
        finally:
            index.close()
            library.close()


def wilson(found: int, count: int, z: float = 1.96) -> Measure:
    """A share with Wilson's score interval, at 95 % by default (Wilson 1927)."""
    share = found / count
    spread = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    middle, scale = share + z * z / (2 * count), 1 + z * z / count
    return Measure(
        share,
        max(0.0, float((middle - spread) / scale)),
        min(1.0, float((middle + spread) / scale)),
    )


def bootstrap(values: Sequence[float], samples: int = 1_000) -> Measure:
    """A mean with the interval that 95 % of the means of ``samples`` resamples lie in.

    The draws are the same every time.
    """
    drawn = np.random.default_rng(0).choice(np.asarray(values), (samples, len(values)))
    low, high = np.percentile(drawn.mean(axis=1), [2.5, 97.5])
    return Measure(float(np.mean(values)), float(low), float(high))


def _ask(search: Search, case: Case, languages: Mapping[str, str]) -> Outcome:
    hits = tuple(search(case.question, DEPTH))
    ranks = (rank for rank, hit in enumerate(hits, 1) if hit.source in case.gold)
    of_gold = "/".join(sorted({languages[source] for source in case.gold}))
    return Outcome(case, next(ranks, None), f"{case.language}-{of_gold}", hits)


def _row(group: str, outcomes: Sequence[Outcome]) -> Row:
    ranks = [one.rank for one in outcomes]
    recalls = (wilson(sum(r is not None and r <= k for r in ranks), len(ranks)) for k in RECALLS)
    return Row(group, len(ranks), tuple(recalls), bootstrap([1 / r if r else 0.0 for r in ranks]))

"""Measures how often a search finds the article with the answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from assistant.assistant import Assistant
from assistant.embedding import Embedder
from assistant.embedding.centring import Centring
from assistant.evaluation.measures import Row, bootstrap, table, wilson
from assistant.evaluation.question_sets import Case
from assistant.ingest.sync import add_articles
from assistant.models.answer import Hit
from assistant.models.article import Article
from assistant.store.engine import Engine
from assistant.store.index import Index
from assistant.store.library import Library
from assistant.support.errors import QuestionError
from assistant.support.settings import Settings

DEPTH = 10
"""Hits considered: a gold article further down counts as not found."""

RECALLS = (1, 5, 10)

Search = Callable[[str, int], Iterable[Hit]]
"""Takes a question and a number of hits, returns the hits, best first: ``Assistant.search``."""


@dataclass(frozen=True, slots=True)
class RetrievalOutcome:
    """The result of a case. ``rank`` is that of the first hit from a gold article, counted from 1,
    or None; ``pair`` is the languages of the question and of that article ("en-fr").
    """

    case: Case
    rank: int | None
    pair: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcomes of a question set, in its order."""

    outcomes: tuple[RetrievalOutcome, ...]

    @property
    def misses(self) -> tuple[RetrievalOutcome, ...]:
        """The outcomes whose first hit is not from a gold article."""
        return tuple(one for one in self.outcomes if one.rank != 1)

    def rows(self) -> list[Row]:
        """All questions, then each language pair, then each kind in each question's language."""
        groups: dict[str, list[RetrievalOutcome]] = defaultdict(list)
        for one in self.outcomes:
            groups[one.pair].append(one)
            if one.case.kind:
                groups[f"{one.case.language} {one.case.kind}"].append(one)
        return [_row("all", self.outcomes), *(_row(name, groups[name]) for name in sorted(groups))]

    def by_rank(self) -> dict[str, list[float]]:
        """By language pair, the share found up to rank 1, 2 … ``DEPTH``."""
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
        return table(self.rows())

    def list_misses(self) -> str:
        """Each miss with the expected and the found articles, as plain text."""
        return "\n".join(
            f"{one.case.question} [{one.case.id}, {one.pair}, rank {one.rank}]\n"
            f"  expected: {', '.join(sorted(one.case.gold))}\n"
            f"  found: {', '.join(hit.source for hit in one.hits[:3])}"
            for one in self.misses
        )

    def to_json(self) -> dict[str, Any]:
        """The rows, the recall by rank, and each miss with the articles found."""
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
    """Ask every case. ``languages`` maps sources to languages.

    Raises ``QuestionError`` if there is no case, or if one names a source that is not there.
    """
    if not cases:
        raise QuestionError("There are no answerable questions to evaluate.")
    for case in cases:
        if missing := case.gold - languages.keys():
            raise QuestionError(
                f"Question {case.id} expects {', '.join(sorted(missing))}, which is not among the "
                "articles. Check doc_id or evidence, and the corpus."
            )
    return Evaluation(tuple(_ask(search, case, languages) for case in cases))


@contextmanager
def assisting(
    articles: Iterable[Article], embedder: Embedder, settings: Settings
) -> Iterator[Assistant]:
    """A temporary assistant over ``articles`` alone.

    Articles go through the sync except for reading files. ``settings.data`` is not touched.
    """
    with TemporaryDirectory(prefix="evaluation-", ignore_cleanup_errors=True) as folder:
        _fill(Path(folder), articles, embedder, settings.cache)
        # Constructed rather than copied, so that the settings are validated.
        apart = Settings(**{**settings.model_dump(), "data": Path(folder)})
        assistant = Assistant(apart, embedder)
        try:
            yield assistant
        finally:
            assistant.close()


@contextmanager
def searching(articles: Iterable[Article], embedder: Embedder, cache: Path) -> Iterator[Search]:
    """A search of ``articles`` alone, as in ``assisting``. ``cache`` is ``Settings.cache``."""
    with assisting(articles, embedder, Settings(cache=cache)) as assistant:
        yield assistant.search


def _fill(folder: Path, articles: Iterable[Article], embedder: Embedder, cache: Path) -> None:
    """Build a library of ``articles`` and its index where an assistant looks for them."""
    library = Library(folder)
    index = Index(folder / "index")
    try:
        index.rebuild([], library.revision)
        centring = Centring(embedder, cache / "means")
        add_articles(articles, Engine(folder, library, embedder, centring, index))
        with library.change():
            library.put("synced", "")  # otherwise the first question would read the corpus
    finally:
        index.close()
        library.close()


def _ask(search: Search, case: Case, languages: Mapping[str, str]) -> RetrievalOutcome:
    hits = tuple(search(case.question, DEPTH))
    ranks = (rank for rank, hit in enumerate(hits, 1) if hit.source in case.gold)
    of_gold = "/".join(sorted({languages[source] for source in case.gold}))
    return RetrievalOutcome(case, next(ranks, None), f"{case.language}-{of_gold}", hits)


def _row(group: str, outcomes: Sequence[RetrievalOutcome]) -> Row:
    ranks = [one.rank for one in outcomes]
    recalls = {
        f"R@{k}": wilson(sum(r is not None and r <= k for r in ranks), len(ranks)) for k in RECALLS
    }
    mrr = bootstrap([1 / r if r else 0.0 for r in ranks])
    return Row(group, len(ranks), {**recalls, f"MRR@{DEPTH}": mrr})

"""What the articles lack: questions without a good answer, grouped by likeness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.embedding import Embedder
from assistant.models.records import Vectors

ALIKE = 0.9
"""Least cosine of two questions in one group. With the bundled model, of 25 questions about ten
things in three languages, 83 % of the pairs about one thing reach it, and 3 % of the others, which
are about close things ("How many days of leave ...", "How many days of sick leave ...")."""

MOST_QUESTIONS = 5_000
"""Different questions that are grouped, the newest ones."""

LACKS = ("refused", "unsure", "down")
"""What was wrong: no answer, an unsure one, or one that readers found unhelpful."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that are alike, the most frequent first, and how often each lack was met.

    ``last`` is when one was last asked (ISO 8601, UTC).
    """

    questions: tuple[str, ...]
    lacks: Mapping[str, int]
    last: str

    @property
    def count(self) -> int:
        """How often one of them was asked in vain."""
        return sum(self.lacks.values())

    def to_json(self) -> dict[str, Any]:
        """The group as ``gaps --json`` prints it."""
        return {
            "question": self.questions[0],
            "count": self.count,
            **{lack: self.lacks.get(lack, 0) for lack in LACKS},
            "last": self.last,
            "questions": list(self.questions),
        }


def grouped(entries: Iterable[Mapping[str, Any]], embedder: Embedder) -> list[Gap]:
    """The questions of ``entries`` by likeness, the most frequent group first.

    Each entry has a ``question``, a ``lack`` and a ``time``. A question joins the group whose most
    frequent question is nearest to it, if they are alike.
    """
    asked: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        question = " ".join(str(entry["question"]).split())
        asked[question] = [*asked.pop(question, []), entry]  # the newest come last
    newest = list(asked)[-MOST_QUESTIONS:]
    questions = sorted(newest, key=lambda one: len(asked[one]), reverse=True)
    groups: list[list[str]] = []
    for question, group in zip(questions, _groups(embedder.embed_passages(questions)), strict=True):
        if group == len(groups):
            groups.append([])
        groups[group].append(question)
    gaps = (_gap(group, [entry for one in group for entry in asked[one]]) for group in groups)
    return sorted(gaps, key=lambda gap: (gap.count, gap.last), reverse=True)


def _groups(vectors: Vectors) -> list[int]:
    """The number of each vector's group, counted up in the order in which they first appear."""
    leaders = np.empty_like(vectors)
    found: list[int] = []
    count = 0
    for vector in vectors:
        near = leaders[:count] @ vector
        nearest = int(near.argmax()) if count else 0
        if not count or near[nearest] < ALIKE:
            leaders[count] = vector
            nearest, count = count, count + 1
        found.append(nearest)
    return found


def _gap(questions: list[str], entries: list[Mapping[str, Any]]) -> Gap:
    lacks = Counter(str(entry["lack"]) for entry in entries)
    return Gap(tuple(questions), lacks, max(str(entry["time"]) for entry in entries))

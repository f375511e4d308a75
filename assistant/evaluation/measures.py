"""Shares and means with confidence intervals, and their table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

NOTHING = "–"
"""The cell of a group with nothing to measure."""


def written(value: float | None) -> str:
    """A share for reading."""
    return NOTHING if value is None else f"{value:.3f}"


@dataclass(frozen=True, slots=True)
class Measure:
    """A share or mean with its 95 % interval, all in 0..1."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}-{self.high:.3f})"

    def to_json(self) -> list[float]:
        """Value, low, high."""
        return [round(x, 4) for x in (self.value, self.low, self.high)]


@dataclass(frozen=True, slots=True)
class Row:
    """The measures, by name, of a group of ``count`` questions; None if there is nothing to
    measure.
    """

    group: str
    count: int
    measures: Mapping[str, Measure | None]

    def to_json(self) -> dict[str, Any]:
        """Names and numbers; a measure is a list of value, low, high, or null."""
        measures = {name: m.to_json() if m else None for name, m in self.measures.items()}
        return {"group": self.group, "questions": self.count, **measures}


def table(rows: Sequence[Row]) -> str:
    """The rows, which share their measures, as plain text, one per line."""
    width = max(len(row.group) for row in rows)
    head = f"{'':{width}}  {'n':>5}  " + "  ".join(f"{name:19}" for name in rows[0].measures)
    lines = [
        f"{row.group:{width}}  {row.count:5}  "
        + "  ".join(f"{NOTHING if m is None else str(m):19}" for m in row.measures.values())
        for row in rows
    ]
    return "\n".join(line.rstrip() for line in (head, *lines))


def wilson(found: float, count: int, z: float = 1.96) -> Measure:
    """The share ``found / count`` with Wilson's score interval, at 95 % by default (Wilson 1927).

    ``count`` is at least 1; ``found`` need not be whole.
    """
    share = found / count
    spread = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    middle, scale = share + z * z / (2 * count), 1 + z * z / count
    return Measure(
        share,
        max(0.0, float((middle - spread) / scale)),
        min(1.0, float((middle + spread) / scale)),
    )


def share(holds: Sequence[bool]) -> Measure | None:
    """The share of true values, with Wilson's interval; None if empty."""
    return wilson(sum(holds), len(holds)) if holds else None


def share_of_parts(parts: Sequence[Sequence[bool]]) -> Measure | None:
    """The share of true values among the parts of several wholes; None if there are no parts.

    Parts of one whole are correlated, so for the interval each whole counts as one observation.
    """
    wholes = [whole for whole in parts if whole]
    if not wholes:
        return None
    mean = sum(map(sum, wholes)) / sum(map(len, wholes))
    return wilson(mean * len(wholes), len(wholes))


def bootstrap(values: Sequence[float], samples: int = 1_000) -> Measure:
    """A mean with its 95 % bootstrap interval over ``samples`` resamples.

    The random seed is fixed.
    """
    drawn = np.random.default_rng(0).choice(np.asarray(values), (samples, len(values)))
    low, high = np.percentile(drawn.mean(axis=1), [2.5, 97.5])
    return Measure(float(np.mean(values)), float(low), float(high))

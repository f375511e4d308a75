"""The results of a load test: throughput, times, errors, the server's memory."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.askers import ASKING, WAYS, Outcome
from benchmarks.worker import resident_mb

SETTLED_S = 300
"""Seconds of mixed traffic after which memory should be stable."""

_SHOWN = 10  # errors


@dataclass(frozen=True, slots=True)
class Process:
    """The server's process, on Linux."""

    pid: int

    def cpu_s(self) -> float:
        """Processor time used so far, in seconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        """Its resident memory now."""
        return resident_mb(self.pid)


@dataclass(frozen=True, slots=True)
class Sample:
    """The server's memory at a ``time.monotonic`` time."""

    at: float
    resident_mb: float


def step_report(
    askers: int, outcomes: Sequence[Outcome], began: float, seconds: float
) -> dict[str, Any]:
    """One step of the ramp. Throughput counts answers completed within its ``seconds``."""
    ended = [one for one in outcomes if one.began + one.whole_s <= began + seconds]
    answers = Counter(one.kind for one in ended if not one.error)
    return {
        "askers": askers,
        "answers_a_second": round(answers.total() / seconds, 2),
        "api_answers_a_second": round((answers["api"] + answers["events"]) / seconds, 2),
        **times(outcomes),
        "by_way": {
            way: times(some)
            for way in (*ASKING, *WAYS)
            if (some := [one for one in outcomes if one.kind == way])
        },
        **_errors(outcomes),
    }


def mixed_report(
    outcomes: Sequence[Outcome],
    samples: Sequence[Sample],
    began: float,
    syncing: tuple[float, float],
) -> dict[str, Any]:
    """Mixed traffic: times by kind of request, outside and during the sync."""
    during = [one for one in outcomes if syncing[0] <= one.began < syncing[1]]
    quiet = [one for one in outcomes if not syncing[0] <= one.began < syncing[1]]
    kinds = sorted({one.kind for one in outcomes})
    return {
        "minutes": round((samples[-1].at - began) / 60, 1),
        "requests": len(outcomes),
        "quiet": {kind: times([o for o in quiet if o.kind == kind]) for kind in kinds},
        "sync_s": round(syncing[1] - syncing[0], 1),
        "during_sync": {kind: times([o for o in during if o.kind == kind]) for kind in kinds},
        **_errors(outcomes),
        "memory_mb": _memory(samples, began),
    }


def times(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The number of successes, and percentiles of their durations in seconds."""
    good = [one for one in outcomes if not one.error]
    first = [one.first_s for one in good if one.first_s is not None]
    told: dict[str, Any] = {"count": len(good)}
    if first:
        told["first_words_s"] = _percentiles(first)
    if good:
        told["whole_s"] = _percentiles([one.whole_s for one in good])
    return told


def _percentiles(seconds: Iterable[float]) -> dict[str, float]:
    values = list(seconds)
    return {f"p{at}": round(float(np.percentile(values, at)), 3) for at in (50, 95, 99)}


def _errors(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    texts = Counter(f"{one.kind}: {one.error}" for one in outcomes if one.error)
    return {"errors": texts.total(), "most_common_errors": dict(texts.most_common(_SHOWN))}


def _memory(samples: Sequence[Sample], began: float) -> dict[str, Any]:
    settled = next((one for one in samples if one.at >= began + SETTLED_S), None)
    each_minute = {int((one.at - began) / 60): round(one.resident_mb) for one in reversed(samples)}
    return {
        "start": round(samples[0].resident_mb),
        "after_5_minutes": settled and round(settled.resident_mb),
        "end": round(samples[-1].resident_mb),
        "highest": round(max(one.resident_mb for one in samples)),
        "end_to_5_minutes": settled and round(samples[-1].resident_mb / settled.resident_mb, 3),
        "each_minute": [each_minute[minute] for minute in sorted(each_minute)],
    }

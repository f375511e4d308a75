"""``python -m benchmarks flood``: one visitor floods the server while another asks.

Without a flood, then with one of each kind of ``hostile``, the second visitor asks questions, a
pause after each, as their rate allows. Prints how long they waited. The two come from different
addresses, as a proxy tells; the server runs in its own process, both visitors in this one.

Ends with 1 if a question failed, or the 95th percentile during a flood is twice the quiet one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from benchmarks.askers import Outcome, Visitor
from benchmarks.hostile import KINDS, Hostile
from benchmarks.load_questions import Questions
from benchmarks.load_report import times
from benchmarks.report import ROOT, describe_machine
from benchmarks.serving import own_corpus

PUBLIC = {"ASSISTANT_PUBLIC": "true", "ASSISTANT_PROXY_ADDRESSES": "127.0.0.1"}
WARM_UP = 5
"""Questions before the quiet ones."""

PATIENCE_S = 60
BEARABLE = 2.0
"""How many times as long a question may take during a flood."""


def main(arguments: Sequence[str]) -> int:
    """Measure each flood; print one JSON object."""
    options = _parser().parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="benchmark-") as data,
        own_corpus(Path(data), PUBLIC) as address,
    ):
        result = asyncio.run(measure(address, options))
    sys.stdout.write(json.dumps({**describe_machine(), **result}, indent=1) + "\n")
    return int(not result["bearable"])


async def measure(address: str, options: argparse.Namespace) -> dict[str, Any]:
    """The second visitor's waits, quiet and during each flood, at a server that is public and
    believes this machine as its proxy.
    """
    questions = Questions(ROOT / "corpus", options.seed)
    async with _client(address, "10.0.0.1") as http:
        asker = Visitor(address, questions, http)
        for _ in range(WARM_UP):
            await _asked(asker, 1, options.pause)
        quiet = times(await _asked(asker, options.questions, options.pause))
        floods = {}
        for kind in options.only or KINDS:
            found = await _during(address, asker, kind, options)
            floods[kind] = found | {"times_the_quiet_p95": _ratio(found, quiet)}
            print(json.dumps({kind: floods[kind]}), file=sys.stderr, flush=True)
    return {"quiet": quiet, "floods": floods, "bearable": all(map(_is_bearable, floods.values()))}


def _is_bearable(flood: dict[str, Any]) -> bool:
    ratio = flood["times_the_quiet_p95"]
    return not flood["failed"] and ratio is not None and ratio < BEARABLE


async def _during(
    address: str, asker: Visitor, kind: str, options: argparse.Namespace
) -> dict[str, Any]:
    async with _client(address, "10.0.0.66") as http, Hostile(http, options.seed) as hostile:
        flooding = asyncio.create_task(_flood(hostile, kind, options.per_second))
        outcomes = await _asked(asker, options.questions, options.pause)
        flooding.cancel()
        with suppress(asyncio.CancelledError):
            await flooding
    failed = [one.error for one in outcomes if one.error]
    told = {"statuses": dict(hostile.statuses), "failed": len(failed), "errors": failed[:3]}
    return told | times(outcomes)


async def _flood(hostile: Hostile, kind: str, per_second: float) -> None:
    """Send requests of a kind at that pace, whether or not the ones before are answered."""
    async with asyncio.TaskGroup() as sending:
        while True:
            sending.create_task(hostile.send(kind))
            await asyncio.sleep(1 / per_second)


async def _asked(asker: Visitor, count: int, pause: float) -> list[Outcome]:
    outcomes = []
    for _ in range(count):
        outcomes.append(await asker.do("api"))
        await asyncio.sleep(max(0.0, pause - outcomes[-1].whole_s))
    return outcomes


def _ratio(flood: dict[str, Any], quiet: dict[str, Any]) -> float | None:
    """How many times the quiet 95th percentile that during a flood is; None without an answer."""
    if "whole_s" not in flood or "whole_s" not in quiet:
        return None
    return round(float(flood["whole_s"]["p95"] / quiet["whole_s"]["p95"]), 2)


def _client(address: str, sender: str) -> httpx.AsyncClient:
    """A client whose requests come from ``sender``."""
    return httpx.AsyncClient(
        base_url=address, timeout=PATIENCE_S, headers={"X-Forwarded-For": sender}
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks flood", description=__doc__)
    parser.add_argument("--only", choices=KINDS, nargs="+", help="kinds of requests (all)")
    parser.add_argument("--questions", type=int, default=40, help="asked in each part (40)")
    parser.add_argument(
        "--pause", type=float, default=1.05, help="seconds from one question to the next (1.05)"
    )
    parser.add_argument(
        "--per-second", type=float, default=20, help="hostile requests in a second (20)"
    )
    parser.add_argument("--seed", type=int, default=0, help="other questions (0)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

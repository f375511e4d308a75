"""``python -m benchmarks load``: load test of the served app with real clients.

First a ramp of 1, 10, 50 and 100 concurrent askers without pauses: nine of ten at /api/ask, half of
these for JSON and half for events, the tenth with Gradio's client. Then the two pages that people
ask at: all askers through the widget's chat, and all through Gradio's page. Then mixed traffic:
visitors who ask, search, read articles, and open the chat and the widget, with pauses, while the
corpus changes midway and is synced. With ``--hostile`` a share of all requests are such as are sent
to stop a server, at random. No question is asked twice. The server runs in its own process, the
clients in this one; they share the processors. Results go to benchmarks/results/.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from assistant.assistant import Assistant
from assistant.support.settings import Settings
from benchmarks import corpus as articles
from benchmarks.askers import ASKING, MIXED, PATIENCE_S, WAYS, Outcome, Visitor
from benchmarks.hostile import Hostile
from benchmarks.load_questions import SHARES, Questions
from benchmarks.load_report import Process, Sample, mixed_report, step_report
from benchmarks.report import ROOT, describe_machine
from benchmarks.serving import served, wait_for_page

RESULTS = Path(__file__).parent / "results"
CORPUS = ROOT / "corpus"
WARM_UP = 20
"""Warm-up questions."""

SAMPLE_S = 5.0
"""Seconds between samples of the server's memory."""

ADDED_CHARACTERS = 40_000
"""Number of articles added before the sync midway; as many files are changed."""


@dataclass(frozen=True, slots=True)
class Served:
    """The app under load: its address, its process, and the folder of articles it watches."""

    address: str
    process: Process
    corpus: Path


@dataclass(frozen=True, slots=True)
class Harm:
    """Sends hostile requests, a ``share`` of all, in place of others."""

    hostile: Hostile
    share: float
    chance: random.Random

    async def instead(self) -> bool:
        """Send one if it is its turn, and tell whether it was."""
        if self.chance.random() >= self.share:
            return False
        await self.hostile.send(self.hostile.drawn())
        return True


def main(arguments: Sequence[str]) -> int:
    """Run the requested parts; write and print one JSON object."""
    options = _parser().parse_args(arguments)
    result: dict[str, Any] = {**describe_machine(), "questions": SHARES}
    with _app() as app:
        questions = Questions(CORPUS, options.seed)
        if options.only in (None, "ramp"):
            result["ramp"] = asyncio.run(_ramp(app, questions, options))
        if options.only in (None, "pages"):
            result["pages"] = asyncio.run(_pages(app, questions, options))
        if options.only in (None, "mixed"):
            result["mixed"] = asyncio.run(_mixed(app, questions, options))
    text = json.dumps(result, indent=1)
    RESULTS.mkdir(exist_ok=True)
    part = f"-{options.only}" if options.only else ""
    (RESULTS / f"load{part}-{result['commit']}.json").write_text(f"{text}\n", "utf-8")
    print(text)
    return 0


@contextmanager
def _app() -> Iterator[Served]:
    """The app over a synced copy of the repository's corpus, which it watches."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        corpus, data = Path(folder, "corpus"), Path(folder, "data")
        shutil.copytree(CORPUS, corpus)
        assistant = Assistant(Settings(corpus=corpus, data=data))
        assistant.sync()
        assistant.close()
        command = [sys.executable, str(ROOT / "app.py"), "--port", "{port}"]
        command += ["--corpus", str(corpus), "--data", str(data)]
        settings = {"ASSISTANT_LOG_LEVEL": "WARNING"}
        with served(command, settings) as (process, address, _):
            wait_for_page(process, address)
            yield Served(address, Process(process.pid), corpus)


async def _ramp(
    app: Served, questions: Questions, options: argparse.Namespace
) -> list[dict[str, Any]]:
    steps = []
    async with AsyncExitStack() as opened:
        visitors = await _visitors(max(options.askers), app, questions, opened)
        harm = await _harm(app, options, opened)
        for _ in range(WARM_UP):
            await visitors[0].do("api")
        for count in options.askers:
            ways = [_way(number, options.chat) for number in range(count)]
            for visitor, way in zip(visitors, ways, strict=False):
                await visitor.arrive(way)
            before, mine = app.process.cpu_s(), time.process_time()
            began = time.monotonic()
            asking = map(partial(_ask, until=began + options.seconds, harm=harm), visitors, ways)
            outcomes = [one for some in await asyncio.gather(*asking) for one in some]
            report = step_report(count, outcomes, began, options.seconds)
            report |= _cost(app.process.cpu_s() - before, time.process_time() - mine, outcomes)
            report["resident_mb"] = round(app.process.resident_mb())
            report["hostile_so_far"] = dict(harm.hostile.statuses)
            _tell(report)
            steps.append(report)
    return steps


async def _pages(
    app: Served, questions: Questions, options: argparse.Namespace
) -> dict[str, dict[str, Any]]:
    """Answers a second by each page, with the most askers; one page after the other."""
    count, found = max(options.askers), {}
    for way in WAYS:
        async with AsyncExitStack() as opened:
            visitors = await _visitors(count, app, questions, opened)
            harm = await _harm(app, options, opened)
            for visitor in visitors:
                await visitor.arrive(way)
            await asyncio.gather(*(visitor.do(way) for visitor in visitors))  # warm up
            before, mine = app.process.cpu_s(), time.process_time()
            began = time.monotonic()
            until = began + options.seconds
            asked = await asyncio.gather(*(_ask(one, way, until, harm) for one in visitors))
            outcomes = [one for some in asked for one in some]
            report = step_report(count, outcomes, began, options.seconds)
            report |= _cost(app.process.cpu_s() - before, time.process_time() - mine, outcomes)
            found[way] = report
            _tell({way: report})
    return found


def _cost(server_s: float, client_s: float, outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The processor time of each answer in the server and in the clients, which share a machine."""
    return {
        "server_cpu_ms_an_answer": round(1000 * server_s / len(outcomes), 1),
        "client_cpu_ms_an_answer": round(1000 * client_s / len(outcomes), 1),
    }


def _way(number: int, chat: float) -> str:
    """The channel of asker ``number``; the share ``chat`` of the askers uses the chat."""
    if int((number + 1) * chat) > int(number * chat):
        return "chat"
    return ASKING[number % 2]


async def _ask(visitor: Visitor, way: str, until: float, harm: Harm) -> list[Outcome]:
    outcomes = []
    while time.monotonic() < until:
        if not await harm.instead():
            outcomes.append(await visitor.do(way))
    return outcomes


async def _mixed(app: Served, questions: Questions, options: argparse.Namespace) -> dict[str, Any]:
    began = time.monotonic()
    until = began + 60 * options.minutes
    async with AsyncExitStack() as opened:
        visitors = await _visitors(options.visitors, app, questions, opened)
        harm = await _harm(app, options, opened)
        samples: list[Sample] = []
        watching = asyncio.create_task(_watch(app.process, samples))
        changing = asyncio.create_task(_change(app, began + 30 * options.minutes))
        visits = [_visit(one, number, until, options, harm) for number, one in enumerate(visitors)]
        outcomes = [one for some in await asyncio.gather(*visits) for one in some]
        watching.cancel()
        changes, syncing = await changing
    report = mixed_report(outcomes, samples, began, syncing)
    report |= {"visitors": options.visitors, "pause_s": options.pause, "changes": changes}
    report["hostile"] = dict(harm.hostile.statuses)
    _tell(report)
    return report


async def _visit(
    visitor: Visitor, number: int, until: float, options: argparse.Namespace, harm: Harm
) -> list[Outcome]:
    """One visitor's requests, each after a random pause of the given average."""
    draw, outcomes = random.Random(f"{options.seed} {number}"), []
    while time.monotonic() < until:
        await asyncio.sleep(draw.expovariate(1 / options.pause))
        if await harm.instead():
            continue
        (kind,) = draw.choices(list(MIXED), list(MIXED.values()))
        await visitor.arrive(kind)
        outcomes.append(await visitor.do(kind))
    return outcomes


async def _watch(process: Process, samples: list[Sample]) -> None:
    while True:
        samples.append(Sample(time.monotonic(), process.resident_mb()))
        await asyncio.sleep(SAMPLE_S)


async def _change(app: Served, when: float) -> tuple[dict[str, int], tuple[float, float]]:
    """Change the corpus at ``when``; return the changes, and the start and end of the sync."""
    await asyncio.sleep(when - time.monotonic())
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=app.address, timeout=PATIENCE_S) as http:
        held = (await http.get("/api/status")).raise_for_status().json()["articles"]
    files = sorted(app.corpus.rglob("*.md"))
    changed, removed = files[::4], files[1::8]
    await asyncio.to_thread(articles.build, app.corpus / "added", CORPUS, ADDED_CHARACTERS)
    added = sum(path.is_file() for path in (app.corpus / "added").rglob("*"))
    for file in changed:
        file.write_text(file.read_text("utf-8") + "\n\nThis line was added meanwhile.\n", "utf-8")
    for file in removed:
        file.unlink()
    expected = held + added - len(removed)
    async with httpx.AsyncClient(base_url=app.address, timeout=PATIENCE_S) as http:
        while True:
            await asyncio.sleep(1)
            status = (await http.get("/api/status")).raise_for_status().json()
            if status["articles"] == expected and not status["syncing"]:
                break
    counts = {"added": added, "changed": len(changed), "removed": len(removed)}
    return counts, (began, time.monotonic())


async def _harm(app: Served, options: argparse.Namespace, opened: AsyncExitStack) -> Harm:
    http = httpx.AsyncClient(base_url=app.address, timeout=PATIENCE_S)
    http = await opened.enter_async_context(http)
    hostile = await opened.enter_async_context(Hostile(http, options.seed))
    return Harm(hostile, options.hostile, random.Random(f"harm {options.seed}"))


async def _visitors(
    count: int, app: Served, questions: Questions, opened: AsyncExitStack
) -> list[Visitor]:
    """Visitors, each with their own connections, while the block runs."""
    visitors = []
    for _ in range(count):
        http = httpx.AsyncClient(base_url=app.address, timeout=PATIENCE_S, verify=False)
        visitor = Visitor(app.address, questions, await opened.enter_async_context(http))
        opened.callback(visitor.close)
        visitors.append(visitor)
    return visitors


def _tell(report: dict[str, Any]) -> None:
    """Print interim results."""
    print(json.dumps(report), file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks load", description=__doc__)
    parser.add_argument("--only", choices=("ramp", "pages", "mixed"), help="one of the parts (all)")
    parser.add_argument(
        "--askers", type=int, nargs="+", default=[1, 10, 50, 100],
        help="of the ramp: askers at once, a step each; of the pages: the most (1 10 50 100)",
    )  # fmt: skip
    parser.add_argument("--seconds", type=float, default=30, help="of each step (30)")
    parser.add_argument(
        "--chat", type=float, default=0.1, help="share of the ramp's askers in the chat (0.1)"
    )
    parser.add_argument("--minutes", type=float, default=30, help="of mixed traffic (30)")
    parser.add_argument("--visitors", type=int, default=40, help="of mixed traffic (40)")
    parser.add_argument("--pause", type=float, default=8, help="seconds, on average (8)")
    parser.add_argument(
        "--hostile", type=float, default=0, help="share of requests that are hostile (0)"
    )
    parser.add_argument("--seed", type=int, default=0, help="other questions, other visits (0)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Measures continuous questions during a full re-sync, compared with an idle library.

The corpus is copied and every article edited, so that each passage is embedded again. A question
counts as failed if it raises, and as mixed if a hit's text does not match its offsets in the
version of the article that it names.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from assistant import Assistant, Settings
from assistant.evaluation.question_sets import read_questions
from assistant.support.errors import AssistantError

CORPUS = Path(__file__).parent.parent / "corpus"


@dataclass(frozen=True, slots=True)
class Asked:
    """Question times in milliseconds, and the numbers that failed or mixed old and new text."""

    questions: int
    p50_ms: float
    p95_ms: float
    failed: int
    mixed: int


def main(arguments: Sequence[str]) -> int:
    """Measure idle and during a full re-sync; print one JSON object."""
    options = _parser().parse_args(arguments)
    questions = [one.question for one in read_questions(CORPUS / "questions.jsonl")]
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        corpus = Path(folder, "corpus")
        for number in range(options.copies):
            shutil.copytree(CORPUS, corpus / str(number))
        _edit(corpus, "0")  # otherwise identical copies would be one article
        given = {"jobs": options.jobs} if options.jobs else {}
        assistant = Assistant(Settings(corpus=corpus, data=Path(folder, "data"), **given))
        assistant.sync()
        texts = _texts(assistant)
        deadline = time.monotonic() + options.seconds
        quiet = _ask(assistant, questions, lambda: time.monotonic() > deadline, texts, [])
        _edit(corpus, "1")
        syncing = threading.Thread(target=assistant.sync)
        syncing.start()
        unsure: list[tuple[str, int, int, str]] = []
        during = _ask(assistant, questions, lambda: not syncing.is_alive(), texts, unsure)
        texts |= _texts(assistant)
        mixed = sum(texts[a][start:end] != text for a, start, end, text in unsure)
        status = assistant.status()
        assistant.close()
    result = {
        "articles": status.articles,
        "quiet": asdict(quiet),
        "during": asdict(during) | {"mixed": during.mixed + mixed},
        "p95_ratio": round(during.p95_ms / quiet.p95_ms, 2),
    }
    print(json.dumps(result, indent=1))
    return 0


def _edit(corpus: Path, mark: str) -> None:
    """Append a unique sentence to each paragraph of each article."""
    for path in sorted(corpus.rglob("*.md")):
        head, _, text = path.read_text("utf-8").rpartition("\n---\n")
        name = path.relative_to(corpus)
        parts = [
            f"{part} Note {mark}{number} of {name}." if part.strip()[-1:] in (".", "»") else part
            for number, part in enumerate(text.split("\n\n"))
        ]
        path.write_text(f"{head}\n---\n" + "\n\n".join(parts) if head else "\n\n".join(parts))


def _texts(assistant: Assistant) -> dict[str, str]:
    return {one.id: assistant.article(one.id).text for one in assistant.articles()}


def _ask(
    assistant: Assistant,
    questions: Sequence[str],
    done: Callable[[], bool],
    texts: dict[str, str],
    unsure: list[tuple[str, int, int, str]],
) -> Asked:
    """Ask until ``done``; hits in articles missing from ``texts`` so far go to ``unsure``."""
    draw, times, failed, mixed = random.Random(3), [], 0, 0
    while not done():
        started = time.perf_counter()
        try:
            answer = assistant.ask(draw.choice(questions))
        except AssistantError:
            failed += 1
            continue
        times.append(1000 * (time.perf_counter() - started))
        for cited in (*answer.citations, *answer.nearest):
            if cited.article in texts:
                mixed += texts[cited.article][cited.start : cited.end] != cited.quote
            else:
                unsure.append((cited.article, cited.start, cited.end, cited.quote))
    p50, p95 = (round(float(np.percentile(times, at)), 1) for at in (50, 95))
    return Asked(len(times), p50, p95, failed, mixed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks resync", description=__doc__)
    parser.add_argument("--copies", type=int, default=10, help="times the corpus is copied (10)")
    parser.add_argument("--seconds", type=float, default=20, help="of quiet questions (20)")
    parser.add_argument("--jobs", type=int, help="processors that embedding may use (all)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Measures answers on golden questions: evidence, refusals, support, exactness and latency.

    python -m benchmarks answers --eval DIR --corpora DIR [--only NAME ...] [--data DIR]

The eval folder holds ``seed/questions.jsonl``, ``wikinews/questions.jsonl``,
``clapnq/records.jsonl`` and ``belebele/questions.jsonl``; the other holds the articles of the first
two, in ``seed`` and ``wikinews-fr``. ``wikinews`` is also asked a fixed sample of clapnq's and
belebele's questions, which are unrelated to its articles; ``ours`` is this repository's corpus. The
settings choose what answers: quotes, or ASSISTANT_LLM.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.assistant import Assistant
from assistant.embedding import Embedder, load_embedder
from assistant.evaluation.answers import AnswerEvaluation, evaluate_answers
from assistant.evaluation.measures import Row, table
from assistant.evaluation.question_sets import (
    UNRELATED,
    GoldenQuestion,
    read_corpus,
    read_questions,
    read_unrelated,
)
from assistant.evaluation.retrieval import assisting
from assistant.support.settings import Settings
from benchmarks.report import ROOT, describe_machine

RESULTS = Path(__file__).parent / "results"
SAMPLE = 80
"""Unrelated questions from each of two sets."""


@dataclass(frozen=True, slots=True)
class Run:
    """The folders of question sets, articles and libraries."""

    sets: Path
    corpora: Path
    data: Path
    embedder: Embedder

    @contextmanager
    def seed(self) -> Iterator[tuple[Assistant, list[GoldenQuestion]]]:
        with self._folder(self.corpora / "seed", "seed") as assistant:
            yield assistant, read_questions(self.sets / "seed/questions.jsonl")

    @contextmanager
    def wikinews(self) -> Iterator[tuple[Assistant, list[GoldenQuestion]]]:
        questions = read_questions(self.sets / "wikinews/questions.jsonl")
        for other in ("clapnq/records.jsonl", "belebele/questions.jsonl"):
            unrelated = read_unrelated(self.sets / other)
            questions += random.Random(0).sample(unrelated, min(SAMPLE, len(unrelated)))
        with self._folder(self.corpora / "wikinews-fr", "wikinews") as assistant:
            yield assistant, questions

    @contextmanager
    def clapnq(self) -> Iterator[tuple[Assistant, list[GoldenQuestion]]]:
        records = self.sets / "clapnq/records.jsonl"
        questions = [replace(one, language="en") for one in read_questions(records)]
        with assisting(read_corpus(records), self.embedder, Settings()) as assistant:
            yield assistant, questions

    @contextmanager
    def ours(self) -> Iterator[tuple[Assistant, list[GoldenQuestion]]]:
        with self._folder(ROOT / "corpus", "ours") as assistant:
            yield assistant, read_questions(ROOT / "corpus/questions.jsonl")

    @contextmanager
    def _folder(self, corpus: Path, name: str) -> Iterator[Assistant]:
        assistant = Assistant(Settings(corpus=corpus, data=self.data / name), self.embedder)
        try:
            assistant.sync()
            yield assistant
        finally:
            assistant.close()


SETS = {"seed": Run.seed, "wikinews": Run.wikinews, "clapnq": Run.clapnq, "ours": Run.ours}


def main(arguments: Sequence[str]) -> int:
    """Run the requested sets, print the table, write the JSON file."""
    options = _parser().parse_args(arguments)
    settings = Settings()
    began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    with ExitStack() as stack:
        data = options.data or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="answers-"))
        )
        embedder = load_embedder(settings.embedding_model, settings.cache)
        run = Run(options.eval, options.corpora, data, embedder)
        results = {name: _measure(run, name) for name in options.only}
    mode = next(iter(results.values())).mode
    print(f"Answered with {mode}, strictness {settings.strictness:g}\n{_table(results)}")
    machine = describe_machine(Path(sys.executable))
    del machine["rivals_versions"]  # there are none here
    result = {
        "began": began, **machine, "mode": mode,
        "sets": {name: _figures(result) for name, result in results.items()},
    }  # fmt: skip
    options.results.mkdir(parents=True, exist_ok=True)
    named = re.sub(r"[^\w.-]+", "_", mode)
    file = options.results / f"answers-{named}-{machine['commit']}.json"
    file.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stderr.write(f"written to {file}\n")
    return 0


def _measure(run: Run, name: str) -> AnswerEvaluation:
    with (
        SETS[name](run) as (assistant, questions),
        tqdm(
            total=len(questions), desc=name, unit="question", file=sys.stderr, disable=None
        ) as bar,
    ):

        def progress(done: int, total: int) -> None:
            bar.update(done - bar.n)

        return evaluate_answers(assistant, questions, progress)


def _figures(result: AnswerEvaluation) -> dict[str, Any]:
    """The results, with misses by id only, because their texts belong to others."""
    misses: dict[str, list[str]] = defaultdict(list)
    for one in result.misses:
        misses[one.failure].append(one.golden.id)
    return {**result.to_json(), "misses": misses}


def _table(results: dict[str, AnswerEvaluation]) -> str:
    """The measures of each set overall and by language, then the conditions."""
    rows = [row for name, result in results.items() for row in _rows(name, result)]
    notes = []
    for name, result in results.items():
        (exact, cited), took = result.exactness(), result.latency()
        notes.append(
            f"{name}: {exact:,} of {cited:,} citations exact; {took['p50']:,.0f} ms an answer, "
            f"p95 {took['p95']:,.0f} ms"
        )
    return "\n".join([table(rows), "", *notes])


def _rows(name: str, result: AnswerEvaluation) -> Iterable[Row]:
    shown = {"all", UNRELATED, *(one.language for one in result.outcomes)}
    for row in result.rows():
        follow_up = row.group.endswith("follow-up")
        if row.group in shown or follow_up:
            yield replace(row, group=f"{name} {row.group}".removesuffix(" all"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks answers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--eval", type=Path, required=True, metavar="DIR", help="question sets")
    parser.add_argument("--corpora", type=Path, required=True, metavar="DIR", help="articles")
    parser.add_argument("--only", nargs="+", choices=SETS, default=list(SETS), help="the sets")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where to keep the libraries")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the JSON file goes")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

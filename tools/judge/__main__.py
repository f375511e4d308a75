"""Learn the judge's weights from public question sets, and report how well they do.

    python -m tools.judge --training DIR --eval DIR --work DIR [--write FILE]

``--training`` and ``--eval`` hold the sets (see ``sets.py``).
``--work`` keeps what was embedded and found, so that the next run takes a minute.
``--write`` is the file of weights.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from assistant.embedding import load_embedder
from assistant.support.settings import Settings
from tools.judge.cases import Case, collect
from tools.judge.embedded import KeptEmbedder
from tools.judge.fit import calibrated, calibrated_confidences, learn, prepare, sure_from
from tools.judge.report import left_out, reliability, table, to_json
from tools.judge.sets import SEED, Asked, QuestionSet, read_sets

UNRELATED = 40
"""Questions of other sets that are asked of each."""


def main() -> None:
    """Collect, fit, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training", type=Path, required=True)
    parser.add_argument("--eval", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    prepared = prepare(collect_all(options.training, options.eval, options.work))
    odds, first = left_out(prepared)
    text = table(prepared, odds, first)
    print(text)
    learnt = calibrated(learn(prepared), prepared, odds)
    confidences = calibrated_confidences(prepared, odds)
    sure = sure_from(confidences, prepared)
    print(f"sure from {sure:.3f} on")
    print(reliability(prepared, confidences))
    if options.write:
        options.write.write_text(to_json(learnt, sure, prepared, text), "utf-8")


def collect_all(training: Path, evaluation: Path, work: Path) -> list[Case]:
    """The cases of all sets; those kept in ``work`` are not asked again."""
    kept = work / "cases"
    kept.mkdir(parents=True, exist_ok=True)
    settings = Settings()
    embedder = KeptEmbedder(
        load_embedder(settings.embedding_model, settings.cache, 1), work / "vectors.db"
    )
    sets = list(read_sets(training, evaluation))
    cases: list[Case] = []
    for one in sets:
        cases += collect(one, unrelated(one, sets), embedder, kept)
        print(f"{one.name}: {len(cases)} cases so far", file=sys.stderr, flush=True)
    return cases


def unrelated(one: QuestionSet, sets: Sequence[QuestionSet]) -> list[Asked]:
    """Questions of other sets, in the languages in which this one is asked."""
    languages = {asked.language for asked in one.questions}
    others = [q for s in sets if s.group != one.group for q in s.questions]
    fits = [q for q in others if q.language in languages] or others
    return random.Random(f"{SEED}{one.name}").sample(fits, min(UNRELATED, len(fits)))


if __name__ == "__main__":
    main()

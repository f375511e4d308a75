"""Learn the judge's weights from public question sets, and report how well they do.

    python -m tools.judge --training DIR --eval DIR --work DIR [--office DIR …] [--size 1]
        [--write FILE]

``--training`` and ``--eval`` hold the sets (see ``sets.py``), of which ``--size`` is taken; each
``--office`` is a set of documents as people have them at work (see ``office.py``).
``--work`` keeps what was embedded and found, so that the next run takes a minute; empty it when the
search or the sizes change. ``--write`` is the file of weights.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from assistant.cli.output import say
from assistant.embedding import load_embedder
from assistant.support.settings import Settings
from tools.judge.cases import Case, collect
from tools.judge.embedded import KeptEmbedder
from tools.judge.fit import calibrated, calibrated_confidences, learn, prepare
from tools.judge.office import read_office
from tools.judge.report import left_out, reliability, table, to_json
from tools.judge.sets import SEED, Asked, QuestionSet, read_sets

UNRELATED = 40
"""Questions of other sets that are asked of each, in each of the languages it is asked in."""

POOL = 4
"""How many times as many questions they are chosen from."""

SHARING = frozenset({"squad2", "xquad"})
"""Groups of sets over the same articles."""


def main() -> None:
    """Collect, fit, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training", type=Path, required=True)
    parser.add_argument("--eval", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--office", type=Path, nargs="*", default=())
    parser.add_argument("--size", type=float, default=1.0)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    prepared = prepare(
        collect_all(options.training, options.eval, options.office, options.work, options.size)
    )
    unseen = left_out(prepared)
    text = table(prepared, unseen)
    say(text)
    weights = calibrated(learn(prepared), prepared, unseen.about, unseen.answer)
    say(f"sure from {weights.sure:.3f} on")
    say(reliability(prepared, calibrated_confidences(prepared, unseen.answer)))
    if options.write:
        options.write.write_text(to_json(weights, prepared, text), "utf-8")


def collect_all(
    training: Path, evaluation: Path, office: Sequence[Path], work: Path, size: float
) -> list[Case]:
    """The cases of all sets; those kept in ``work`` are not asked again."""
    kept = work / "cases"
    kept.mkdir(parents=True, exist_ok=True)
    settings = Settings()
    embedder = KeptEmbedder(
        load_embedder(settings.embedding_model, settings.cache, 1), work / "vectors.db"
    )
    pool = list(read_sets(training, evaluation, POOL * size))
    sets = [*read_sets(training, evaluation, size), *map(read_office, office)]
    cases: list[Case] = []
    for one in sets:
        cases += collect(one, unrelated(one, pool), embedder, kept)
        say(f"{one.name}: {len(cases)} cases so far")
    return cases


def unrelated(one: QuestionSet, sets: Sequence[QuestionSet]) -> list[Asked]:
    """Questions of other sets, in the languages in which this one is asked if there are any."""
    same = SHARING if one.group in SHARING else {one.group}
    others = [q for s in sets if s.group not in same for q in s.questions]
    chance = random.Random(f"{SEED}{one.name}")
    chosen: list[Asked] = []
    for language in sorted({asked.language for asked in one.questions}):
        fits = [q for q in others if q.language == language]
        chosen += chance.sample(fits, min(UNRELATED, len(fits)))
    return chosen or chance.sample(others, min(UNRELATED, len(others)))


if __name__ == "__main__":
    main()

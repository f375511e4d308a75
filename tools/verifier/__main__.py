"""Learn the weights by which the verifier judges whether sources state a claim.

    python -m tools.verifier --corpus DIR --parallel FILE --work DIR [--write FILE]

The claims are those of ``benchmarks/claims.jsonl`` over the corpus, those of the half "held" left
out, and the paragraphs of ``--parallel`` (XQuAD) in several languages; false ones are made of the
true ones by rules, see ``claims.py``. Whole articles are left out in turn to report how well the
weights do on others. ``--work`` keeps the library and the vectors.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant import Assistant, Settings
from assistant.answer.judge.model import Logistic
from assistant.answer.verify.features import NAMES, Numbers
from assistant.answer.verify.meaning import Meaning
from assistant.answer.verify.verifier import Verifier
from assistant.cli.output import say
from assistant.embedding import load_embedder
from assistant.embedding.centring import Centring
from benchmarks.verification import read_claims, sources_of_claim
from tools.judge.embedded import KeptEmbedder
from tools.judge.fit import regression
from tools.verifier.claims import Case, falsified, parallel, widened

PAIRS = 1
"""Pairs of languages in which a parallel paragraph is used."""

FOLDS = 6

CITED = 0.5
"""The probability from which on a claim counts as supported by what it cites: higher, more true
sentences are marked, lower, more false ones pass."""

ASSURED = 0.9
"""The same for a claim that says no more than its question: lower, more that only the question says
passes."""

PASSED = 0.015
"""The share of other sentences of an article that may pass for the source of a claim."""

SPEAKS_FOR = ("whole",)
SPEAKS_AGAINST = ("beside", "names instead")


def main() -> None:
    """Collect, fit, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--parallel", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    cases, rows = collect(options.corpus, options.parallel, options.work)
    odds = left_out(cases, rows)
    say(report(cases, odds))
    learnt = learn(cases, rows)
    if options.write:
        kept = {
            "cited": CITED,
            "uncited": round(uncited(cases, odds), 3),
            "assured": ASSURED,
            "entailment": learnt.to_json(NAMES),
        }
        options.write.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")


def collect(corpus: Path, texts: Path, work: Path) -> tuple[list[Case], Numbers]:
    """The cases in which nothing is certain, as the weights judge no others, and their features,
    shape (cases, features).
    """
    work.mkdir(parents=True, exist_ok=True)
    settings = Settings(corpus=corpus, data=work / "library")
    assistant = Assistant(settings)
    assistant.sync()
    written = []
    for claim in read_claims():
        if claim.half != "held":
            sources, cited = sources_of_claim(assistant, claim)
            kind = claim.fault or "written"
            written.append(
                Case(claim.claim, claim.lang, sources, (cited,), claim.good, claim.source, kind)
            )
    told = list(parallel(texts, PAIRS))
    cases = [*written, *told, *falsified(written), *falsified(told)]
    cases += list(widened(cases[::4]))
    embedder = KeptEmbedder(
        load_embedder(settings.embedding_model, settings.cache, 1), work / "vectors.db"
    )
    centring = Centring(embedder, settings.cache / "means")
    meaning = Meaning(embedder, centring)
    verifier = Verifier(embedder, centring, assistant.library.words.get)
    weighed, rows = [], []
    for number, case in enumerate(cases):
        claim = meaning.claim(case.claim, case.language)
        known = verifier.examine(claim, case.support, case.sources, meaning.ways(case.sources))
        if not isinstance(known, tuple):
            weighed.append(case)
            rows.append(known)
        if number % 500 == 0:
            say(f"{number} of {len(cases)}")
    assistant.close()
    return weighed, np.array(rows, np.float32)


def learn(cases: Sequence[Case], rows: Numbers) -> Logistic:
    """The regression over all cases."""
    true = np.array([case.true for case in cases])
    signs = [(n in SPEAKS_FOR) - (n in SPEAKS_AGAINST) for n in NAMES]
    return regression(rows, true, weights_of(cases), signs)


def weights_of(cases: Sequence[Case]) -> np.ndarray:
    """How much each case counts: true and false alike, written ones as much as made ones."""
    written = np.array([not case.group.startswith("parallel") for case in cases])
    true = np.array([case.true for case in cases])
    weights = np.ones(len(cases))
    for is_written in (True, False):
        for is_true in (True, False):
            some = (written == is_written) & (true == is_true)
            weights[some] = (3.0 if is_written else 1.0) / max(int(some.sum()), 1)
    return weights


def left_out(cases: Sequence[Case], rows: Numbers) -> np.ndarray:
    """The odds of each case by weights learnt without its group."""
    groups = sorted({case.group for case in cases})
    fold = np.array([groups.index(case.group) % FOLDS for case in cases])
    odds = np.zeros(len(cases))
    for one in range(FOLDS):
        others = np.flatnonzero(fold != one)
        learnt = learn([cases[i] for i in others], rows[others])
        odds[fold == one] = learnt.odds(rows[fold == one])
    return odds


def uncited(cases: Sequence[Case], odds: np.ndarray) -> float:
    """The probability from which on a claim counts as supported by what it does not cite."""
    chances = 1 / (1 + np.exp(-odds))
    misplaced = np.array([case.kind.startswith("misplaced") for case in cases])
    return float(np.quantile(chances[misplaced], 1 - PASSED))


def report(cases: Sequence[Case], odds: np.ndarray) -> str:
    """How many of each kind count as true, of how many."""
    kinds = sorted({(case.group.startswith("parallel"), case.kind) for case in cases})
    lines = []
    for told, kind in kinds:
        some = [
            i
            for i, case in enumerate(cases)
            if (case.group.startswith("parallel"), case.kind) == (told, kind)
        ]
        lines.append(f"{'parallel' if told else 'written':9} {kind:28} "
                     f"{int((odds[some] > 0).sum())}/{len(some)}")  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    main()

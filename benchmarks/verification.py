"""Measures how well unsupported sentences are told from supported ones.

``claims.jsonl`` holds sentences as a language model writes them, each with the sentence of the
corpus that it cites. More than half of them state what the articles do not: an invented number,
date or name, the opposite, something invented, something added to the truth, or something true that
is in none of them. As in use, each is checked against all sentences of the eight best hits of a
search for it, and of the passage that it cites. Constants were tuned on the articles of the half
"tune"; "held" measures them. "free" are sentences that say the same in very different words or the
opposite in the same ones, where the check fails most.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from assistant import Assistant, Settings
from assistant.answer.verify.verifier import Source, Verdict, Verifier, sources_of
from assistant.embedding.centring import Centring

CLAIMS = Path(__file__).with_name("claims.jsonl")
HITS = 8
HALVES = ("tune", "held", "free")
ANY = "any"


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that cites ``cited``, a sentence of the corpus file ``source``.

    ``fault`` is "" if the cited sentence supports it; ``good`` tells the same.
    """

    id: str
    half: str
    lang: str
    claim: str
    source: str
    cited: str
    good: bool
    fault: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim with the language of its source and its verdict, which took ``seconds``."""

    claim: Claim
    cited_language: str
    verdict: Verdict
    seconds: float

    @property
    def pair(self) -> str:
        """The language of the claim and that of its source."""
        return f"{self.claim.lang} over {self.cited_language}"

    @property
    def right(self) -> bool:
        """Whether the verdict is correct."""
        return self.verdict.supported == self.claim.good


def read_claims(path: Path = CLAIMS) -> list[Claim]:
    """The claims in a file of one JSON object a line."""
    lines = path.read_text("utf-8").splitlines()
    return [Claim(**json.loads(line)) for line in lines if line]


def check(assistant: Assistant, claims: Iterable[Claim]) -> Iterator[Checked]:
    """Check each claim over the library of ``assistant``."""
    centring = Centring(assistant.embedder, assistant.settings.cache / "means")
    verifier = Verifier(assistant.embedder, centring, assistant.library.words.get)
    for claim in claims:
        sources, cited = sources_of_claim(assistant, claim)
        begun = time.perf_counter()
        verdict = verifier.check(claim.claim, claim.lang, [cited], sources)
        seconds = time.perf_counter() - begun
        yield Checked(claim, sources[cited].language, verdict, seconds)


def sources_of_claim(assistant: Assistant, claim: Claim) -> tuple[list[Source], int]:
    """The sources a model would get for the claim, and the index of the cited one."""
    store = assistant.library.passages
    found = [hit.passage_id for hit in assistant.search(claim.claim, HITS)]
    hits = assistant.search(claim.cited, HITS)
    cited = {h.passage_id for h in hits if h.source == claim.source and claim.cited in h.text}
    sources = sources_of(store.get([*found, *sorted(cited - set(found))]))
    for i, source in enumerate(sources):
        if claim.cited in source.text:
            return sources, i
    raise ValueError(f"Claim {claim.id} cites no sentence of {claim.source}: {claim.cited!r}.")


def table(checked: Iterable[Checked]) -> str:
    """The numbers of marked claims by fault, half and language pair, as text."""
    marked: Counter[tuple[str, str, str]] = Counter()
    total: Counter[tuple[str, str, str]] = Counter()
    for one in checked:
        fault = one.claim.fault
        for pair in (one.pair, ANY):
            for kind in (fault, "all bad") if fault else ("good",):
                key = (one.claim.half, pair, kind)
                total[key] += 1
                marked[key] += not one.verdict.supported
    lines = []
    for half in HALVES:
        pairs = sorted({p for h, p, _ in total if h == half}, key=lambda p: (p == ANY, p))
        for pair in pairs:
            kinds = sorted({k for h, p, k in total if (h, p) == (half, pair)})
            cells = [f"{k} {marked[half, pair, k]}/{total[half, pair, k]}" for k in kinds]
            lines.append(f"{half}  {pair:11}  {'  '.join(cells)}")
    return "\n".join(lines)


def main() -> int:
    """Check the claims and print how many are marked; with ``--wrong`` also the errors."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--claims", type=Path, default=CLAIMS)
    parser.add_argument("--wrong", choices=HALVES, help="print the errors in this half")
    parser.add_argument("--json", type=Path, help="write every verdict to this file")
    arguments = parser.parse_args()
    claims = read_claims(arguments.claims)
    with tempfile.TemporaryDirectory() as data:
        assistant = Assistant(Settings(corpus=arguments.corpus, data=Path(data)))
        assistant.sync()
        checked = list(check(assistant, claims))
        assistant.close()
    print("Marked as unsupported, of how many:")
    print(table(checked))
    print(f"{1000 * median(one.seconds for one in checked):.0f} ms a claim, the median")
    for one in checked:
        if one.claim.half == arguments.wrong and not one.right:
            print(f"{one.claim.fault or 'good'}: {one.claim.claim} | {one.verdict}")
    if arguments.json:
        rows = [{**asdict(one.claim), **asdict(one.verdict)} for one in checked]
        arguments.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

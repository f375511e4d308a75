"""Claims to learn from: written ones, and false ones made of true ones by rules.

A true claim becomes false when a name or its last part is that of another claim about the same
article, when such a part is added to it, when it is negated, and when it is held against a sentence
beside the one that states it. Names in each other's places would only teach that near is not near
enough, as vectors hardly tell. Parallel texts give true claims in other words: the same sentence in
another language.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path

from assistant.answer.verify.clauses import parts
from assistant.answer.verify.evidence import Source
from assistant.language.facts import Kind, facts
from assistant.language.sentences import split_sentences

SEED = 7
LEAST_WORDS = 6

_NEGATED = {
    "en": (r"\b(is|are|was|were|has|have|had|will|can|could)\b(?! not)", r"\1 not"),
    "de": (r"\b(ist|sind|war|waren|hat|hatte|wird|wurde|kann)\b(?! nicht)", r"\1 nicht"),
    "es": (r"\b(es|son|era|fue|fueron|ha|han|había|tiene|puede)\b", r"no \1"),
    "fr": (r"\b(est|sont|était|étaient|a|ont|avait|sera|peut)\b", r"n’\1 pas"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A claim held against the sources with the indexes ``support`` among ``sources``.

    ``group`` is what is left out together when the fit is tested, ``kind`` how the claim was made.
    """

    claim: str
    language: str
    sources: Sequence[Source]
    support: tuple[int, ...]
    true: bool
    group: str
    kind: str


def falsified(cases: Sequence[Case]) -> Iterator[Case]:
    """False claims made of the true ones among ``cases``."""
    rng = random.Random(SEED)
    true = [case for case in cases if case.true]
    for case in true:
        others = [o for o in true if o.group == case.group and o.language == case.language]
        others = [other for other in others if other.claim != case.claim]
        if others:
            yield from _grafted(case, rng.choice(others))
            yield from _renamed(case, rng.choice(others))
            yield from _extended(case, rng.choice(others))
        yield from _negated(case)
        yield from _misplaced(case)


def parallel(file: Path, pairs: int) -> Iterator[Case]:
    """True claims of a file of paragraphs in several languages, ``pairs`` of languages of each."""
    rng = random.Random(SEED)
    seen = set()
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        if (key := (row["article"], row["paragraph"])) in seen:
            continue
        seen.add(key)
        cut = {
            lang: [text[a:b].strip() for a, b in split_sentences(text, lang)]
            for lang, text in row["text"].items()
        }
        languages = [one for one in ("en", "de", "es", "ru", "ro", "tr", "vi") if one in cut]
        both = [(a, b) for a, b in permutations(languages, 2) if len(cut[a]) == len(cut[b])]
        for claimed, told in rng.sample(both, min(pairs, len(both))):
            sources = [Source(text, told) for text in cut[told]]
            place = rng.randrange(len(sources))
            claim = cut[claimed][place]
            if len(claim.split()) >= LEAST_WORDS:
                group = f"parallel {row['article']}"
                yield Case(claim, claimed, sources, (place,), True, group, "parallel")


def widened(cases: Iterable[Case]) -> Iterator[Case]:
    """``cases`` held against two sources: those they have, and the one after."""
    for case in cases:
        after = case.support[-1] + 1
        if (
            len(case.support) == 1
            and after < len(case.sources)
            and case.sources[after].passage == case.sources[case.support[0]].passage
        ):
            yield replace(case, support=(*case.support, after), kind=f"{case.kind}, two sources")


def _renamed(case: Case, other: Case) -> Iterator[Case]:
    mine = [f for f in facts(case.claim, case.language) if f.kind is Kind.NAME and f.certain]
    known = {fact.value for fact in mine}
    theirs = [f for f in facts(other.claim, other.language) if f.kind is Kind.NAME and f.certain]
    new = [fact for fact in theirs if fact.value not in known]
    if mine and new:
        start, end = mine[0].start, mine[0].end
        yield _false(case, case.claim[:start] + new[0].text + case.claim[end:], "renamed")


def _grafted(case: Case, other: Case) -> Iterator[Case]:
    """The beginning of one claim with the end of another."""
    mine, theirs = parts(case.claim), parts(other.claim)
    if len(mine) > 1 and len(theirs) > 1:
        start = case.claim.rfind(mine[-1])
        yield _false(case, f"{case.claim[:start]}{theirs[-1]}.", "grafted")


def _extended(case: Case, other: Case) -> Iterator[Case]:
    """A claim that goes on with the end of another."""
    theirs = parts(other.claim)
    if theirs:
        yield _false(case, f"{case.claim.rstrip('. ')}, {theirs[-1]}.", "extended")


def _negated(case: Case) -> Iterator[Case]:
    pattern, negation = _NEGATED.get(case.language, ("(?!)", ""))
    text, count = re.subn(pattern, negation, case.claim, count=1)
    if count:
        yield _false(case, text, "negated")


def _misplaced(case: Case) -> Iterator[Case]:
    """Held against the sentences beside, and one elsewhere."""
    place = case.support[0]
    for step in (-1, 1, 3):
        if 0 <= place + step < len(case.sources) and place + step not in case.support:
            yield replace(case, support=(place + step,), true=False, kind="misplaced")


def _false(case: Case, text: str, kind: str) -> Case:
    return replace(case, claim=text, true=False, kind=kind)

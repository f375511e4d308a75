"""Tests the verifier with a chat model that lies on script: a hundred questions over HTTP.

Half of the answers are good sentences of ``claims.jsonl``; half invent a number, date or name,
state the opposite, or say what no article holds. Every third good one cites a wrong number, which
must be corrected. Each is asked of the whole assistant, whose chat model is a local server with
OpenAI's protocol, in English and in French over French articles. Then the answers that strong and
weak models gave are replayed, see ``recorded.py``.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import Assistant, Settings
from assistant.answer.write.prompt import LABEL
from assistant.models.answer import Answer
from benchmarks.recorded import measure
from benchmarks.verification import CLAIMS, Claim, read_claims
from tests.support.chat_server import chat_server

OF_EACH = 25
"""Good and as many bad answers in each language: a hundred together."""

MISCITED = 3
"""One in so many good answers cites a wrong number."""

_SOURCE = re.compile(rf"^\[{LABEL}(\d+)\] (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Said:
    """The model's sentence and how it is shown.

    ``marked``: not shown as supported. ``placed``: shown with a citation of the very sentence that
    supports it.
    """

    claim: Claim
    miscites: bool
    marked: bool
    placed: bool


def choose(claims: Sequence[Claim], articles: Callable[[str], str]) -> list[Claim]:
    """The scripted answers: held-out claims over French articles, deterministic.

    ``articles`` returns the language of a file of the corpus.
    """
    chosen: list[Claim] = []
    for language in ("en", "fr"):
        some = [c for c in claims if c.half == "held" and c.lang == language]
        some = [c for c in some if articles(c.source) == "fr"]
        random.Random(0).shuffle(some)
        for good in (True, False):
            chosen += [claim for claim in some if claim.good is good][:OF_EACH]
    return chosen


def ask(assistant: Assistant, claim: Claim, miscites: bool, script: dict[str, str]) -> Said:
    """Ask about the claim, have the model state it, and check how it is shown."""
    script |= {"claim": claim.claim, "cited": claim.cited, "miscites": "yes" if miscites else ""}
    answer = assistant.ask(f"{claim.claim.rstrip('.')}?")
    # Where nothing is confirmed, sure quotes stand below what the model wrote.
    said = _letters(claim.claim)
    shown = any(s.supported and _letters(s.text) == said for s in answer.sentences)
    return Said(claim, miscites, not shown, _cites(answer, claim.cited))


def reply(script: dict[str, str], request: dict[str, Any]) -> str:
    """The claim in ``script``, citing its source's number in the prompt, or a wrong one."""
    prompt = "\n".join(message["content"] for message in request["messages"])
    sources = _SOURCE.findall(prompt)
    wanted = _letters(script["cited"])
    numbers = [int(number) for number, text in sources if _letters(text) == wanted]
    number = numbers[0] if numbers else 1
    if script["miscites"]:
        number = number % len(sources) + 1
    return f"{script['claim']} [{LABEL}{number}]"


def table(said: Sequence[Said]) -> str:
    """The numbers of marked answers, good and bad by kind, by language."""
    marked: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for one in said:
        kinds = (one.claim.fault, "all bad") if one.claim.fault else ("good",)
        for key in ((one.claim.lang, kind) for kind in kinds):
            total[key] += 1
            marked[key] += one.marked
    lines = [f"{lang}  {kind:9} {marked[lang, kind]}/{n}" for (lang, kind), n in total.items()]
    moved = [one for one in said if one.miscites and not one.marked]
    right = sum(one.placed for one in moved)
    lines.append(f"shown though cited wrongly, now citing the right sentence: {right}/{len(moved)}")
    return "\n".join(sorted(lines))


def main() -> int:
    """Ask, and print how many are marked; with ``--wrong`` also the errors."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--claims", type=Path, default=CLAIMS)
    parser.add_argument("--wrong", action="store_true", help="print the errors")
    arguments = parser.parse_args()
    script: dict[str, str] = {}
    with (
        tempfile.TemporaryDirectory() as data,
        chat_server(answer=lambda request: reply(script, request)) as server,
    ):
        settings = Settings(
            corpus=arguments.corpus, data=Path(data), llm="scripted", llm_base_url=server.url,
            strictness=0,
        )  # fmt: skip
        assistant = Assistant(settings)
        assistant.sync()
        languages = {a.source: a.language for a in assistant.articles()}
        claims = choose(read_claims(arguments.claims), languages.__getitem__)
        said = []
        for place, claim in enumerate(claims):
            miscites = claim.good and place % MISCITED == 0
            said.append(ask(assistant, claim, miscites, script))
        assistant.close()
        replayed = measure(arguments.corpus, Path(data))
    print(f"{len(said)} answers; marked as unsupported, of how many:")
    print(table(said))
    for strength, count in replayed.items():
        print(f"recorded, {strength}: {count}")
    if arguments.wrong:
        wrong = [one for one in said if one.marked == one.claim.good]
        print(json.dumps([one.claim.claim for one in wrong], ensure_ascii=False, indent=1))
    return 0


def _cites(answer: Answer, quote: str) -> bool:
    return any(quote in citation.quote or citation.quote in quote for citation in answer.citations)


def _letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


if __name__ == "__main__":
    sys.exit(main())

"""Measures whether a question is still answered when it is asked less plainly.

    python -m benchmarks rephrased --corpus DIR [--questions FILE] [--data DIR] [--most N]

Every answerable question of the file (the corpus's ``questions.jsonl`` unless given) is asked as it
is written. Those whose evidence was among the first three citations are asked again: after a polite
introduction of three sentences (English and German), with two typos, and as keywords. A row of the
table is the share that is still answered with the evidence among the first three, or first.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from assistant.assistant import Assistant
from assistant.evaluation.answer_outcomes import AnswerOutcome, ask_all
from assistant.evaluation.question_sets import GoldenQuestion, read_questions
from assistant.language.function_words import function_words
from assistant.models.corpus_files import QUESTIONS_FILE
from assistant.support.settings import Settings

SEED = 17

INTRODUCTIONS: Mapping[str, Sequence[str]] = {
    "en": (
        "Good afternoon! I have just joined the team and am still finding my feet. My manager "
        "suggested that I ask you.",
        "Hi, I hope your week is going well. We are preparing a presentation for Thursday. One "
        "thing is not clear to me yet.",
    ),
    "de": (
        "Guten Tag! Ich bin neu im Team und muss mich noch zurechtfinden. Meine Chefin hat mir "
        "geraten, hier nachzufragen.",
        "Hallo, ich hoffe, es geht Ihnen gut. Wir bereiten für Donnerstag einen Vortrag vor. Eine "
        "Sache ist mir noch nicht klar.",
    ),
}

Rephrase = Callable[[GoldenQuestion, random.Random], str | None]


def introduced(asked: GoldenQuestion, chance: random.Random) -> str | None:
    """The question after three polite sentences; None in a language without any."""
    known = INTRODUCTIONS.get(asked.language)
    return f"{chance.choice(known)} {asked.question}" if known else None


def mistyped(asked: GoldenQuestion, chance: random.Random) -> str | None:
    """The question with two of its longer words mistyped; None if it has fewer."""
    text = asked.question
    long = list(re.finditer(r"[^\W\d_]{4,}", text))
    if len(long) < 2:
        return None
    for word in sorted(chance.sample(long, 2), key=lambda one: -one.start()):
        at = word.start() + chance.randrange(1, len(word[0]) - 1)
        wrong = chance.choice((text[at + 1] + text[at], text[at + 1], text[at : at + 2] + text[at]))
        text = text[:at] + wrong + text[at + 2 :]
    return text


def keywords(asked: GoldenQuestion, _chance: random.Random) -> str | None:
    """The question's content words alone; None if there are fewer than two."""
    known = function_words(asked.language)
    kept = [word for word in re.findall(r"[\w’'-]+", asked.question) if word.lower() not in known]
    return " ".join(kept) if len(kept) > 1 else None


WAYS: Mapping[str, Rephrase] = {
    "introduced": introduced, "mistyped": mistyped, "keywords": keywords
}  # fmt: skip


def _first(outcome: AnswerOutcome) -> bool:
    return any(map(outcome.is_gold, outcome.answer.citations[:1]))


def main() -> None:
    """Ask, rephrase, ask again, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks rephrased", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    parser.add_argument("--questions", type=Path, metavar="FILE")
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the library here")
    parser.add_argument("--most", type=int, default=150, metavar="N", help="questions of each way")
    parser.add_argument("--misses", action="store_true", help="list what is no longer answered")
    options = parser.parse_args()
    questions = read_questions(options.questions or options.corpus / QUESTIONS_FILE)
    alone = [one for one in questions if one.answerable and not (one.history or one.turns)]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(corpus=options.corpus, data=options.data or Path(folder))
        with closing(Assistant(settings)) as assistant:
            assistant.sync()
            answered = [one for one in ask_all(assistant, alone) if one.found]
            print(f"{len(answered)} of {len(alone)} answered as written")
            print(f"{'asked':12}questions  refused  first three  first")
            for name, rephrase in WAYS.items():
                _report(name, _again(assistant, answered, rephrase, options.most), options.misses)


def _again(
    assistant: Assistant, answered: Sequence[AnswerOutcome], rephrase: Rephrase, most: int
) -> list[tuple[AnswerOutcome, AnswerOutcome]]:
    """Of each question that can be rephrased: its outcome as written, and rephrased."""
    chance = random.Random(SEED)
    pairs = [(one, rephrase(one.golden, chance)) for one in answered]
    asked = [(one, replace(one.golden, question=text)) for one, text in pairs if text][:most]
    again = ask_all(assistant, [golden for _, golden in asked])
    return [(one, other) for (one, _), other in zip(asked, again, strict=True)]


def _report(name: str, pairs: Sequence[tuple[AnswerOutcome, AnswerOutcome]], misses: bool) -> None:
    again = [other for _, other in pairs]
    refused, found = (sum(one.answer.refused for one in again), sum(one.found for one in again))
    led = [other for one, other in pairs if _first(one)]
    first = sum(map(_first, led)) / max(len(led), 1)
    count = max(len(again), 1)
    print(f"{name:12}{len(again):<9}  {refused / count:<7.3f}  {found / count:<11.3f}  {first:.3f}")
    for one in again if misses else ():
        if not one.found:
            print(f"    {one.golden.question} | {[c.quote for c in one.answer.citations[:1]]}")


if __name__ == "__main__":
    main()

"""Measures retrieval within and across languages, through the product's own search.

    python benchmarks/quality.py --eval DIR [--task NAME ...] [--json FILE]

DIR holds ``piaf`` and ``belebele``, each with ``corpus.jsonl`` and ``questions.jsonl``. Belebele's
passages exist in English, French and German, linked by ``passage``, so that a question in one
language can be asked of the same passages in another:

fr-fr                 French questions on French passages (piaf)
en-en, en-fr, de-fr   a question's language, and that of all passages
mixed-fr, mixed-en    English questions on a corpus where every other passage is in French only, the
                      rest in English only; the questions whose passage is French, or English
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from assistant.embedding import Embedder, EmbedderProxy, load_embedder
from assistant.evaluation.question_sets import Case, read_cases, read_corpus
from assistant.evaluation.retrieval import evaluate, searching
from assistant.models.article import Article
from assistant.support.settings import BUNDLED_MODEL, Settings

TASKS = ("fr-fr", "en-en", "en-fr", "de-fr", "mixed-fr", "mixed-en")


class Remembering(EmbedderProxy):
    """Caches passage vectors: the tasks share most of their passages."""

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(embedder)
        self._known: dict[str, NDArray[np.float32]] = {}

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Delegates to the embedder."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(missing, self._embedder.embed_passages(missing), strict=True))
        return np.array([self._known[text] for text in texts], np.float32).reshape(
            len(texts), self.dimension
        )


def task(name: str, folder: Path) -> tuple[list[Article], list[Case]]:
    """The articles and the cases of a task."""
    if name == "fr-fr":
        return read_corpus(folder / "piaf/corpus.jsonl"), read_cases(
            folder / "piaf/questions.jsonl"
        )
    articles = read_corpus(folder / "belebele/corpus.jsonl")
    cases = read_cases(folder / "belebele/questions.jsonl")
    asked_in, held_in = name.split("-")
    passages = sorted({_passage(article.source) for article in articles})
    language = dict.fromkeys(passages, held_in)
    wanted = set(passages)
    if asked_in == "mixed":
        language = {passage: ("fr", "en")[at % 2] for at, passage in enumerate(passages)}
        wanted = {passage for passage in passages if language[passage] == held_in}
        asked_in = "en"
    kept = [a for a in articles if a.source == f"{(p := _passage(a.source))}:{language[p]}"]
    moved = [
        replace(case, gold=frozenset({f"{passage}:{language[passage]}"}))
        for case in cases
        if case.language == asked_in and (passage := _passage(next(iter(case.gold)))) in wanted
    ]
    return kept, moved


def _passage(source: str) -> str:
    return source.rpartition(":")[0]


def main() -> None:
    """Run the tasks, print their tables, and write all results if requested."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--eval", type=Path, required=True, metavar="DIR")
    parser.add_argument("--task", choices=TASKS, nargs="+", default=TASKS)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    cache = Settings().cache
    embedder = Remembering(load_embedder(BUNDLED_MODEL, cache))
    results: dict[str, Any] = {}
    for name in options.task:
        articles, cases = task(name, options.eval)
        with searching(articles, embedder, cache) as search:
            started = time.perf_counter()
            result = evaluate(search, cases, {a.source: a.language for a in articles})
            each = 1000 * (time.perf_counter() - started) / len(cases)
        results[name] = {"ms_a_question": round(each, 1), **result.to_json()}
        print(f"{name}, {each:.0f} ms a question\n{result.to_table()}\n", flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    main()

"""Sets of documents as people have them at work: a folder of ``articles/`` and ``questions.jsonl``.

Each line of the questions is an object with ``id``, ``lang``, ``question``, ``expect`` ("answer",
or "refuse" for a near miss), ``sources``, the files that answer, and ``first``: of each inner list
one string stands in the sentence that answers. Questions that go on from others are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.ingest.readers import read_file
from assistant.language.sentences import split_sentences
from assistant.models.article import Article
from tools.judge.sets import Asked, QuestionSet, rows


def read_office(folder: Path) -> QuestionSet:
    """The documents of ``folder`` that hold text, and the questions whose place is known."""
    articles = list(_articles(folder / "articles"))
    of_source = {one.source: one for one in articles}
    asked = [
        asked
        for row in rows(folder / "questions.jsonl")
        if not row.get("history") and (asked := _asked(row, of_source))
    ]
    return QuestionSet(folder.name, folder.name, articles, asked)


def _articles(folder: Path) -> Iterator[Article]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = read_file(path, path.relative_to(folder).as_posix())
            if content.article:
                yield content.article


def _asked(row: dict[str, Any], articles: dict[str, Article]) -> Asked | None:
    if row["expect"] == "refuse":
        return Asked(row["id"], row["question"], row["lang"], False)
    for source in row.get("sources", ()) if row.get("first") else ():
        spans = list(_answers(articles[source], row["first"])) if source in articles else []
        if spans:
            return Asked(row["id"], row["question"], row["lang"], True, source, spans, source)
    return None


def _answers(article: Article, wanted: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """The sentences that hold one string of each list."""
    for block in article.blocks:
        for start, end in split_sentences(article.text[block.start : block.end], article.language):
            span = (block.start + start, block.start + end)
            said = _plain(article.text[slice(*span)])
            if all(any(_holds(said, one) for one in some) for some in wanted):
                yield span


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").replace("–", "-").split()).casefold()


def _holds(said: str, words: str) -> bool:
    """Whether the ``words`` stand there, a number not as a part of a longer one."""
    plain = _plain(words)
    before = r"(?<![\d.,])" if plain[:1].isdigit() else ""
    after = r"(?!\d|[.,]\d)" if plain[-1:].isdigit() else ""
    return re.search(before + re.escape(plain) + after, said) is not None

"""Public question sets in one form: articles, and questions whose answer's place is known.

Each set is a library of its own. Samples are drawn with a fixed seed, by whole articles where an
article's passages are near misses of each other.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.models.article import Article, Block

SEED = 18

_CROSSING = {
    "en": ("en", "es", "de", "ru", "zh", "ar", "hi"),
    "es": ("en", "ru", "es"),
    "de": ("en", "de", "tr"),
    "zh": ("zh", "en"),
    "ar": ("ar", "en"),
}
"""XQuAD: the languages of the questions that are asked of the passages in each language."""

_WELL_KNOWN = ("en", "fr", "de", "es")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a set, and where its answer stands.

    ``source`` is the article that answers, ``spans`` the answer's places in its text (none: it is
    somewhere). Without a source the set answers nothing, ``answerable`` aside: where
    people only judged whether any passage answers, that is all that is known. ``topic`` is the
    same for questions that may be about the same article.
    """

    id: str
    text: str
    language: str
    answerable: bool
    source: str = ""
    spans: Sequence[tuple[int, int]] = ()
    topic: str = ""


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """``group`` is left out as a whole when the set is judged by what the others teach."""

    name: str
    group: str
    articles: Sequence[Article]
    questions: Sequence[Asked]


def read_sets(training: Path, evaluation: Path, size: float = 1.0) -> Iterator[QuestionSet]:
    """All sets, ``size`` times as many questions and articles of each as are needed at most."""

    def of(count: int) -> int:
        return max(1, round(size * count))

    yield _piaf(evaluation / "piaf", of(700))
    yield _squad("squad2", training / "squad2.jsonl", of(300), of(700))
    yield _clapnq(evaluation / "clapnq/records.jsonl", of(313))
    yield from _nomiracl(training / "nomiracl.jsonl", _WELL_KNOWN, of(60))
    yield _squad("squad2_es", training / "squad2_es.jsonl", of(200), of(500))
    yield from _xquad(training / "xquad.jsonl", ("en",), of(120), of(90))
    yield from _belebele(evaluation / "belebele", of(120), of(90))
    yield from _xquad(training / "xquad.jsonl", ("es", "de", "zh", "ar"), of(80), of(80))
    yield _covidqa(training / "covidqa.jsonl", of(100))
    yield from _nomiracl(training / "nomiracl.jsonl", None, of(10))


def rows(file: Path) -> list[dict[str, Any]]:
    """The objects of a JSON lines file."""
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip()]


def article(source: str, text: str, language: str, title: str = "") -> Article:
    """An article of one block."""
    start = len(text) - len(text.lstrip())
    block = Block(start, max(start, len(text.rstrip())))
    return Article(title, text, language, source, blocks=(block,))


def _piaf(folder: Path, count: int) -> QuestionSet:
    articles = [
        article(r["id"], r["text"], "fr", r.get("title", "")) for r in rows(folder / "corpus.jsonl")
    ]
    titles = {one.source: one.title for one in articles}
    chosen = _sample(rows(folder / "questions.jsonl"), count)
    questions = [
        Asked(
            r["id"], r["question"], "fr", True, r["doc_id"], [(r["start"], r["end"])],
            titles[r["doc_id"]],
        )
        for r in chosen
    ]  # fmt: skip
    return QuestionSet("piaf", "piaf", articles, questions)


def _squad(name: str, file: Path, texts: int, count: int) -> QuestionSet:
    """Whole articles until there are ``texts`` passages."""
    by_article: dict[str, list[dict[str, Any]]] = {}
    for row in rows(file):
        by_article.setdefault(row["article"], []).append(row)
    sources: dict[str, tuple[str, dict[str, Any]]] = {}
    records: list[dict[str, Any]] = []
    for title in _sample(list(by_article), len(by_article)):
        if len(sources) >= texts:
            break
        records += by_article[title]
        for row in by_article[title]:
            sources.setdefault(row["text"], (f"{name}-{len(sources)}", row))
    articles = [
        article(source, text, row["lang"], row["article"])
        for text, (source, row) in sources.items()
    ]
    questions = [
        Asked(
            r["id"], r["question"], r["lang"], r["answer"] is not None,
            sources[r["text"]][0] if r["answer"] else "", [r["answer"]] if r["answer"] else (),
            r["article"],
        )
        for r in _sample(records, count)
    ]  # fmt: skip
    return QuestionSet(name, "squad2", articles, questions)


def _xquad(file: Path, languages: Sequence[str], texts: int, count: int) -> Iterator[QuestionSet]:
    """One set for each language of the passages; ``count`` questions a pair of languages."""
    records = rows(file)
    chosen = set(list(dict.fromkeys(r["text"]["en"] for r in records))[:texts])
    records = [r for r in records if r["text"]["en"] in chosen]
    for language in languages:
        passages = dict.fromkeys(r["text"][language] for r in records)
        sources = {text: f"xquad-{n}" for n, text in enumerate(passages)}
        articles = [article(source, text, language) for text, source in sources.items()]
        questions = []
        for asking in _CROSSING[language]:
            for r in _sample(records, count, asking + language):
                questions.append(
                    Asked(
                        f"{r['id']}:{asking}", r["question"][asking], asking, True,
                        sources[r["text"][language]], [r["answer"][language]], r["article"],
                    )
                )  # fmt: skip
        yield QuestionSet(f"xquad-{language}", "xquad", articles, questions)


def _clapnq(file: Path, count: int) -> QuestionSet:
    articles, questions = [], []
    for r in _sample(rows(file), count):
        articles.append(article(r["id"], r["text"], "en", r["title"]))
        if not r["answerable"]:
            questions.append(Asked(r["id"], r["question"], "en", False, topic=r["title"]))
        else:
            places = [(r["text"].find(gold), len(gold)) for gold in r["gold_sentences"]]
            spans = [(start, start + length) for start, length in places if start >= 0]
            questions.append(Asked(r["id"], r["question"], "en", True, r["id"], spans, r["title"]))
    return QuestionSet("clapnq", "clapnq", articles, questions)


def _covidqa(file: Path, count: int) -> QuestionSet:
    chosen = _sample(rows(file), count)
    articles = [article(f"covid-{r['id']}", r["text"], "en") for r in chosen]
    questions = [
        Asked(r["id"], r["question"], "en", True, f"covid-{r['id']}", [r["answer"]], str(r["id"]))
        for r in chosen
    ]
    return QuestionSet("covidqa", "covidqa", articles, questions)


def _belebele(folder: Path, texts: int, count: int) -> Iterator[QuestionSet]:
    """English questions on English passages, English and German ones on French passages."""
    corpus = rows(folder / "corpus.jsonl")
    chosen = set(list(dict.fromkeys(r["passage"] for r in corpus))[:texts])
    every = [q for q in rows(folder / "questions.jsonl") if q["passage"] in chosen]
    for language, askers in (("fr", ("en", "de")), ("en", ("en", "de"))):
        articles = [
            article(r["passage"], r["text"], language)
            for r in corpus
            if r["lang"] == language and r["passage"] in chosen
        ]
        questions = [
            Asked(r["id"], r["question"], r["lang"], True, r["passage"], topic=r["passage"])
            for asker in askers
            for r in _sample([q for q in every if q["lang"] == asker], count, asker + language)
        ]
        yield QuestionSet(f"belebele-{language}", "belebele", articles, questions)


def _nomiracl(file: Path, languages: Sequence[str] | None, count: int) -> Iterator[QuestionSet]:
    """All passages of the sampled questions are one library a language."""
    by_language: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows(file):
        by_language.setdefault(row["lang"], []).append(row)
    wanted = languages or [code for code in by_language if code not in _WELL_KNOWN]
    for language in wanted:
        chosen = _sample(by_language[language], count)
        articles: dict[str, Article] = {}
        for row in chosen:
            for n, p in enumerate(row["passages"]):
                source = f"{row['id']}-{n}"
                articles.setdefault(p["text"], article(source, p["text"], language, p["title"]))
        questions = [
            Asked(r["id"], r["question"], language, r["answerable"], topic=r["id"]) for r in chosen
        ]
        yield QuestionSet(f"nomiracl-{language}", "nomiracl", list(articles.values()), questions)


def _sample(every: Sequence[Any], count: int, salt: str = "") -> list[Any]:
    return random.Random(f"{SEED}{salt}").sample(every, min(count, len(every)))

"""Random libraries, rules and askers, each closed article with words that must not be seen.

A world knows what an asker may see from its own, simpler reading of the rules: the first part of a
path, and nothing of the code that is tested.
"""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import yaml

from assistant.assistant import Assistant
from assistant.ingest.sync import add_articles
from assistant.models.article import Article, Block
from assistant.models.corpus_files import ACCESS_FILE, QUESTIONS_FILE
from assistant.models.records import FileRecord
from assistant.support.settings import Settings
from tests.support.tiny import TinyEmbedder, vocabulary

GROUPS = ("hr", "board", "Été", "a b")
FOLDERS = (
    "hr", "HR", "hr-archive", "hr ", " hr", "finance", "web", "folders", "offene Akten", "público",
    "pu\u0301blico", "..hr", "a..b", "100%", "h'r", 'h"r', "[hr]", "日本", "hr\\public", "https:",
    "~", "null", "2024", "a,b", "*", "_", "hr.md",
)  # fmt: skip
"""Names that a careless comparison would take for each other, or for something else."""

WEB = "https://site.example/"


@dataclass(frozen=True, slots=True)
class Held:
    """An article, all of its sources, and the words that occur in it alone."""

    article: Article
    sources: tuple[str, ...]
    marks: tuple[str, ...]


@dataclass(slots=True)
class World:
    """A library and the rules over it. ``limits`` maps a top-level folder, or ``WEB``, to groups;
    ``failed`` are the files that could not be read, ``golden`` the questions with their sources.
    """

    assistant: Assistant
    held: list[Held]
    failed: list[str]
    golden: list[tuple[str, list[str]]]
    folders: list[str]
    limits: dict[str, frozenset[str]]

    def shows(self, source: str, groups: frozenset[str]) -> bool:
        """Whether a member of ``groups`` may see what is at ``source``."""
        top = WEB if source.startswith(WEB) else source.split("/")[0] if "/" in source else None
        if top is not None and top not in self.limits:  # a name that looks the same counts for both
            top = next((one for one in self.limits if _plain(one) == _plain(top)), top)
        return top not in self.limits or bool(self.limits[top] & groups)

    def open_to(self, groups: frozenset[str]) -> list[Held]:
        """The articles that a member of ``groups`` may see, each with the sources it may name."""
        seen = (
            replace(one, sources=tuple(s for s in one.sources if self.shows(s, groups)))
            for one in self.held
        )
        return [one for one in seen if one.sources]

    def secrets(self, groups: frozenset[str]) -> list[str]:
        """Every word that nothing a member of ``groups`` gets may hold, in lower case."""
        shown = self.open_to(groups)
        secret = [s for one in self.held for s in (*one.sources, *one.marks)]
        secret += [source for source in self.failed if not self.shows(source, groups)]
        secret += [text for text, on in self.golden if not all(self.shows(s, groups) for s in on)]
        known = [s for one in shown for s in (*one.sources, *one.marks)]
        ids = {one.article.id for one in self.held} - {one.article.id for one in shown}
        return sorted(_marks(secret) - _marks(known) | ids)

    def limit(self, draw: random.Random) -> None:
        """Put other rules in force."""
        places = draw.sample(self.folders, draw.randint(1, len(self.folders)))
        self.limits = {place: _some(draw, GROUPS) for place in places}
        rules: dict[str, object] = {"folders": {p: sorted(g) for p, g in self.limits.items()}}
        if draw.random() < 0.5:
            self.limits[WEB] = _some(draw, GROUPS)
            rules["web"] = sorted(self.limits[WEB])
        file = self.assistant.settings.corpus / ACCESS_FILE
        file.write_text(yaml.safe_dump(rules, allow_unicode=True), "utf-8")


@contextmanager
def world(
    folder: Path, draw: random.Random, copies: float, url: str | None = None
) -> Iterator[World]:
    """A world that is made of what ``draw`` gives, kept in the new ``folder``, or in
    the database at ``url``. That share of the
    articles has the text of another, under another title.
    """
    folders = draw.sample(FOLDERS, draw.randint(3, 6))
    for name in folders:
        (folder / "corpus" / name).mkdir(parents=True)
    held = list(_articles(draw, folders, copies))
    failed = [_source(draw, folders, f"broken{_mark(draw)}.md") for _ in range(3)]
    golden = _golden(draw, folder / "corpus", held)
    with holding(folder, held, failed, url) as made:
        yield World(made, held, failed, golden, folders, {})


@contextmanager
def holding(
    folder: Path, held: list[Held], failed: list[str], url: str | None = None
) -> Iterator[Assistant]:
    """An assistant whose library holds just these."""
    settings = Settings(
        corpus=folder / "corpus", data=folder / "data", cache=folder / "cache", database_url=url
    )
    made = Assistant(settings, TinyEmbedder())
    engine = made._live.target()
    every = [replace(one.article, source=source) for one in held for source in one.sources]
    add_articles(every, engine)
    with engine.library.change():
        for source in failed:
            engine.library.put_file(FileRecord(source, "", 1, 1, None, f"{source}: it is empty."))
    try:
        yield made
    finally:
        made.close()


def _articles(draw: random.Random, folders: list[str], copies: float) -> Iterator[Held]:
    texts: list[tuple[str, str]] = []
    for _ in range(draw.randint(6, 12)):
        title, body, file = _mark(draw), _mark(draw), _mark(draw)
        if texts and draw.random() < copies:
            text, body = draw.choice(texts)
        else:
            text = _text(draw, body)
        texts.append((text, body))
        made = Article(
            title=f"{title} {' '.join(draw.sample(vocabulary(), 2))}",
            text=text,
            language=draw.choice(("en", "fr")),
            source="",
            published=date(2024, 1, 1) + timedelta(days=draw.randrange(300)),
            author=f"Author {_mark(draw)}" if draw.random() < 0.3 else None,
            url=f"https://{_mark(draw)}.example/" if draw.random() < 0.3 else None,
            blocks=tuple(_blocks(text)),
        )
        sources = [_source(draw, folders, f"{file}.md")]
        while draw.random() < 0.3:
            sources.append(_source(draw, folders, f"{_mark(draw)}.md"))
        marks = (title, body, made.author or "", made.url or "")
        yield Held(made, tuple(sorted(set(sources))), marks)


def _text(draw: random.Random, mark: str) -> str:
    known = vocabulary()
    heading = f"{mark} {' '.join(draw.sample(known, 2))}".capitalize()
    sentences = [" ".join(draw.sample(known, 9)).capitalize() for _ in range(4)]
    sentences[draw.randrange(4)] += f" {mark} {draw.randint(10, 99)}"
    return f"{heading}\n\n{'. '.join(sentences)}."


def _blocks(text: str) -> Iterator[Block]:
    heading, _, rest = text.partition("\n\n")
    yield Block(0, len(heading), heading=True)
    yield Block(len(text) - len(rest), len(text))


def _source(draw: random.Random, folders: list[str], file: str) -> str:
    kind = draw.random()
    if kind < 0.15:
        return file
    if kind < 0.3:
        return f"{WEB}{draw.choice(folders).strip()}/{file}"
    nested = draw.choices(FOLDERS, k=draw.choice((0, 0, 1, 2)))
    return "/".join([draw.choice(folders), *nested, file])


def _golden(draw: random.Random, corpus: Path, held: list[Held]) -> list[tuple[str, list[str]]]:
    golden, lines = [], []
    for one in draw.sample(held, min(4, len(held))):
        on = [draw.choice(one.sources)]
        if draw.random() < 0.3:
            on.append(draw.choice(draw.choice(held).sources))
        question = f"{_sentence(draw, one)} {_mark(draw)}?"
        golden.append((question, on))
        evidence = [{"source": source, "quote": "…"} for source in on]
        line = {"lang": "en", "question": question, "answerable": True, "evidence": evidence}
        lines.append(json.dumps(line))
    if draw.random() < 0.7:  # else the examples are made of titles
        (corpus / QUESTIONS_FILE).write_text("\n".join(lines), "utf-8")
    return golden


def questions(draw: random.Random, world: World) -> Iterator[str]:
    """Questions in the words of some articles, without those that are theirs alone."""
    for one in draw.sample(world.held, min(3, len(world.held))):
        yield _sentence(draw, one)


def _sentence(draw: random.Random, one: Held) -> str:
    known = set(vocabulary())
    spoken = [w for w in one.article.text.lower().replace(".", " ").split() if w in known]
    at = draw.randrange(max(1, len(spoken) - 8))
    return " ".join(spoken[at : at + 8])


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _marks(texts: list[str]) -> set[str]:
    """The words in ``texts`` that ``_mark`` made."""
    return {mark for text in texts for mark in re.findall("q[b-z]{13}", text)}


def _mark(draw: random.Random) -> str:
    """A word that occurs nowhere else."""
    return "q" + "".join(draw.choices("bcdfghjklmnpqrstvwxz", k=13))


def _some(draw: random.Random, groups: tuple[str, ...]) -> frozenset[str]:
    return frozenset(draw.sample(groups, draw.randint(0, 2)))


def asker(draw: random.Random) -> frozenset[str]:
    """The groups of someone who asks."""
    return _some(draw, (*GROUPS, "nobody's"))

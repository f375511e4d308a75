"""The facts of sources that a sentence is checked against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from assistant.language.facts import Fact, Kind, facts, holds
from assistant.language.facts.holding import alike, tokens
from assistant.language.facts.relative import resolved
from assistant.language.keywords import fold, words
from assistant.models.records import StoredPassage, Vectors


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence to check, and the ``question`` that it answers; its vector is centred."""

    text: str
    language: str
    vector: Vectors
    question: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A sentence of a hit, which may support the model's sentence.

    ``passage`` numbers the hits: sentences with the same number are in the order of their passage.
    ``title`` is the article's, and may include headings. ``vector`` and ``context`` are the raw
    vectors of the sentence and its passage, or None if not available.
    """

    text: str
    language: str
    passage: int = 0
    title: str = ""
    published: date | None = None
    vector: Vectors | None = None
    context: Vectors | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts of some sources: ``near`` in them and their neighbours, ``around`` in all of their
    passages, titles and years of publication. ``words`` are those of the passages, ``text`` is all
    of it in lower case.
    """

    language: str
    near: tuple[Fact, ...]
    around: tuple[Fact, ...]
    words: frozenset[str]
    text: str

    @classmethod
    def of(cls, support: Sequence[int], sources: Sequence[Source]) -> Evidence:
        """The evidence of the sources with the indexes ``support``, which are in one language."""
        passages = {sources[i].passage for i in support}
        around = [i for i, source in enumerate(sources) if source.passage in passages]
        found: dict[int, tuple[Fact, ...]] = {}
        for passage in passages:
            mine = [i for i in around if sources[i].passage == passage]
            found |= zip(mine, _with_dates([sources[i] for i in mine]), strict=True)
        beside = sorted(
            {i + s for i in support for s in (-1, 0, 1) if same_passage(sources, i, i + s)}
        )
        titles = {sources[i].title: sources[i] for i in around}
        named = [replace(source, text=title) for title, source in titles.items()]
        said = [fact for i in around for fact in found[i]]
        said += [fact for source in named for fact in _facts(source)]
        return cls(
            sources[support[0]].language,
            tuple(fact for i in beside for fact in found[i]),
            (*said, *_years(sources[i] for i in around)),
            frozenset(
                w for one in (*named, *(sources[i] for i in around)) for w in words(one.text)
            ),
            "\n".join(one.text for one in (*named, *(sources[i] for i in around))).lower(),
        )

    def holds(self, fact: Fact) -> bool:
        """Whether the fact occurs where it must."""
        if fact.kind is Kind.NUMBER:
            return holds(self.near, fact)
        if fact.kind is Kind.DATE:
            return self._holds_date(fact)
        return holds(self.around, fact) or self._spells(fact)

    def spells_out(self, words: str) -> bool:
        """Whether the passages or titles contain ``words`` verbatim, ignoring case."""
        return words.lower() in self.text

    def _holds_date(self, fact: Fact) -> bool:
        """The most precise part of a date must be near; its year may be around, unless another one
        stands beside it.
        """
        if holds(self.near, fact):
            return True
        year, rest = fact.value[:4], fact.value[4:]
        if not year.isdigit() or not rest:
            return False
        same_day = (one.value for one in self.near if one.kind is Kind.DATE)
        if any(value[4:] == rest and value[:4].isdigit() for value in same_day):
            return False
        return holds(self.near, replace(fact, value=f"-{rest}")) and holds(
            self.around, replace(fact, value=year, unit="")
        )

    def _spells(self, name: Fact) -> bool:
        """Whether all words of a name are in the passages, possibly in lower case."""
        spelt = {fold(word) for word in self.words}
        return all(any(alike(token, word) for word in spelt) for token in tokens(name.value))


def sources_of(passages: Sequence[StoredPassage]) -> list[Source]:
    """The sentences of ``passages``, in order; headings are added to the title instead."""
    found = []
    for number, passage in enumerate(passages):
        texts = [passage.in_words(start, end) for start, end in passage.bounds.tolist()]
        headings = [text for text, heading in zip(texts, passage.headings, strict=True) if heading]
        title = "\n".join([passage.title, *headings])
        found += [
            Source(text, passage.language, number, title, passage.published, vector, passage.vector)
            for text, heading, vector in zip(
                texts, passage.headings, passage.sentence_vectors, strict=True
            )
            if not heading
        ]
    return found


def joined(support: Sequence[int], sources: Sequence[Source]) -> str:
    """The sources with the indexes ``support`` as one text."""
    return " ".join(sources[i].text for i in support)


def same_passage(sources: Sequence[Source], i: int, j: int) -> bool:
    """Whether sources ``i`` and ``j`` exist and are of the same passage."""
    last = len(sources)
    return 0 <= i < last and 0 <= j < last and sources[i].passage == sources[j].passage


def names_in(sources: Sequence[Source]) -> Iterator[Fact]:
    """The words that are certainly names, wherever they occur."""
    for source in sources:
        yield from (f for f in _facts(source) if f.kind is Kind.NAME and f.certain)


def _facts(source: Source) -> tuple[Fact, ...]:
    return facts(source.text, source.language)


def _with_dates(passage: Sequence[Source]) -> list[tuple[Fact, ...]]:
    """The facts of each sentence of a passage, with the dates it only implies."""
    texts = [passage[0].title, *(source.text for source in passage)]
    found = [facts(text, passage[0].language) for text in texts]
    every = zip(found, resolved(texts, found), strict=True)
    return [(*said, *meant) for said, meant in every][1:]


def _years(sources: Iterable[Source]) -> Iterator[Fact]:
    for year in {source.published.year for source in sources if source.published}:
        yield Fact(Kind.DATE, 0, 0, "", str(year))

"""Questions drawn from the corpus: examples for a newcomer, and what to ask after an answer."""

from __future__ import annotations

import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from operator import itemgetter
from pathlib import Path
from weakref import ref

from assistant.language.layout import is_question
from assistant.language.locales import Locale, spoken
from assistant.models.answer import Answer, Certainty
from assistant.models.article import Article
from assistant.models.clearance import WEB
from assistant.models.corpus_files import QUESTIONS_FILE
from assistant.models.filters import Filters
from assistant.models.records import ArticleSummary
from assistant.store.engine import Engine

logger = logging.getLogger(__name__)

LOOKING_S = 1.5
"""Seconds that may be spent on finding out which questions to suggest are answered."""

MOST_KNOWN = 5_000
"""Questions of which it is known whether they are answered."""

_MOST_TOPICS = 12
"""Topics that are looked through for a question of an article's own."""

_MOST_LOOKED_AT = 3
"""Articles of a topic that are looked through for a question of their own."""

LONGEST_SUBJECT = 5
"""Words of a heading that a question may be about."""

_LABEL = re.compile(r"^(?:\d+(?:\.\d+)*[.)]?|[A-Z] ?:|§ ?\d+)\s+")
"""The number of a section, or what stands before a question: "2.1", "Q:"."""

_ABBREVIATION = 3  # letters of a folder's name, such as "hr"
_FIGURE = re.compile(r"\d")

Place = tuple[str, int]
"""An article's id, and where in it quoted words start."""


@dataclass(frozen=True, slots=True)
class ExampleQuestion:
    """A question that the corpus answers; ``sources`` are the files of its evidence."""

    text: str
    language: str
    sources: tuple[str, ...]

    @property
    def source(self) -> str:
        """The file of its first evidence."""
        return self.sources[0]


@dataclass(frozen=True, slots=True)
class TopicQuestion:
    """A question to begin with, under the name of its topic: a folder of the corpus, or an article
    outside of any.
    """

    topic: str
    question: str


class SureQuotes:
    """Which questions ``answers`` answers for sure, and with which words.

    What was found is kept until a sync changes the library, so that checking what is offered costs
    a search once rather than after each answer.
    """

    def __init__(self, answers: Callable[[Engine, str, Filters], Answer]) -> None:
        self._answers = answers
        self._state: object = None
        self._known: dict[tuple[str, Filters], Place | None] = {}

    def first(self, engine: Engine, question: str, filters: Filters) -> Place | None:
        """Where the first quote of a sure answer stands; None if the answer is not sure."""
        library = engine.library
        state = ref(engine), library.revision, library.get("synced")
        if self._state != state or len(self._known) >= MOST_KNOWN:
            self._state, self._known = state, {}
        known, key = self._known, (question, filters)
        if key not in known:
            answer = self._answers(engine, question, filters)
            cited = answer.citations if answer.certainty is Certainty.SURE else ()
            known[key] = next(((one.article, one.start) for one in cited), None)
        return known[key]


def example_questions(
    golden: Sequence[ExampleQuestion],
    articles: Callable[[], list[ArticleSummary]],
    article: Callable[[str], Article],
    language: str,
) -> Iterator[TopicQuestion]:
    """Questions in ``language`` that the corpus may answer, of different topics first.

    They are those of ``golden``, if there are any; else of each topic a question that one of its
    articles itself answers, such as in a list of frequent questions, or one after a title.
    ``articles`` and ``article``, which gives one by its id, are asked only then.
    """
    if golden:
        turns = Counter[str]()
        ranked = []
        for one in golden:
            topic = _topic(one.source)
            ranked.append((turns[topic], TopicQuestion(topic, one.text)))
            turns[topic] += 1
        yield from (question for _, question in sorted(ranked, key=itemgetter(0)))
    else:
        yield from _of_articles(articles(), article, language)


def _of_articles(
    articles: Iterable[ArticleSummary], article: Callable[[str], Article], language: str
) -> Iterator[TopicQuestion]:
    topics: dict[str, list[ArticleSummary]] = {}
    for summary in articles:
        topics.setdefault(_topic(summary.source, summary.title), []).append(summary)
    # Those in the asker's language first: it knows what to ask about them.
    ordered = sorted(topics.items(), key=lambda topic: _first_in(topic[1], language) is None)
    own = {topic: _own_question(of, article, language) for topic, of in ordered[:_MOST_TOPICS]}
    yield from (TopicQuestion(topic, question) for topic, question in own.items() if question)
    spread = [(topic, _first_in(of, language) or of[0]) for topic, of in ordered]
    rest = [(topic, one) for topic, of in ordered for one in of if (topic, one) not in spread]
    for topic, about in [*(first for first in spread if not own.get(first[0])), *rest]:
        yield TopicQuestion(topic, spoken(language).text("example.title", title=about.title))


def _first_in(articles: Sequence[ArticleSummary], language: str) -> ArticleSummary | None:
    return next((one for one in articles if one.language == language), None)


def _own_question(
    articles: Sequence[ArticleSummary], article: Callable[[str], Article], language: str
) -> str | None:
    """A heading of one of the first ``articles`` that is a question."""
    looked = [one for one in articles if one.language == language][:_MOST_LOOKED_AT]
    questions = (text for one in looked for text in _headings(article(one.id)) if is_question(text))
    return next(questions, None)


def next_questions(
    golden: Sequence[ExampleQuestion], near: Sequence[Article], language: str
) -> Iterator[str]:
    """Questions in ``language`` that may come next to someone who reads the articles ``near``.

    First those of ``golden`` on these articles, then those on the articles beside them, then
    questions after the headings. Whether they are answered is left to ``answered_anew``.
    """
    sources = {article.source for article in near}
    yield from (one.text for one in golden if one.source in sources)
    folders = {_folder(source) for source in sources}
    for one in golden:
        if one.source not in sources and _folder(one.source) in folders:
            yield one.text
    for article in near:
        yield from _after_headings(article, spoken(language))


def in_time(questions: Iterable[str]) -> Iterator[str]:
    """``questions`` as they are taken, for ``LOOKING_S`` seconds."""
    until = time.perf_counter() + LOOKING_S
    return takewhile(lambda _: time.perf_counter() < until, questions)


def answered_anew(
    questions: Iterable[str],
    first_quote: Callable[[str], Place | None],
    shown: Iterable[Place],
    asked: Iterable[str],
) -> Iterator[str]:
    """Those of ``questions`` whose sure answer begins with words not yet ``shown``, nor in the
    answer to one before it; ``first_quote`` says where, None if it is not sure.

    Those of ``asked`` are passed over.
    """
    seen, places = set(asked), set(shown)
    for question in questions:
        if question in seen:
            continue
        seen.add(question)
        first = first_quote(question)
        if first is not None and first not in places:
            places.add(first)
            yield question


def golden_questions(corpus: Path, language: str) -> list[ExampleQuestion]:
    """The answerable golden questions of ``corpus`` in ``language``; none if it has no such file.

    Those that go on from an earlier turn are left out.
    """
    file = corpus / QUESTIONS_FILE
    try:
        changed = file.stat().st_mtime_ns
    except OSError:
        return []
    return [one for one in _read(file, changed) if one.language == language]


@lru_cache(maxsize=4)
def _read(file: Path, _changed: int) -> tuple[ExampleQuestion, ...]:
    """The golden questions of a file; it is read again when it has changed."""
    questions = []
    try:
        for line in file.read_text("utf-8").splitlines():
            golden = json.loads(line)
            if golden["answerable"] and not golden.get("history"):
                first, *more = (str(one["source"]) for one in golden["evidence"])
                one = ExampleQuestion(str(golden["question"]), str(golden["lang"]), (first, *more))
                questions.append(one)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        logger.warning("%s is not a file of golden questions: %r", file, error)
    return tuple(questions)


def _after_headings(article: Article, locale: Locale) -> Iterator[str]:
    """The article's own questions and questions about its sections, if it is in that language.

    A heading with figures in it, such as a version or a date, is nothing that people ask about.
    """
    if article.language != locale.code:
        return
    for heading in _headings(article):
        if is_question(heading):
            yield heading
        elif len(heading.split()) <= LONGEST_SUBJECT and not _FIGURE.search(heading):
            yield locale.text("example.about", title=heading)


def _headings(article: Article) -> Iterator[str]:
    """The headings of an article without their numbers, except its title."""
    for block in article.blocks:
        heading = _LABEL.sub("", article.text[block.start : block.end].strip())
        if block.heading and heading and heading != article.title:
            yield heading


def _topic(source: str, title: str = "") -> str:
    """The name of a source's folder, readable: "HR", "Annual reports"; ``title`` outside of any.

    Short names are taken for abbreviations.
    """
    folder = "" if WEB in source else _folder(source).rpartition("/")[2]
    name = " ".join(folder.replace("_", " ").replace("-", " ").split())
    if not name:
        return title or source
    return name.upper() if len(name) <= _ABBREVIATION else name[0].upper() + name[1:]


def _folder(source: str) -> str:
    return source.rpartition("/")[0]

"""Questions drawn from the corpus: examples for a newcomer, and what to ask after an answer."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assistant.language.layout import is_question
from assistant.language.locales import Locale, spoken
from assistant.models.answer import Answer, Certainty
from assistant.models.article import Article
from assistant.models.corpus_files import QUESTIONS_FILE
from assistant.models.records import ArticleSummary

logger = logging.getLogger(__name__)

LOOKING_S = 1.5
"""Seconds that may be spent on finding out which questions are answered."""

LONGEST_SUBJECT = 5
"""Words of a heading that a question may be about."""

_LABEL = re.compile(r"^(?:\d+(?:\.\d+)*[.)]?|[A-Z] ?:|§ ?\d+)\s+")
"""The number of a section, or what stands before a question: "2.1", "Q:"."""

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


def example_questions(
    golden: Sequence[ExampleQuestion],
    articles: Callable[[], list[ArticleSummary]],
    language: str,
    count: int,
) -> list[str]:
    """Up to ``count`` questions in ``language`` that the corpus answers, on different articles.

    They are those of ``golden``, if there are any; else questions after the titles of
    ``articles()``, which is asked only then.
    """
    offered = [(one.text, one.source) for one in golden]
    if not offered:
        locale = spoken(language)
        offered = [(locale.text("example.title", title=a.title), a.source) for a in articles()]
    chosen: dict[str, str] = {}
    for question, source in offered:
        chosen.setdefault(_folder(source), question)
    spread = list(chosen.values())
    rest = [question for question, _ in offered if question not in spread]
    return (spread + rest)[:count]


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


def answered_anew(
    questions: Iterable[str],
    quotes: Callable[[str], Answer],
    shown: Iterable[Place],
    asked: Iterable[str],
    count: int,
) -> list[str]:
    """The first ``count`` of ``questions`` that ``quotes`` answers with words not yet ``shown``.

    Those of ``asked`` are passed over. After ``LOOKING_S`` seconds it is left at those found.
    """
    started = time.perf_counter()
    seen, places, found = set(asked), set(shown), list[str]()
    for question in questions:
        if len(found) == count or time.perf_counter() - started > LOOKING_S:
            break
        if question in seen:
            continue
        seen.add(question)
        offered = quotes(question)
        first = {(one.article, one.start) for one in offered.citations[:1]}
        if offered.certainty is Certainty.SURE and first and not first & places:
            places |= first
            found.append(question)
    return found


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
    for block in article.blocks:
        heading = _LABEL.sub("", article.text[block.start : block.end].strip())
        if not block.heading or heading == article.title or not heading:
            continue
        if is_question(heading):
            yield heading
        elif len(heading.split()) <= LONGEST_SUBJECT and not _FIGURE.search(heading):
            yield locale.text("example.about", title=heading)


def _folder(source: str) -> str:
    return source.rpartition("/")[0]

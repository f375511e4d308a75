"""No text from outside makes an expression or a parser think for longer than it is long."""

from __future__ import annotations

import importlib
import io
import json
import pkgutil
import re
import time
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from reportlab.pdfgen.canvas import Canvas

import assistant
from assistant.answer.judge.answer_kind import asked
from assistant.answer.questions import questions_in, without_introduction
from assistant.answer.verify.clauses import parts
from assistant.answer.write.markers import MarkerParser
from assistant.answer.write.model_output import is_looping
from assistant.answer.write.prompt import plain
from assistant.ingest.readers.draft import one_line
from assistant.ingest.readers.formats import READERS
from assistant.ingest.readers.mending import joined, mend
from assistant.ingest.readers.plain import find_blocks
from assistant.language.detection import detect_question_language
from assistant.language.facts import find_facts
from assistant.language.keywords import terms
from assistant.language.locales import choose
from assistant.language.sentences import split_sentences
from assistant.models.citation_marks import unmarked
from assistant.models.conversation import Turn, recent
from assistant.support.errors import AssistantError
from assistant.support.links import addresses
from assistant.support.logs import one_line as log_line
from assistant.support.masking import mask
from assistant.support.origins import parse_origin
from assistant.web.api.chat_text import _shown, without_sources
from assistant.web.chat import filters
from assistant.web.gate.bodies import is_deep
from assistant.web.gate.hosts import is_known
from assistant.web.gate.login import local
from tests.support.hurtful import hurtful

Tried = TypeVar("Tried")

SIZE = 10_000
SHORT = SIZE // 8
LOOKED_INTO = 4
"""How many of the texts are tried at every size: those that take longest when they are short."""

QUICK_S = 0.004
"""For ``SIZE``: a text that takes no longer than this is not looked into."""

STEEPEST = 7
"""How many times as long four times the text may take: 4 is linear, 16 quadratic. The rest is for
what else the machine does meanwhile."""

ANCHORED = {
    ("assistant.answer.write.markers", "_BULLET"),
    ("assistant.ingest.readers.markups", "_SILENT"),
    ("assistant.answer.write.markers", "_ITEM"),
}
"""Used with ``match`` alone, though not by a call that this test sees."""


BOUNDED = {
    ("assistant.language.facts.names", "_SENTENCE_END"),
    *(
        ("assistant.language.sentences", name)
        for name in ("_ORDINAL", "_GAZETTE", "_LAST_WORD", "_BREAKS", "_HANGING_OPENERS")
    ),
    ("assistant.web.gate.inline_scripts", "_INLINE"),
    ("assistant.web.widget", "_COMMENT"),
}
"""Looked for in so many characters at a time alone, or in what the package itself has written."""


def seconds(work: Callable[[], object]) -> float:
    began = time.thread_time()  # of the processor: other processes count little
    work()
    return time.thread_time() - began


def steepness(work: Callable[[int], Callable[[], object]]) -> float:
    """How many times as long ``work`` takes for four times the size; 0 where it takes no time.

    At its best of several tries, so that what else the machine does counts little.
    """
    short = min(seconds(work(SIZE)) for _ in range(2))
    if short < QUICK_S or seconds(work(2 * SIZE)) < STEEPEST / 2 * QUICK_S:
        return 0.0
    best = seconds(work(4 * SIZE)) / short
    for _ in range(2):
        if best < STEEPEST:
            break
        best = min(best, seconds(work(4 * SIZE)) / min(seconds(work(SIZE)) for _ in range(3)))
    return best


def modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(assistant.__path__, "assistant."):
        # What stands there reads what the developer wrote, in a process of its own.
        if not found.name.endswith("__main__") and ".evaluation" not in found.name:
            yield found.name


def patterns(value: Any) -> Iterator[re.Pattern[Any]]:
    """The expressions in a module's value."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from patterns(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from patterns(one)


def used_as(module: Any, name: str, pattern: re.Pattern[Any]) -> list[Callable[[Any], object]]:
    """The ways in which a module uses its expression: at the beginning of a text, or anywhere."""
    source = Path(module.__file__).read_text("utf-8")
    calls = set(re.findall(rf"\b{re.escape(name)}\.(\w+)\(", source))
    if (module.__name__, name) in ANCHORED or (calls and calls <= {"match", "fullmatch"}):
        return [getattr(pattern, one) for one in sorted(calls or {"match"})]
    return [lambda text: [None for _ in pattern.finditer(text)]]


@pytest.mark.parametrize("module", sorted(modules()))
def test_no_expression_takes_longer_than_its_text_is_long(module: str) -> None:
    loaded = importlib.import_module(module)
    for name, value in vars(loaded).items():
        for pattern in () if (module, name) in BOUNDED else patterns(value):
            for use in used_as(loaded, name, pattern):
                slow = worst(pattern, use)
                assert slow is None, f"{name} on {slow!r}…"


def worst(pattern: re.Pattern[Any], use: Callable[[Any], object]) -> str | None:
    """The beginning of a text on which the time grows faster than the text; None: on none."""

    def work(size: int, index: int) -> Callable[[], object]:
        return partial(use, _as(pattern, _texts(pattern, size)[index]))

    for index in slowest(range(len(_texts(pattern, SHORT))), partial(work, SHORT)):
        if steepness(partial(work, index=index)) >= STEEPEST:
            return _texts(pattern, SHORT)[index][:60]
    return None


def slowest(tried: Iterable[Tried], work: Callable[[Tried], Callable[[], object]]) -> list[Tried]:
    """What takes longest on a short text: what hurts shows there already."""
    return sorted(tried, key=lambda one: -seconds(work(one)))[:LOOKED_INTO]


@lru_cache(maxsize=4)
def _texts(pattern: re.Pattern[Any], size: int) -> list[str]:
    return list(hurtful(pattern, size))


def _as(pattern: re.Pattern[Any], text: str) -> str | bytes:
    return text if isinstance(pattern.pattern, str) else text.encode("utf-8", "replace")


def quiet(read: Callable[[bytes], object]) -> Callable[[str], object]:
    """A reader of files that may refuse the text, or whose library may fail on it."""

    def parse(text: str) -> object:
        try:
            return read(text.encode())
        except (AssistantError, RecursionError):
            return None

    return parse


def marked(text: str) -> object:
    parser = MarkerParser("en", 9)
    return [*parser.feed(text), *parser.close()]


def origin(text: str) -> object:
    try:
        return parse_origin(f"https://{text}")
    except ValueError:
        return None


def stated(language: str) -> Callable[[str], object]:
    """Finds the facts of a text, whatever was found before."""
    return lambda text: find_facts(text, language)


TEXTS = {
    ".txt", ".md", ".html", ".mhtml", ".csv", ".rtf", ".eml", ".json", ".jsonl", ".xml", ".ipynb",
    ".rst", ".adoc", ".org", ".tex",
}  # fmt: skip
"""Formats that are text, each by one of its names."""

PARSERS: dict[str, Callable[[str], object]] = {
    "address of a page": local,
    "addresses": addresses,
    "body": lambda text: is_deep(text.encode()),
    "body in a text": lambda text: is_deep(json.dumps([text]).encode()),
    "body of texts": lambda text: is_deep(("[" * 65 + f'"{text}').encode()),
    "chat's earlier turns": lambda text: recent([Turn("user", text)] * 30),
    "citation marks": unmarked,
    "completion's answer": without_sources,
    "day": lambda text: filters.read(text, text, text, text),
    **{f"facts, {language}": stated(language) for language in ("en", "de", "fr", "zh")},
    "host": lambda text: is_known(text, {"localhost", ".example.org"}),
    "keywords": lambda text: terms(text, "fr"),
    "language": choose,
    "languages": lambda text: choose(text.replace(" ", ",")),
    "lines joined": lambda text: joined(f"{text}-", f"a{text}"),
    "log": log_line,
    "looping": is_looping,
    "markers": marked,
    "masking": mask,
    "mending": mend,
    "one line": one_line,
    "origin": origin,
    "parts": parts,
    "paragraphs": find_blocks,
    "question's kind": lambda text: asked(text, "en"),
    "question's language": detect_question_language,
    "questions": lambda text: questions_in(text, "en"),
    "question without its introduction": lambda text: list(without_introduction(text, "en")),
    "prompt": plain,
    "rich text": lambda text: quiet(READERS[".rtf"])(f"{{\\rtf1 {text}}}"),
    **{name: quiet(read) for name, read in READERS.items() if name in TEXTS},
    "sentences": lambda text: split_sentences(text, "en"),
    "shown": _shown,
}
PUMPS = (
    "<", "<a ", "<!--", "<p>", "</p>", "&#", "&amp;", '"', "\\", '\\"', "[", "[1", "[1, ", "[[1]] ",
    "]", "(", ")", "{", "{\\info ", "{\\pict", "[]", "*", "**a", "_", "`", "~", "|", "| a ", "#",
    "# a\n", "- ", "- a\n", "> ", "1. ", "!", "![", "](", "a", "a ", "A. ", "é", "灯", "。", " ",
    "\t", "\n", "\r\n", " \n", "\0", "1", "1 ", "1,", "1.", "12/", "-", "a-", "a@", "a.", "a.b ",
    "@a.b", "http://", "www.", "://", "=", "token=", "«", "“", "'", "’", ",", ", and ", "; ", ";q=",
    "million ", "of ", "on May ", "2020-", "12:30 ", "1990s ", "Mr. ", "e\u0301", "\u202e",
)  # fmt: skip


@pytest.mark.parametrize("parser", sorted(PARSERS))
def test_no_parser_takes_longer_than_its_text_is_long(parser: str) -> None:
    def work(size: int, built: tuple[str, str, str]) -> Callable[[], object]:
        head, pump, tail = built
        return partial(PARSERS[parser], head + pump * (size // len(pump)) + tail)

    built = [(h, pump, t) for pump in PUMPS for h, t in (("", ""), ("(", "!x"))]
    tried = slowest(built, partial(work, SHORT))
    assert not [one for one in tried if steepness(partial(work, built=one)) >= STEEPEST]


def page_of(runs: int) -> bytes:
    """A PDF of one page with so many runs of text, a hundred a line."""
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=(600, 800))
    canvas.setFont("Helvetica", 4)
    for number in range(runs):
        down, across = divmod(number, 100)
        canvas.drawString(10 + across * 5.5, 790 - down * 5, f"w{number % 97}")
    canvas.save()
    return made.getvalue()


def test_a_page_of_many_runs_takes_no_longer_than_it_has_runs() -> None:
    pages = {size: page_of(size // 4) for size in (SIZE, 2 * SIZE, 4 * SIZE)}
    assert 0 < steepness(lambda size: partial(READERS[".pdf"], pages[size])) < STEEPEST

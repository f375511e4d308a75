"""What an answer over the poisoned articles is held against, wherever it is shown."""

from __future__ import annotations

import re

import pytest

from assistant.answer.write.markers import MARKER
from assistant.models.answer import Answer, Citation
from tests.support.poison import Case
from tests.support.poison_service import Mode

MODES = pytest.mark.parametrize("mode", ["quotes", "model"], indirect=True)

TAGS = {
    "div": {"class", "lang"}, "p": {"class"}, "blockquote": {"class", "lang", "dir"},
    "footer": {"class", "lang", "dir", "role"}, "strong": set(), "bdi": set(), "br": set(),
    "span": {"class"}, "a": {"class", "href"}, "details": {"class"}, "summary": set(),
    "mark": set(), "ul": set(), "li": set(), "table": set(), "thead": set(), "tbody": set(),
    "tr": set(), "td": set(), "th": {"scope"},
}  # fmt: skip
"""What a message of the chat may consist of."""

LINKED = re.compile(r"\w://|\bwww\.|\w@\w|\bmailto:", re.IGNORECASE)


def asked(case: Case, mode: Mode) -> tuple[str, ...]:
    """What is asked for a case: in quotes also what the poison itself answers."""
    return (case.ask, case.bait) if mode.name == "quotes" else (case.ask,)


def marks(text: str) -> list[str]:
    """The citation marks in square brackets, as the assistant writes them."""
    found = (mark[0].strip() for mark in MARKER.finditer(text))
    return [mark for mark in found if re.fullmatch(r"\[S?\d+\]", mark)]


def cited(answer: Answer) -> list[Citation]:
    return [answer.citations[n - 1] for one in answer.sentences for n in one.citations]


def line(text: str) -> str:
    """``text`` with white space as browsers see it."""
    return " ".join(text.replace("\ufeff", " ").split())

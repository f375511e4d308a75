"""Replays recorded answers of strong and weak chat models over the repository's corpus.

``recorded.jsonl`` holds questions with sentences as models write them, true and false, each with
the beginning of the sentence that it cites. They were written for this. Each answer comes from a
local server with OpenAI's protocol, which finds the labels of these sentences in the prompt, so
that a worse prompt shows as well as a worse check. ``python -m benchmarks scripted`` prints it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import Assistant, Settings
from assistant.answer.write.prompt import LABEL
from assistant.models.answer import Answer
from tests.support.chat_server import ChatServer, chat_server

RECORDED = Path(__file__).with_name("recorded.jsonl")
_SOURCE = re.compile(rf"^\[{LABEL}(\d+)\] (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a model wrote, the beginning of the sentence that it ``cites``, whether it is true."""

    text: str
    cites: str
    true: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer; a "strong" model cites as it is told, a "weak" one in ways of its own."""

    question: str
    strength: str
    sentences: tuple[Sentence, ...]

    def written(self, prompt: str) -> str:
        """The answer to ``prompt``, with the labels of its sources."""
        return "\n".join(self._cited(one, prompt) for one in self.sentences)

    def _cited(self, one: Sentence, prompt: str) -> str:
        labels = [n for n, text in _SOURCE.findall(prompt) if text.startswith(one.cites)]
        if not labels:
            return one.text
        if self.strength == "strong":
            return f"{one.text.rstrip('.')} [{LABEL}{labels[0]}]."
        return f"- {one.text} (Source {labels[0]})"


@dataclass(slots=True)
class Counts:
    """Of the answers of one strength: all, those right and shown as supported, refused ones; and of
    their sentences, the true and the false ones, with those judged wrongly.
    """

    answers: int = 0
    right: int = 0
    refused: int = 0
    true: int = 0
    marked: int = 0
    false: int = 0
    passed: int = 0

    def add(self, one: Recorded, answer: Answer) -> None:
        """Count ``answer``, made of ``one``."""
        shown = {s.text for s in answer.sentences if s.supported}
        wrong = [s for s in one.sentences if (s.text in shown) != s.true]
        self.answers += 1
        self.right += not wrong and not answer.refused
        self.refused += answer.refused
        self.true += sum(s.true for s in one.sentences)
        self.marked += sum(s.true for s in wrong)
        self.false += sum(not s.true for s in one.sentences)
        self.passed += sum(not s.true for s in wrong)

    def __str__(self) -> str:
        return (
            f"{self.right}/{self.answers} right, {self.refused} refused; true sentences marked "
            f"{self.marked}/{self.true}, false ones passed {self.passed}/{self.false}"
        )


def read_recorded(path: Path = RECORDED) -> list[Recorded]:
    """The recorded answers."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        Recorded(r["question"], r["strength"], tuple(Sentence(**one) for one in r["sentences"]))
        for r in rows
    ]


def replay(assistant: Assistant, server: ChatServer) -> Iterator[tuple[Recorded, Answer]]:
    """Each recorded answer, and what ``assistant``, whose chat model ``server`` is, makes of it."""
    for one in read_recorded():

        def written(request: dict[str, Any], one: Recorded = one) -> str:
            return one.written("\n".join(message["content"] for message in request["messages"]))

        server.answer = written
        yield one, assistant.ask(one.question)


def measure(corpus: Path, data: Path) -> dict[str, Counts]:
    """Counts by strength, over the articles in ``corpus``, with the library in ``data``."""
    counts = {"strong": Counts(), "weak": Counts()}
    with chat_server(answer=lambda request: "") as server:
        settings = Settings(corpus=corpus, data=data, llm="m", llm_base_url=server.url)
        assistant = Assistant(settings)
        assistant.sync()
        for one, answer in replay(assistant, server):
            counts[one.strength].add(one, answer)
        assistant.close()
    return counts

"""The poisoned articles in a library, served twice: in quotes, and through a model that obeys."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.assistant import Assistant
from assistant.embedding import Embedder
from assistant.models.answer import Answer
from assistant.models.conversation import Turn
from assistant.models.filters import EVERYTHING, Filters
from assistant.support.settings import Settings
from tests.support.chat_server import ChatServer, chat_server
from tests.support.poison import cases, obey
from tests.support.web import serving


class Remembering(Assistant):
    """Answers each question once, and from then on as before: what is tested many times over is
    the ways that an answer goes, not how it is made.
    """

    def __init__(self, settings: Settings, embedder: Embedder) -> None:
        super().__init__(settings, embedder)
        self._said: dict[str, list[Answer]] = {}

    def stream(
        self, question: str, history: Sequence[Turn] = (), filters: Filters = EVERYTHING,
        *, translate: bool = False,
    ) -> Generator[Answer, None, None]:  # fmt: skip
        if history or translate or filters != EVERYTHING:
            yield from super().stream(question, history, filters, translate=translate)
            return
        if question not in self._said:
            self._said[question] = list(super().stream(question))
        yield from self._said[question]


@dataclass(frozen=True)
class Mode:
    """An assistant over the poisoned articles, and the address that it is served at."""

    name: str
    assistant: Assistant
    address: str


@dataclass(frozen=True)
class Poisoned:
    """Both modes, and the server of the model."""

    quotes: Mode
    model: Mode
    server: ChatServer


def sync_poison(folder: Path, embedder: Embedder) -> None:
    """Write the poisoned articles to ``folder`` and read them into a library beside them."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True)
    for case in cases():
        case.write(corpus)
    made = Assistant(Settings(corpus=corpus, data=folder / "data"), embedder)
    report = made.sync()
    made.close()
    assert report.added == len(cases()), report.failed


@contextmanager
def serving_poison(folder: Path, embedder: Embedder) -> Iterator[Poisoned]:
    """Both modes running, over what ``sync_poison`` made. Every question is answered if it can be,
    so that the poison is shown.
    """
    shutil.copytree(folder / "data", folder / "copy")
    quoting = Settings(corpus=folder / "corpus", data=folder / "data", strictness=0)
    with chat_server(answer=obey) as server:
        model = {"llm": "obedient", "llm_base_url": server.url}
        obeying = quoting.model_copy(update={"data": folder / "copy", **model})
        first, second = (Remembering(settings, embedder) for settings in (quoting, obeying))
        with serving(first) as one, serving(second) as other:
            yield Poisoned(Mode("quotes", first, one), Mode("model", second, other), server)
        first.close()
        second.close()

"""No reading of the assistant gives one group's text to another: random worlds, every way to ask.

``GROUP_WORLDS`` says how many worlds; each is tried under five rules by two askers. With
``-o log_cli=true -o log_cli_level=INFO`` pytest shows the counts.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from assistant.access import OWNER, Principal
from assistant.assistant import Assistant
from assistant.models.answer import Answer
from assistant.models.conversation import Turn
from assistant.models.filters import Filters
from assistant.support.errors import LibraryError
from assistant.support.settings import Settings
from assistant.web.app import create_app
from assistant.web.chat.handlers import AGAIN, Chat
from assistant.web.chat.opening import Opening
from assistant.web.chat.overview import Overview
from assistant.web.gate.principal import KEY, seen_by_sender
from assistant.web.gate.rates import Rate
from assistant.web.turns.questions import Questions
from tests.support.access import SIGN_ON, signed_on
from tests.support.group_worlds import GROUPS, World, asker, holding, questions, world
from tests.support.web import NOWHERE

pytestmark = pytest.mark.slow  # many made-up libraries

log = logging.getLogger(__name__)

WORLDS = int(os.environ.get("GROUP_WORLDS", "1"))
RULES = 5
"""Rules tried in each world, each with two askers."""


@dataclass
class Tried:
    """What one asker got, each in lower case, and how often by each way of asking."""

    secrets: list[str]
    counts: Counter[str] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)

    def got(self, way: str, value: Any, *named: str) -> None:
        """Look for the secrets in what ``way`` gave; ids that the asker ``named`` may return."""
        text = (value if isinstance(value, str) else json.dumps(value, default=str)).lower()
        self.counts[way] += 1
        self.leaks += [f"{way}: {s}" for s in self.secrets if s in text and s not in named]


class Switch:
    """The assistant of the world that is looked at, for an app that is made once."""

    current: Assistant

    def seen_by(self, principal: Principal) -> Assistant:
        return self.current.seen_by(principal)


@pytest.fixture(scope="module")
def switch() -> Switch:
    return Switch()


@pytest.fixture(scope="module")
def web(switch: Switch) -> Iterator[TestClient]:
    app = create_app(cast(Assistant, switch), Settings(data=NOWHERE, rate=0, **SIGN_ON))
    here = {"base_url": "http://127.0.0.1", "client": ("127.0.0.1", 50_000)}
    with TestClient(app, raise_server_exceptions=False, **here) as client:
        yield client


Database = Callable[[], str | None]


def worlds(
    tmp_path: Path, database: Database, seed: str, copies: float = 0.2
) -> Iterator[tuple[random.Random, World]]:
    for number in range(WORLDS):
        draw = random.Random(f"{seed} {number}")
        with world(tmp_path / str(number), draw, copies, database()) as made:
            yield draw, made


def askers(draw: random.Random, made: World) -> Iterator[frozenset[str]]:
    for _ in range(RULES):
        made.limit(draw)
        yield from (asker(draw), asker(draw))


def ask_python(tried: Tried, view: Assistant, made: World, asked: list[str]) -> None:
    """Every method of the view."""
    tried.got("status", view.status())
    tried.got("articles", view.articles())
    for language in ("en", "fr"):
        tried.got("examples", view.examples(language, 20))
    for one in made.held:
        try:
            found = view.article(one.article.id)
            tried.got("article", [found.to_json(), found.blocks, found.source])
        except LibraryError as error:
            tried.got("article", str(error), one.article.id)
    folder = made.folders[0]
    for question in asked:
        tried.got("search", view.search(question, 50).to_json())
        tried.got("search in", view.search(question, 50, Filters(source=folder)).to_json())
        history = [Turn("user", asked[0]), Turn("assistant", "So it is.")]
        tried.got("ask", view.ask(question, history).to_json())
        streamed = list(view.stream(question))
        tried.got("stream", [one.to_json() for one in streamed])
    for places in ([(made.held[0].article.id, 0)], _shown(streamed[-1])):
        try:
            tried.got("suggestions", view.suggestions(places, "en", asked))
        except LibraryError as error:
            tried.got("suggestions", str(error), *(id_ for id_, _ in places))


async def ask_chat(
    tried: Tried, overview: Overview, chat: Chat, groups: frozenset[str], asked: list[str]
) -> None:
    """The handlers of the chat's page."""
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    sent = gr.Request(request=Request({**scope, KEY: Principal(None, groups)}))
    for shown in (await overview.arrive(sent), await overview.progress(sent)):
        tried.got("chat page", [_told(one) for one in shown])
    nothing = ("", "", "", "")
    for question in asked:
        typed = gr.EventData(None, {})
        replies = [one async for one in chat.reply(question, "", *nothing, typed, sent)]
        tried.got("chat reply", [_told(one) for reply in replies for one in reply])
        *_, kept, _growing = replies[-1]
        again = gr.EventData(cast(Any, SimpleNamespace(elem_id=AGAIN)), {})
        once_more = [one async for one in chat.reply("", kept, *nothing, again, sent)]
        tried.got("chat again", [_told(one) for reply in once_more for one in reply])
        tried.got("chat suggest", await chat.suggest(kept, *nothing, sent))
        tried.got("chat api", [one async for one in chat.ask(question, sent)])


def ask_web(
    tried: Tried, web: TestClient, made: World, groups: frozenset[str], asked: list[str]
) -> None:
    """Every address that shows something of the articles."""
    headers: Any = {name: text.encode() for name, text in signed_on(groups).items()}

    def get(way: str, path: str, sought: str = "") -> None:
        found = web.get(path, headers=headers)
        assert found.status_code in (200, 404), found.text
        tried.got(way, found.text + repr(found.headers), sought)

    def post(way: str, path: str, given: Any, **more: str) -> None:
        found = web.post(path, json=given, headers=headers | more)
        assert found.status_code == 200, found.text
        tried.got(way, found.text + repr(found.headers))

    for path in ("/", "/articles", "/api/articles?limit=1000", "/api/status"):
        get(path.partition("?")[0], path)
    for one in made.held[:4]:
        for way in ("/articles/", "/citations/", "/api/articles/"):
            get(f"{way}…", way + one.article.id, one.article.id)
    for question in asked:
        ask = {"question": question}
        post("/api/ask", "/api/ask", ask)
        post("/api/ask events", "/api/ask", ask, accept="text/event-stream")
        post("/api/search", "/api/search", ask | {"top": 100})
        for stream in (False, True):
            chat = {"messages": [{"role": "user", "content": question}], "stream": stream}
            post("/v1", "/v1/chat/completions", chat)
        for tool in ("ask", "search"):
            call = {"name": tool, "arguments": ask}
            rpc = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
            post("/mcp", "/mcp", rpc, accept="application/json, text/event-stream")
    places = [{"number": 1, "article": one.article.id, "start": 0, "end": 9} for one in made.held]
    opinion = {"question": "?", "answer": "!", "citations": places, "thumb": "up"}
    post("/feedback", "/feedback", opinion)
    tried.got("kept feedback", made.assistant.feedback.entries()[-1])


def test_nothing_that_anyone_gets_holds_a_word_of_what_is_closed_to_them(
    tmp_path: Path, web: TestClient, switch: Switch, database: Database
) -> None:
    counts: Counter[str] = Counter()
    for draw, made in worlds(tmp_path, database, "leaks"):
        switch.current = made.assistant
        seen = seen_by_sender(made.assistant)
        overview = Overview(seen, Opening(Questions()))
        chat = Chat(seen, Questions(), Rate(0))
        for groups in askers(draw, made):
            tried = Tried(made.secrets(groups))
            asked = list(questions(draw, made))
            ask_python(tried, made.assistant.seen_by(Principal(None, groups)), made, asked)
            asyncio.run(ask_chat(tried, overview, chat, groups, asked[:1]))
            ask_web(tried, web, made, groups, asked[:1])
            assert not tried.leaks, (made.limits, groups, tried.leaks)
            counts += tried.counts
            counts["askers"] += 1
            counts["secret words"] += len(tried.secrets)
            counts["closed articles"] += len(made.held) - len(made.open_to(groups))
            counts["open articles"] += len(made.open_to(groups))
        log.info("No leak. Tried so far: %s", dict(counts))
    assert counts["closed articles"] > WORLDS * RULES
    assert counts["open articles"] > WORLDS * RULES


def test_what_an_asker_gets_is_what_a_library_of_their_articles_alone_would_give(
    tmp_path: Path, database: Database
) -> None:
    counts: Counter[str] = Counter()
    for draw, made in worlds(
        tmp_path, database, "alone", copies=0
    ):  # which of two copies comes first is open
        made.limit(draw)
        groups = asker(draw)
        mine = made.open_to(groups)
        with holding(tmp_path / f"alone {counts['askers']}", mine, []) as alone:
            whole, view = alone.seen_by(OWNER), made.assistant.seen_by(Principal(None, groups))
            assert view.articles() == whole.articles()
            assert view.status().languages == whole.status().languages
            for question in [*questions(draw, made), *questions(draw, made)]:
                if not mine:
                    assert not view.search(question).hits
                    assert view.ask(question).refused
                    continue
                for one, other in (
                    (view.search(question).to_json(), whole.search(question).to_json()),
                    (view.ask(question).to_json(), whole.ask(question).to_json()),
                ):
                    mine_told, alone_told = list(_numbers(one)), list(_numbers(other))
                    assert one == other
                    assert mine_told == pytest.approx(alone_told, abs=1e-3)
                counts["questions"] += 1
        counts["askers"] += 1
        counts["closed articles"] += len(made.held) - len(mine)
    assert counts["questions"]
    log.info("The same answers. Tried: %s", dict(counts))


def test_members_of_all_groups_and_the_owner_see_what_they_may(
    tmp_path: Path, database: Database
) -> None:
    for draw, made in worlds(tmp_path, database, "owner"):
        made.limit(draw)
        everyone = made.assistant.seen_by(Principal(None, frozenset(GROUPS)))
        known = {one.article.id for one in made.held if any(_limited_to_some(made, one.sources))}
        assert {one.id for one in everyone.articles()} == known
        assert len(made.assistant.seen_by(OWNER).articles()) == len(made.held)


def _limited_to_some(made: World, sources: tuple[str, ...]) -> Iterator[bool]:
    for source in sources:
        yield made.shows(source, frozenset(GROUPS))


def _shown(answer: Answer) -> list[tuple[str, int]]:
    return [(one.article, one.start) for one in (*answer.citations, *answer.nearest)]


def _numbers(told: dict[str, Any]) -> Iterator[float]:
    """Take the scores out of an answer or of hits: their last digits vary; and the times."""
    told.pop("timings_ms", None)
    for name in told.keys() & {"relevance", "confidence"}:
        yield told.pop(name)
    for hit in told.get("hits", ()):
        yield from (hit.pop("score"), *hit.pop("why").values())


def _told(part: Any) -> Any:
    """What Gradio would send of a handler's result."""
    return part.get_config() if isinstance(part, gr.blocks.Block) else part

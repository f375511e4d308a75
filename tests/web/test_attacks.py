"""What one visitor may send to stop the others, over real HTTP and against the parts in its way."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette

from assistant.access.accounts import User
from assistant.access.accounts_file import AccountsFile
from assistant.access.policy import choose
from assistant.models.answer import Citation
from assistant.store.feedback import FILE, LONGEST, FeedbackLog, Opinion
from assistant.store.storage import accounts_of
from assistant.support.documents import FileDocument
from assistant.support.errors import LibraryError, SettingsError
from assistant.support.settings import Settings
from assistant.web.chat import mailboxes
from assistant.web.chat.feedback import LONGEST_QUOTE, MOST_QUOTED, CitedPlace, _cited
from assistant.web.chat.handlers import Chat
from assistant.web.chat.mailboxes import Mailboxes
from assistant.web.chat.said import MOST_KEPT, Said, write
from assistant.web.gate import attempts
from assistant.web.gate.attempts import PER_NAME, Attempts
from assistant.web.gate.bodies import is_crowded, is_deep
from assistant.web.gate.clients import is_local, is_of_this_machine
from assistant.web.gate.limits import LARGEST_CHAT, Rates
from assistant.web.gate.login import Login
from assistant.web.gate.rates import Rate
from assistant.web.gate.sessions import Sessions
from tests.support.access import KEPT, Known, known
from tests.support.asgi import answered, call, scope
from tests.support.fakes import DIVORCE, FakeAssistant
from tests.support.raw_http import request
from tests.support.web import serving

MOST_S = 0.05
"""Seconds that the event loop may be kept by one text, on a machine that does nothing else."""

JSON = "Content-Type: application/json"
AS_JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Known:
    return known(tmp_path_factory.mktemp("access") / "users.json")


@pytest.fixture(scope="module")
def closed(accounts: Known) -> Iterator[str]:
    with serving(FakeAssistant(), users=Path(accounts.file.name), rate=1) as address:
        yield address


def test_a_stranger_is_refused_before_a_byte_of_the_body_came(closed: str) -> None:
    for path in ("/api/ask", "/gradio_api/queue/join", "/feedback", "/mcp"):
        status, headers, _ = request(closed, f"POST {path}", JSON, "Content-Length: 200000")
        assert status == 401
        assert headers["connection"] == "close"


def test_what_is_refused_counts() -> None:
    from assistant.web.gate.guard import Guard

    policy = SimpleNamespace(closed=True, public=False, sign_on=None, accounts=_none())
    sessions = SimpleNamespace(cookie=lambda secure: "x", holder=lambda value: None)
    guard = Guard(answered, policy, sessions, Rate(3))  # type: ignore[arg-type]

    async def run() -> list[int]:
        return [(await call(guard, scope("10.0.0.1", "/api/ask")))[0] for _ in range(5)]

    assert asyncio.run(run()) == [401, 401, 401, 429, 429]


def _none() -> Any:
    return SimpleNamespace(current=lambda: SimpleNamespace(holder=lambda key: None))


@pytest.mark.parametrize(
    "body",
    [b"[" + b"[],{}," * 160_000 + b"0]", b"[" * 63 + b"]" * 63, b'["' + b"[" * 900_000 + b'"]'],
)
def test_brackets_cost_no_step_each(body: bytes) -> None:
    assert not is_deep(body)
    began = time.process_time()
    is_deep(body)
    assert time.process_time() - began < 4 * MOST_S


@pytest.mark.parametrize(
    "body",
    [
        b'{"question": "Why?", "history": [' + b"0," * 400_000 + b"0]}",
        b'{"question": "Why?", "history": [' + b"{}," * 300_000 + b"{}]}",
        b"{" + b",".join(b'"%d": 0' % number for number in range(80_000)) + b"}",
    ],
)
def test_values_that_would_each_be_refused_are_refused_together(body: bytes) -> None:
    began = time.process_time()
    assert is_crowded(body)
    assert time.process_time() - began < 4 * MOST_S
    with serving(FakeAssistant()) as address:
        response = httpx.post(f"{address}api/ask", content=body, headers=AS_JSON, timeout=20)
    assert response.status_code == 413
    assert "5,000 values" in response.text


def test_commas_in_a_text_are_no_values() -> None:
    assert not is_crowded(json.dumps({"question": "a, [b], {c} " * 9_000}).encode())


def test_only_some_problems_of_a_request_are_told() -> None:
    with serving(FakeAssistant()) as address:
        sent = {"question": "Why?", "history": [0] * 1_000}
        response = httpx.post(f"{address}api/ask", json=sent, timeout=20)
    assert response.status_code == 422
    assert 1_000 > len(response.text) > 100


def test_rates_hold_beneath_an_address_too() -> None:
    async def run() -> list[int]:
        app = Rates(answered, Rate(2), Rate(1000), Rate(2))
        paths = ("/mcp", "/mcp/x", "/mcp/x/y", "/api/ask/")
        return [(await call(app, scope("10.0.0.1", path)))[0] for path in paths]

    assert asyncio.run(run()) == [200, 200, 429, 429]


def test_opinions_have_a_rate_of_their_own() -> None:
    async def run() -> list[int]:
        app = Rates(answered, Rate(2), Rate(1000), Rate(2))
        paths = ("/feedback", "/feedback", "/feedback", "/api/ask")
        return [(await call(app, scope("10.0.0.1", path)))[0] for path in paths]

    assert asyncio.run(run()) == [200, 200, 429, 200]


# Answers that nobody collects


class Queue:
    """What ``Mailboxes`` needs of Gradio's."""

    def __init__(self) -> None:
        self.pending_event_ids_session: dict[str, set[str]] = {}
        self.server_app = None
        self.cleaned: list[str] = []

    async def clean_events(self, *, session_hash: str) -> None:
        self.cleaned.append(session_hash)


def message(characters: int) -> Any:
    return SimpleNamespace(output={"data": ["x" * characters]})


def test_a_session_without_a_reader_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "UNREAD_S", 0.3)

    async def run() -> None:
        queue = Queue()
        boxes = Mailboxes(queue)
        boxes["unread"] = boxes["read"] = object()
        boxes["unread"].put_nowait(message(1000))
        for _ in range(8):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(boxes["read"].get(), 0.1)
        assert list(boxes) == ["read"]
        assert queue.cleaned == ["unread"]
        assert boxes.bytes == 0
        boxes["unread"].put_nowait(message(1000))  # what still comes is not kept
        assert boxes.bytes == 0

    asyncio.run(run())


def test_bytes_of_a_session_and_of_all_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "MOST_BYTES", 10_000)
    monkeypatch.setattr(mailboxes, "MOST_BYTES_IN_ALL", 50_000)

    async def run() -> None:
        boxes = Mailboxes(Queue())
        boxes["greedy"] = object()
        for _ in range(12):
            boxes["greedy"].put_nowait(message(1000))
        assert "greedy" not in boxes
        for number in range(20):
            boxes[str(number)] = object()
            boxes[str(number)].put_nowait(message(8000))
        assert boxes.bytes <= 50_000
        assert "19" in boxes
        assert "0" not in boxes

    asyncio.run(run())


def test_what_is_read_is_no_longer_counted() -> None:
    async def run() -> None:
        boxes = Mailboxes(Queue())
        boxes["one"] = object()
        boxes["one"].put_nowait(message(500))
        assert boxes.bytes > 500
        assert (await boxes["one"].get()).output == message(500).output
        assert boxes.bytes == 0

    asyncio.run(run())


def test_the_chat_keeps_its_messages_there() -> None:
    from assistant.web.chat import page

    nothing: Any = None
    blocks = page.build(lambda _: nothing, SimpleNamespace(), nothing, Rate(1))  # type: ignore[arg-type]
    assert isinstance(blocks._queue.pending_messages_per_session, Mailboxes)


@pytest.mark.parametrize("letter", ["a", "é", "灯", '"', "\\"])
def test_a_conversation_that_is_kept_fits_a_request(letter: str) -> None:
    kept = write([Said("user", letter * 4000, letter * 4000)] * 60)
    assert kept != "[]"
    travelling = httpx.Request("POST", "http://x", json={"data": [kept, kept[:100]]})
    assert len(travelling.content) < LARGEST_CHAT
    assert len(kept) <= MOST_KEPT


# Feedback


def test_citations_that_span_an_article_are_not_kept() -> None:
    article = SimpleNamespace(
        id="a", text="word " * 40_000, title="T", source="a.md", language="en", published=None
    )
    view: Any = SimpleNamespace(article=lambda _: article)
    whole = CitedPlace(number=1, article="a", start=0, end=200_000)
    longest = CitedPlace(number=2, article="a", start=0, end=LONGEST_QUOTE)
    assert _cited(view, [whole] * 30) == []
    cited = _cited(view, [longest] * 30)
    assert sum(len(one.quote) for one in cited) == MOST_QUOTED


def test_a_long_opinion_is_refused_before_it_is_written(tmp_path: Path) -> None:
    words = Citation("a", "T", "a.md", "en", None, 0, LONGEST, "x" * LONGEST, number=1)
    with pytest.raises(LibraryError, match="characters"):
        FeedbackLog(tmp_path).add(Opinion("Why?", "So.", (words,), "up"))
    assert not (tmp_path / FILE).exists()


def test_a_reader_never_sees_a_path_of_the_server() -> None:
    class Full(FakeAssistant):
        def add_feedback(self, opinion: Any) -> str:
            raise LibraryError("/srv/secret/feedback.jsonl cannot be written")

    given = {"question": "Why?", "answer": "So.", "citations": [], "thumb": "up"}
    with serving(Full()) as address:
        response = httpx.post(f"{address}feedback", json=given)
    assert response.status_code == 503
    assert "secret" not in response.text


# Who is the owner


def local(**more: Any) -> dict[str, Any]:
    headers = {"host": "127.0.0.1:7860", **more.pop("headers", {})}
    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    return scope("127.0.0.1", headers=given, http_version="1.1", **more)


BROWSER = {"user-agent": "Mozilla/5.0 (X11)", "connection": "keep-alive"}


@pytest.mark.parametrize(
    "headers",
    [BROWSER, {}, {"x-stainless-lang": "python"}, {"host": "localhost"}, {"host": "[::1]:7860"}],
)
def test_who_is_at_the_machine_is_the_owner(headers: dict[str, str]) -> None:
    assert is_of_this_machine(local(headers=headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"via": "1.1 proxy"}, {"forwarded": "for=x"}, {"x-forwarded-for": "10.0.0.1"},
        {"x-real-ip": "10.0.0.1"}, {"x-any-other": "x"}, {"cf-connecting-ip": "10.0.0.1"},
        {"true-client-ip": "10.0.0.1"}, {"host": "assistant.example"},
        {"user-agent": "Mozilla/5.0 (X11)", "connection": "close"},
        {"user-agent": "Mozilla/5.0 (X11)"},
    ],
)  # fmt: skip
def test_what_a_proxy_hands_on_is_not_the_owner_s(headers: dict[str, str]) -> None:
    assert not is_of_this_machine(local(headers=headers))


def test_http_1_0_is_a_proxy_s() -> None:
    assert not is_local(local() | {"http_version": "1.0"})
    assert not is_of_this_machine(local() | {"http_version": "1.0"})


def test_another_machine_is_not_the_owner() -> None:
    assert not is_of_this_machine(local() | {"client": ("10.0.0.1", 1)})
    assert not is_of_this_machine(local() | {"peer": "10.0.0.1"})


def test_a_bare_proxy_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(FakeAssistant()) as address:
        assert request(address, "GET /articles")[0] == 200
        status, _, text = request(address, "GET /articles", "User-Agent: Mozilla/5.0")
        assert status == 403
        assert "Choose at least one" in text
        assert DIVORCE.title not in text


@pytest.mark.parametrize("rules", ["folders: {board: [b]}", "folders: {board"])
def test_limited_folders_call_for_a_choice(tmp_path: Path, rules: str) -> None:
    (tmp_path / "corpus" / "board").mkdir(parents=True)
    settings = Settings(corpus=tmp_path / "corpus", data=tmp_path / "data")
    policy = choose(settings, accounts_of(settings))
    assert not policy.must_choose
    (tmp_path / "corpus" / "access.yaml").write_text(rules)
    with pytest.raises(SettingsError, match=r"access\.yaml"):
        choose(settings, accounts_of(settings))
    # Also while it serves; rules that cannot be read leave what was in force.
    assert policy.must_choose is rules.endswith("}")


def test_a_folder_that_had_users_calls_for_a_choice(tmp_path: Path) -> None:
    settings = Settings(corpus=tmp_path, data=tmp_path)
    file = AccountsFile(tmp_path / "users.json")
    file.change(lambda a: a.with_user("anna", User(KEPT)))
    file.change(lambda a: a.without_user("anna"))
    with pytest.raises(SettingsError, match="no longer has any user or key"):
        choose(settings, accounts_of(settings))


def test_the_first_user_closes_the_door_while_it_serves(tmp_path: Path) -> None:
    with serving(FakeAssistant(), data=tmp_path) as address:
        assert httpx.get(f"{address}articles").status_code == 200
        AccountsFile(tmp_path / "users.json").change(lambda a: a.with_user("anna", User(KEPT)))
        assert httpx.get(f"{address}articles").status_code == 401


# Signing in and out


def test_a_flood_for_one_name_does_not_lock_out_its_owner() -> None:
    attempts = Attempts(lambda: 0.0)
    assert not attempts.begin("anna", "10.0.0.1")
    attempts.succeed("anna", "10.0.0.1")
    for number in range(PER_NAME):
        assert not attempts.begin("anna", f"10.9.0.{number}")
    assert attempts.begin("anna", "10.9.1.1")
    assert not attempts.begin("anna", "10.0.0.1")


def test_a_try_that_was_turned_away_does_not_count() -> None:
    attempts = Attempts(lambda: 0.0)
    for _ in range(3 * PER_NAME):
        assert not attempts.begin("anna", "10.0.0.1")
        attempts.take_back("anna", "10.0.0.1")


def test_signing_out_survives_a_restart(tmp_path: Path, accounts: Known) -> None:
    before = Sessions(accounts.file, FileDocument(tmp_path / "signed_out.json"))
    value, other = before.begin("anna"), before.begin("anna")
    before.end(value)
    after = Sessions(accounts.file, FileDocument(tmp_path / "signed_out.json"))
    assert after.holder(value) is None
    assert after.holder(other) is not None
    kept = tmp_path / "signed_out.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert value not in kept.read_text()


def test_what_holds_words_is_readable_for_its_owner_alone(tmp_path: Path) -> None:
    from assistant.store.library import Library

    before = os.umask(0)
    try:
        log = FeedbackLog(tmp_path)
        log.add(Opinion("Why?", "So.", (), "up"))
        Library(tmp_path / "library").close()
        (tmp_path / "old").mkdir()
        (tmp_path / "old" / "library.sqlite3").touch(0o644)
        Library(tmp_path / "old").close()
    finally:
        os.umask(before)
    files = [tmp_path / FILE, *tmp_path.glob("*/library.sqlite3")]
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_what_is_made_of_a_library_is_its_owner_s_alone(tmp_path: Path) -> None:
    from assistant.ingest.web.store import Store
    from assistant.store import maintenance
    from assistant.store.index import Index
    from assistant.store.library import Library

    before = os.umask(0)
    try:
        with closing(Library(tmp_path / "data")) as library:
            maintenance.backup(library, tmp_path / "kept.zip")
        with closing(Index(tmp_path / "index")) as index:
            assert index.own()
        Store(tmp_path / "fetched").keep("https://a.example/", b"words", ".html")
    finally:
        os.umask(before)
    made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert made["kept.zip"] == 0o600
    assert (made["index"], made["fetched"]) == (0o700, 0o700)


# Rates and networks


def test_suggestions_have_a_rate() -> None:
    class Questions:
        async def run(self, work: Any, asker: str | None) -> Any:
            return work()

    seen: Any = lambda _: SimpleNamespace(suggestions=lambda *given: ["And then?"])  # noqa: E731
    chat = Chat(seen, cast(Any, Questions()), Rate(2))
    kept = write([Said("user", "Why?", "Why?"), Said("assistant", "So.", "So.", "en")])
    request: Any = SimpleNamespace(request=SimpleNamespace(scope=scope("10.0.0.1")))

    async def run() -> list[str]:
        return [await chat.suggest(kept, "", "", "", "", request) for _ in range(4)]

    offered = asyncio.run(run())
    assert [bool(one) for one in offered] == [True, True, False, False]


WAYS = ("mcp", "mcp/", "mcp/x", "mcp/x/y", "mcp//", "/mcp", "mcp/./x", "%6dcp", "mcp%2fx", "mcp?x")


def test_an_agent_has_one_rate_however_it_writes_the_address(accounts: Known) -> None:
    call = {
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "ask", "arguments": {"question": "Why did tensions rise?"}},
    }  # fmt: skip
    headers = {
        "authorization": f"Bearer {accounts.ask}",
        "accept": "application/json, text/event-stream",
    }
    asked = FakeAssistant()
    with (
        serving(asked, users=Path(accounts.file.name), rate=3) as address,
        httpx.Client(timeout=20, headers=headers) as web,
    ):
        statuses = [web.post(f"{address}{way}", json=call).status_code for way in WAYS * 2]
    assert len(asked.asked) <= 3
    assert statuses.count(429) > len(WAYS)


def test_ipv4_in_ipv6_and_a_network_are_one_address_at_sign_in(
    accounts: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "PER_ADDRESS", 2)

    async def tried(senders: Sequence[str]) -> list[int]:
        policy: Any = SimpleNamespace(accounts=accounts.file)
        app = Starlette(
            routes=Login(
                policy,
                Sessions(accounts.file, FileDocument(tmp_path / "signed_out.json")),
                Attempts(),
            ).routes()
        )
        statuses = []
        for number, sender in enumerate(senders):
            web = httpx.AsyncClient(
                transport=httpx.ASGITransport(app, client=(sender, 1)), base_url="http://x"
            )
            async with web:
                form = {"name": f"name{number}", "password": "wrong"}
                statuses.append((await web.post("/login", data=form)).status_code)
        return statuses

    for senders in (
        ("10.0.0.9", "::ffff:10.0.0.9", "::ffff:a00:9"),
        ("2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3"),
    ):
        assert asyncio.run(tried(senders)) == [401, 401, 429]

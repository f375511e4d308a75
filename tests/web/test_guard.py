"""Nobody gets past the guard, over every route that the app has."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, Route
from starlette.types import Message, Scope

from assistant.access import OWNER
from assistant.assistant import Assistant
from assistant.support.settings import Settings
from assistant.web.api.app import Beneath
from assistant.web.app import create_app
from assistant.web.gate.guard import OPEN
from assistant.web.gate.sessions import LIFETIME_S, Sessions
from tests.support.access import Known, known
from tests.support.fakes import DIVORCE, FakeAssistant

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
PAGE = {"accept": "text/html,application/xhtml+xml", "sec-fetch-mode": "navigate"}
OLD_PAGE = {"accept": "text/html"}
SECRETS = (DIVORCE.title, DIVORCE.id, "dependencies", "named_endpoints", "openapi")
"""What only those may see who may ask: of the articles, of the page, of the interface."""

WITHOUT_ADDRESS = {"Closed"}
"""Kinds of routes that only turn requests for other routes away."""


def routes_of(app: Any) -> Iterator[tuple[str, frozenset[str]]]:
    """Every path that an app answers, with its methods, whatever is mounted how deep."""
    for route in iter_route_contexts(app.routes):
        original = getattr(route, "original_route", route)
        if isinstance(original, Beneath):
            inner = getattr(original.app, "routes", None)
            yield from routes_of(original.app) if inner else []
            yield from (
                (f"{path}{end}", frozenset()) for path in original._paths for end in ("", "/x")
            )
        elif isinstance(original, Mount):
            yield from ((original.path + path, methods) for path, methods in routes_of(original))
        elif type(original).__name__ not in WITHOUT_ADDRESS:
            assert route.path.startswith("/"), f"{original} is of a kind that this does not know"
            yield route.path, frozenset(route.methods or ())


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Known:
    return known(tmp_path_factory.mktemp("access") / "users.json")


@pytest.fixture(scope="module")
def app(accounts: Known) -> FastAPI:
    settings = Settings(
        users=Path(accounts.file.name), proxy_header="Remote-User", proxy_addresses="10.9.9.9"
    )
    return create_app(cast(Assistant, FakeAssistant()), settings)


@pytest.fixture(scope="module")
def paths(app: FastAPI) -> list[tuple[str, frozenset[str]]]:
    return [(re.sub(r"{[^}]+}", "x", path), methods) for path, methods in routes_of(app)]


def send(
    app: FastAPI, *requests: tuple[str, str, dict[str, str]], client: str = "192.0.2.7"
) -> list[httpx.Response]:
    """What the app answers to each method, path and headers."""

    async def each() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app, client=(client, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as web:
            return [await web.request(m, p, headers=h) for m, p, h in requests]

    return asyncio.run(each())


def cookie(accounts: Known, value: str) -> dict[str, str]:
    return {"cookie": f"{Sessions(accounts.file).cookie(secure=False)}={value}"}


def expired(accounts: Known, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    began = time.time() - LIFETIME_S - 2
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: began)
        return cookie(accounts, Sessions(accounts.file).begin("anna"))


STRANGERS: dict[str, Callable[[Known, pytest.MonkeyPatch], dict[str, str]]] = {
    "nothing": lambda *_: {},
    "a page load": lambda *_: PAGE,
    "a page load of an older browser": lambda *_: OLD_PAGE,
    "a wrong key": lambda *_: {"authorization": "Bearer assistant_x"},
    "a password where a key belongs": lambda *_: {"authorization": "Basic YW5uYTp4"},
    "no cookie of ours": lambda accounts, _: cookie(accounts, "x"),
    "a tampered session": lambda accounts, _: cookie(
        accounts, f"X{Sessions(accounts.file).begin('anna')[1:]}"
    ),
    "an expired session": expired,
    "a user named from a wrong address": lambda *_: {
        "remote-user": "anna", "x-forwarded-for": "10.9.9.9", "x-real-ip": "10.9.9.9",
    },
    "a path named in a header": lambda *_: {
        "x-original-url": "/login", "x-forwarded-prefix": "/login",
    },
}  # fmt: skip


def is_refused(response: httpx.Response) -> bool:
    """Whether it is a way to the login page, or an error that says nothing else."""
    if response.status_code == 303:
        return urlsplit(response.headers["location"]).path == "/login" and not response.content
    if response.status_code != 401 or response.headers["www-authenticate"] != "Bearer":
        return False
    return response.request.method == "HEAD" or response.json()["error"]["code"] == "unauthorized"


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_stranger_gets_nothing_but_the_login_page_on_any_route(
    app: FastAPI, paths: list[tuple[str, frozenset[str]]], accounts: Known,
    stranger: str, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert len(paths) > 90
    headers = STRANGERS[stranger](accounts, monkeypatch)
    asked = [
        (method, path, headers)
        for path, own in paths
        for method in sorted({*METHODS, *own})
        if method not in OPEN.get(path, ())
    ]
    # Refused requests count towards an address, so each stranger has one.
    address = f"192.0.2.{100 + [*STRANGERS].index(stranger)}"
    for response in send(app, *asked, client=address):
        request = response.request
        assert is_refused(response), f"{request.method} {request.url}: {response.status_code}"
        assert not any(secret in response.text for secret in SECRETS)


def test_the_enumeration_knows_gradio_s_routes_and_ours(
    paths: list[tuple[str, frozenset[str]]],
) -> None:
    assert {
        "/", "/config", "/embed", "/widget.js", "/articles", "/articles/x", "/citations/x",
        "/feedback", "/api/ask", "/v1/chat/completions", "/mcp", "/docs", "/openapi.json",
        "/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/upload",
        "/gradio_api/info", "/gradio_api/file=x", "/static/x", "/assets/x", "/ui/x/x", "/login",
    } <= {path for path, _ in paths}  # fmt: skip


def test_the_same_routes_answer_whoever_is_signed_in(app: FastAPI, accounts: Known) -> None:
    session = cookie(accounts, Sessions(accounts.file).begin("anna"))
    paths = ("/", "/config", "/articles", "/gradio_api/info", "/openapi.json", "/api/articles")
    for response in send(app, *(("GET", path, session) for path in paths)):
        assert response.status_code == 200, response.request.url
        assert any(secret in response.text for secret in SECRETS)


def test_a_route_that_is_added_is_closed_before_anyone_thinks_of_it(accounts: Known) -> None:
    app = create_app(cast(Assistant, FakeAssistant()), Settings(users=Path(accounts.file.name)))
    app.router.routes.insert(0, Route("/new", lambda _: 1 / 0))
    assert all(is_refused(one) for one in send(app, ("GET", "/new", {}), ("GET", "/new", PAGE)))


def test_what_is_open_says_nothing_of_the_articles(app: FastAPI) -> None:
    assert set(OPEN) == {"/login", "/widget.js", "/healthz", "/readyz"}
    asked = [(method, path, {}) for path, methods in OPEN.items() for method in methods]
    for response in send(app, *asked):
        assert not any(secret in response.text for secret in SECRETS)
        if response.request.url.path in ("/healthz", "/readyz"):
            assert len(response.content) < 200


@pytest.mark.parametrize(
    "path",
    ["/login/", "/login/x", "//login", "/login;x", "/login%2f..", "/widget.js/", "/healthz/x",
     "/login/../config", "/login%00", "/./config", "//config", "/LOGIN", "/login?/../config/"],
)  # fmt: skip
def test_nothing_is_open_that_only_looks_like_it(app: FastAPI, path: str) -> None:
    (response,) = send(app, ("GET", path, {}))
    at_login = response.request.url.path == "/login"
    assert response.status_code == 200 if at_login else is_refused(response)
    assert not any(secret in response.text for secret in SECRETS)


def test_a_websocket_is_hung_up_on(app: FastAPI) -> None:
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def told(message: Message) -> None:
        said.append(message)

    scope: Scope = {
        "type": "websocket", "path": "/gradio_api/queue/join", "raw_path": b"/", "headers": [],
        "query_string": b"", "scheme": "ws", "client": ("192.0.2.7", 1), "server": ("test", 80),
    }  # fmt: skip
    asyncio.run(app(scope, receive, told))
    assert [message["type"] for message in said] == ["websocket.close"]


def test_a_page_load_is_led_to_the_login_page_and_back(app: FastAPI) -> None:
    wanted = "/articles/x?start=1&end=2"
    (response,) = send(app, ("GET", wanted, PAGE))
    query = parse_qs(urlsplit(response.headers["location"]).query)
    assert query == {"next": [wanted]}
    assert response.headers["cache-control"] == "no-store"


def test_the_error_has_the_shape_that_clients_of_the_address_expect(app: FastAPI) -> None:
    ours, openai = send(app, ("POST", "/api/ask", {}), ("POST", "/v1/chat/completions", {}))
    assert set(ours.json()["error"]) == {"code", "message"}
    assert set(openai.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("path", "ask", "admin"),
    [
        ("/api/articles", 200, 200), ("/v1/models", 200, 200), ("/openapi.json", 200, 200),
        ("/mcp", 405, 405), ("/", 403, 403), ("/config", 403, 403), ("/articles", 403, 403),
        ("/gradio_api/info", 403, 403), ("/metrics", 403, 200),
    ],
)  # fmt: skip
def test_a_key_opens_what_is_for_programs_and_nothing_else(
    app: FastAPI, accounts: Known, path: str, ask: int, admin: int
) -> None:
    keys = (accounts.ask, accounts.admin)
    answers = send(app, *(("GET", path, {"authorization": f"Bearer {key}"}) for key in keys))
    found = [one.status_code for one in answers]
    if path == "/metrics":
        assert found[0] == 403
        assert found[1] != 403
    else:
        assert found == [ask, admin]


def test_metrics_are_for_admins(app: FastAPI, accounts: Known) -> None:
    sessions = Sessions(accounts.file)
    anna, root = (cookie(accounts, sessions.begin(name)) for name in ("anna", "root"))
    refused, shown = send(app, ("GET", "/metrics", anna), ("GET", "/metrics", root))
    assert refused.status_code == 403
    assert shown.status_code == 200


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({}, False),
        ({"sec-fetch-site": "same-origin"}, False), ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-site"}, True), ({"sec-fetch-site": "cross-site"}, True),
        ({"origin": "http://127.0.0.1"}, False), ({"origin": "http://127.0.0.1:81"}, True),
        ({"origin": "http://wiki.test"}, True), ({"origin": "null"}, True),
        ({"origin": "http://[x"}, True),
    ],
)  # fmt: skip
def test_a_page_of_another_origin_cannot_use_a_session(
    app: FastAPI, accounts: Known, headers: dict[str, str], foreign: bool
) -> None:
    session = cookie(accounts, Sessions(accounts.file).begin("anna"))
    (response,) = send(app, ("POST", "/feedback", {**session, **headers}))
    assert (response.status_code == 403) is foreign


def test_what_a_visitor_sees_is_kept_by_no_cache_between(app: FastAPI, accounts: Known) -> None:
    session = cookie(accounts, Sessions(accounts.file).begin("anna"))
    (response,) = send(app, ("GET", "/articles", session))
    assert response.headers["cache-control"] == "private, no-cache"


def test_behind_a_prefix_the_same_holds(accounts: Known) -> None:
    app = create_app(cast(Assistant, FakeAssistant()), Settings(users=Path(accounts.file.name)))

    async def prefixed(scope: Scope, receive: Any, send: Any) -> None:
        path = f"/assistant{scope['path']}"
        await app({**scope, "root_path": "/assistant", "path": path}, receive, send)

    answers = send(
        cast(FastAPI, prefixed), ("GET", "/articles", PAGE), ("GET", "/config", {}),
        ("GET", "/login", PAGE),
    )  # fmt: skip
    assert answers[0].headers["location"] == f"/assistant/login?next={quote('/articles')}"
    assert is_refused(answers[1])
    assert 'action="/assistant/login"' in answers[2].text


def test_every_method_of_login_but_its_own_is_refused(app: FastAPI) -> None:
    odd = [m for m in METHODS if m not in OPEN["/login"]]
    assert all(is_refused(one) for one in send(app, *product(odd, ["/login"], [{}])))


def test_alone_on_this_machine_everyone_is_the_owner_unless_a_proxy_stands_before(
    tmp_path: Any,
) -> None:
    app = create_app(cast(Assistant, FakeAssistant()), Settings(data=tmp_path))
    seen = []
    app.router.routes.insert(0, Route("/who", lambda request: seen.append(request) or _nothing()))
    (direct,) = send(app, ("GET", "/who", {}), client="127.0.0.1")
    assert direct.status_code == 200
    assert seen[0].scope["principal"] is OWNER
    for name in ("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-real-ip"):
        (proxied,) = send(app, ("GET", "/who", {name: "203.0.113.9"}), client="127.0.0.1")
        assert proxied.status_code == 403
        assert "assistant user add" in proxied.json()["error"]["message"]
    assert len(seen) == 1


def _nothing() -> Any:
    from starlette.responses import Response

    return Response()

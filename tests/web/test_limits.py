"""How much, how deep, how slow, how often, how many: over sockets where it matters."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from assistant.access import OWNER, Principal
from assistant.web.api.errors import LARGEST_BODY
from assistant.web.gate import bodies, limits
from assistant.web.gate.bodies import DEEPEST, is_deep
from assistant.web.gate.clients import asker, is_local, network
from assistant.web.gate.limits import LONGEST_QUERY, Limits, Rates
from assistant.web.gate.principal import KEY
from assistant.web.gate.rates import Rate
from assistant.web.server import protocol
from tests.support.asgi import answered, call, scope
from tests.support.fakes import PATIENCE_S, FakeAssistant
from tests.support.raw_http import answer, connect, request
from tests.support.web import serving

JSON = "Content-Type: application/json"
ASK = "POST /api/ask"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(FakeAssistant()) as address:
        yield address


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/api/ask", LARGEST_BODY),
        ("/api/search", LARGEST_BODY),
        ("/v1/chat/completions", LARGEST_BODY),
        ("/mcp", LARGEST_BODY),
        ("/feedback", LARGEST_BODY),
        ("/gradio_api/queue/join", limits.LARGEST_CHAT),
        ("/gradio_api/run/predict", limits.LARGEST_CHAT),
        ("/articles", LARGEST_BODY),
        ("/nothing/here", LARGEST_BODY),
    ],
)
def test_a_request_that_says_it_is_too_large_is_refused_before_it_comes(
    address: str, path: str, most: int
) -> None:
    # Not a byte of the body is sent: the answer cannot have waited for it.
    status, headers, _ = request(address, f"POST {path}", JSON, f"Content-Length: {most + 1}")
    assert status == 413
    assert headers["connection"] == "close"


@pytest.mark.parametrize("path", ["/api/ask", "/feedback", "/gradio_api/queue/join"])
def test_a_request_that_hides_its_size_is_refused_when_it_is_too_large(
    address: str, path: str
) -> None:
    pieces = (b"x" * 100_000 for _ in range(45))
    response = httpx.post(f"{address.rstrip('/')}{path}", content=pieces)
    assert response.status_code == 413


@pytest.mark.parametrize("path", ["/api/ask", "/feedback", "/gradio_api/queue/join", "/mcp"])
@pytest.mark.parametrize("opening", ["[", '{"a":', '{"question":[{"a":['])
def test_deep_json_is_malformed(address: str, path: str, opening: str) -> None:
    body = opening * (100_000 // len(opening))
    response = httpx.post(
        f"{address.rstrip('/')}{path}", content=body, headers={"content-type": "application/json"}
    )
    assert response.status_code == 400
    assert "nests" in response.text


@pytest.mark.parametrize(
    ("body", "deep"),
    [
        ("[" * (DEEPEST + 1), True),
        ("[" * DEEPEST, False),
        ("[]" * 500, False),
        (json.dumps({"question": "[" * 500 + '\\"' + "{" * 500}), False),
        (json.dumps(['"', "\\"]) + "[" * 500, True),
        ('"' + "[" * 500, False),  # a text without an end is malformed in another way
    ],
)
def test_depth_is_counted_outside_of_texts(body: str, deep: bool) -> None:
    assert is_deep(body.encode()) is deep


@pytest.mark.parametrize(
    "value",
    ["NaN", "1e999", "9" * 10_000, '"\\u0000"', '"why \\u0000 tensions?"', '"\\ud800 why?"', "-0"],
)
@pytest.mark.parametrize("field", ["question", "top", "language", "after", "source", "history"])
def test_odd_values_are_answered_or_refused(served: str, field: str, value: str) -> None:
    given = {"question": '"Why tensions?"', field: value}
    if field in ("language", "after", "source"):
        given = {**given, "filters": f'{{"{field}": {value}}}'}
        del given[field]
    body = "{" + ", ".join(f'"{name}": {one}' for name, one in given.items()) + "}"
    for path in ("api/ask", "api/search"):
        response = httpx.post(
            f"{served}{path}", content=body, headers={"content-type": "application/json"}
        )
        assert response.status_code in (200, 400, 422)


def test_an_address_that_is_too_long_is_refused(address: str) -> None:
    short = httpx.get(f"{address}articles?language={'x' * (LONGEST_QUERY - 10)}")
    assert short.status_code == 200
    assert httpx.get(f"{address}articles?language={'x' * LONGEST_QUERY}").status_code == 414


def test_headers_that_are_too_long_are_refused(address: str) -> None:
    with connect(address) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
        try:
            connection.sendall(b"x" * 10 * protocol.LARGEST_HEADERS)
            status, _, _ = answer(connection)
        except (BrokenPipeError, ConnectionResetError):
            return  # closed while more was still being sent
    assert status == 400


def test_a_body_that_does_not_come_is_given_up(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_S", 0.2)
    with connect(address) as connection:
        head = f"{ASK} HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nContent-Length: 50\r\n\r\n"
        connection.sendall(head.encode() + b'{"question"')
        status, _, text = answer(connection)
    assert status == 408
    assert json.loads(text)["error"]["code"] == "request_timeout"


def test_a_connection_that_does_not_say_what_it_wants_is_closed(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol.PatientProtocol, "headers_s", 0.3)
    with connect(address) as silent, connect(address) as slow:
        assert silent.recv(10) == b""
        slow.settimeout(0.05)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:  # a byte now and then does not keep it open
            try:
                slow.sendall(b"G")
                if slow.recv(10) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            pytest.fail("the connection stayed open")


def test_a_request_is_not_cut_off_while_it_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol.PatientProtocol, "headers_s", 0.2)
    fake = FakeAssistant()
    fake.finish.clear()
    threading.Timer(0.8, fake.finish.set).start()
    with serving(fake) as address, httpx.Client(base_url=address, timeout=PATIENCE_S) as web:
        given = {"question": "Pourquoi les tensions montent ?"}
        assert web.post("api/ask", json=given).json()["citations"]
        assert web.get("articles").status_code == 200


def test_more_connections_than_the_process_can_hold_are_closed(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "most_connections", lambda: 0)
    with connect(address) as connection, contextlib.suppress(ConnectionResetError):
        assert connection.recv(10) == b""
    monkeypatch.undo()
    assert httpx.get(f"{address}articles").status_code == 200


# What follows is told to the app as a proxy or a guard would: no test can call from elsewhere.


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        ("10.0.0.1", "from 10.0.0.1"),
        ("::ffff:10.0.0.1", "from 10.0.0.1"),
        ("2001:db8:1:2::7", "from 2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "from 2001:db8:1:2::/64"),
        ("fe80::1%eth0", "from fe80::/64"),
        ("127.0.0.1", None),
        ("::1", None),
        ("", "from "),
    ],
)
def test_askers_are_told_apart_by_address(client: str, counted: str | None) -> None:
    assert asker(scope(client)) == counted


def test_askers_are_told_apart_by_name_if_they_have_one() -> None:
    ada = Principal("ada")
    assert asker(scope("10.0.0.1", **{KEY: ada})) == asker(scope("127.0.0.1", **{KEY: ada}))
    assert asker(scope("10.0.0.1", **{KEY: ada})) != asker(
        scope("10.0.0.1", **{KEY: Principal("b")})
    )
    assert asker(scope("10.0.0.1", **{KEY: OWNER})) is None


@pytest.mark.parametrize("header", [b"x-forwarded-for", b"forwarded"])
def test_what_a_proxy_on_this_machine_hands_on_is_not_local(header: bytes) -> None:
    forwarded = scope("127.0.0.1", headers=[(header, b"203.0.113.9")])
    assert not is_local(forwarded)
    assert asker(forwarded) == "from 127.0.0.1"


def test_addresses_without_a_form_are_taken_as_they_are() -> None:
    assert network(scope("unix:/run/socket")) == "unix:/run/socket"


def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    async def run() -> None:
        app = Rates(answered, Rate(2), Rate(1000), Rate(2))
        for path in limits.QUESTIONS[:2]:
            assert (await call(app, scope("10.0.0.1", path)))[0] == 200
        for path in limits.QUESTIONS:
            status, headers, told = await call(app, scope("10.0.0.1", path))
            assert status == 429
            assert 0 < int(headers["retry-after"]) <= 30
            assert "Too many questions" in told
        assert (await call(app, scope("10.0.0.2")))[0] == 200
        assert (await call(app, scope("10.0.0.1", "/articles")))[0] == 200
        for _ in range(5):
            assert (await call(app, scope("127.0.0.1")))[0] == 200

    asyncio.run(run())


def test_requests_of_any_kind_have_a_limit_too() -> None:
    async def run() -> None:
        app = Rates(answered, Rate(2), Rate(3), Rate(2))
        found = [(await call(app, scope("10.0.0.1", "/articles")))[0] for _ in range(4)]
        assert found == [200, 200, 200, 429]

    asyncio.run(run())


def test_one_address_cannot_take_every_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_FROM_ONE", 2)
    monkeypatch.setattr(limits, "MOST_AT_ONCE", 4)

    async def run() -> None:
        go_on = asyncio.Event()

        async def slow(*given: Any) -> None:
            await go_on.wait()
            await answered(*given)

        app = Limits(slow)
        stuck = [asyncio.create_task(call(app, scope("10.0.0.1"))) for _ in range(2)]
        await asyncio.sleep(0)
        status, headers, _ = await call(app, scope("10.0.0.1"))
        assert status == 429
        assert int(headers["retry-after"]) > 0
        stuck += [asyncio.create_task(call(app, scope("10.0.0.2"))) for _ in range(2)]
        await asyncio.sleep(0)
        status, headers, _ = await call(app, scope("10.0.0.3"))
        assert status == 503
        assert int(headers["retry-after"]) > 0
        go_on.set()
        assert [status for status, *_ in await asyncio.gather(*stuck)] == [200] * 4
        assert (await call(app, scope("10.0.0.1")))[0] == 200

    asyncio.run(run())

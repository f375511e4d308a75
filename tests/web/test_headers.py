"""The security headers: on whatever the server answers, whoever made it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from assistant.web import assets
from assistant.web.gate.headers import SECURITY, UNLESS_SAID
from tests.support.fakes import DIVORCE, FakeAssistant
from tests.support.raw_http import request
from tests.support.web import serving


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(FakeAssistant()) as address:
        yield address


def carries_all(headers: Any) -> bool:
    expected = SECURITY | {"X-Frame-Options": "SAMEORIGIN"}
    found = {name: headers.get(name.lower()) for name in expected}
    # The chat's page names the scripts inside it, besides.
    policy = re.sub(r" 'sha256-[^']+'", "", found["Content-Security-Policy"])
    assert found | {"Content-Security-Policy": policy} == expected
    return all(name.lower() in headers for name in UNLESS_SAID)


def test_only_the_scripts_that_the_chat_page_came_with_run(address: str) -> None:
    for path in ("", "?language=fr"):
        response = httpx.get(f"{address}{path}")
        (scripts,) = re.findall(r"script-src ([^;]*);", response.headers["content-security-policy"])
        inside = re.findall(r"<script(?![^>]* src=)[^>]*>(.*?)</script>", response.text, re.DOTALL)
        assert len(inside) >= 3
        for one in inside:
            digest = base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in scripts
        assert scripts.count("sha256") == len(inside)
        assert "unsafe" not in scripts
    for path in ("articles", "embed"):
        policy = httpx.get(f"{address}{path}").headers["content-security-policy"]
        assert "script-src 'self';" in policy


def test_only_the_way_into_the_page_can_be_spoken_to_by_who_opens_it(address: str) -> None:
    opened_by = "cross-origin-opener-policy"
    found = {path: httpx.get(f"{address}{path}").headers[opened_by] for path in ("", "embed/full")}
    assert found == {"": "same-origin", "embed/full": "unsafe-none"}


def test_the_page_of_the_chat_is_sent_small(address: str) -> None:
    response = httpx.get(address, headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert "gradio_config" in response.text


@pytest.mark.parametrize(
    ("method", "path", "status", "more"),
    [
        ("GET", "", 200, {}),
        ("HEAD", "", 200, {}),
        ("GET", "embed", 200, {}),
        ("GET", "widget.js", 200, {}),
        ("GET", "docs", 200, {}),
        ("GET", "openapi.json", 200, {}),
        ("GET", "language/fr", 303, {}),
        ("GET", f"articles/{DIVORCE.id}", 200, {}),
        ("GET", "articles/none", 404, {}),
        ("GET", "articles/", 404, {}),
        ("GET", assets.address("chat.css"), 200, {}),
        ("GET", "ui/x/none.css", 404, {}),
        ("GET", "static/none", 404, {}),
        ("GET", "config", 200, {}),
        ("GET", "gradio_api/file=/etc/passwd", 404, {}),
        ("DELETE", "articles", 404, {}),
        ("POST", "api/ask", 422, {"json": {}}),
        ("POST", "api/ask", 200, {"json": {"question": "Pourquoi les tensions montent ?"}}),
        ("POST", "api/ask", 413, {"content": b"x" * 1_000_001}),
        ("POST", "feedback", 422, {"json": {}}),
        ("POST", "mcp", 403, {"json": {}, "headers": {"origin": "http://evil.example"}}),
        ("GET", "mcp", 405, {}),
        ("OPTIONS", "api/ask", 400, {"headers": {
            "origin": "http://evil.example", "access-control-request-method": "POST"}}),
        ("GET", "", 421, {"headers": {"host": "evil.example"}}),
        ("GET", "?" + "x" * 9_000, 414, {}),
        ("GET", "nothing/here", 404, {}),
    ],
)  # fmt: skip
def test_every_response_carries_them(
    address: str, method: str, path: str, status: int, more: dict[str, Any]
) -> None:
    response = httpx.request(method, f"{address}{path}", **more)
    assert response.status_code == status
    assert carries_all(response.headers)
    assert "server" not in response.headers


def test_streams_carry_them(address: str) -> None:
    events = {"accept": "text/event-stream"}
    given = {"question": "Pourquoi les tensions montent ?"}
    streamed = httpx.post(f"{address}api/ask", json=given, headers=events)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert carries_all(streamed.headers)


class Broken(FakeAssistant):
    """Fails in a way that nobody foresaw."""

    def articles(self) -> Any:
        raise RuntimeError("secret")


def test_unforeseen_errors_carry_them() -> None:
    with serving(Broken()) as address:
        for path in ("articles", "api/articles"):
            response = httpx.get(f"{address}{path}")
            assert response.status_code == 500
            assert carries_all(response.headers)
            assert "secret" not in response.text


def test_pages_that_may_show_it_are_named_and_no_older_header_contradicts() -> None:
    with serving(FakeAssistant(), allowed_origins=("https://intra.example",)) as address:
        headers = httpx.get(address).headers
        refused = httpx.get(
            address, headers={"host": "evil.example", "origin": "https://intra.example"}
        )
    assert headers["content-security-policy"].endswith(
        "frame-ancestors 'self' https://intra.example"
    )
    assert "x-frame-options" not in headers
    assert refused.status_code == 421
    assert refused.headers["access-control-allow-origin"] == "https://intra.example"


def test_what_is_for_other_sites_says_so_and_the_rest_is_not(address: str) -> None:
    for path, policy in (("widget.js", "cross-origin"), ("articles", "same-origin")):
        headers = httpx.get(f"{address}{path}").headers
        assert headers["cross-origin-resource-policy"] == policy


def test_no_cache_in_between_keeps_what_the_articles_say(address: str) -> None:
    for path in ("", "articles", f"articles/{DIVORCE.id}", "api/articles", "config"):
        assert "private" in httpx.get(f"{address}{path}").headers["cache-control"]


@pytest.mark.parametrize(
    "injected",
    ["%0d%0aX-Injected:%20yes", "%0aX-Injected:%20yes", "%E5%98%8A%E5%98%8DX-Injected:yes"],
)
@pytest.mark.parametrize(
    "path", ["/language/{}", "/articles/{}", "/{}", "/articles/?x={}", "/ui/{}/chat.css",
             "/gradio_api/{}", "/v1/models/{}", "/embed?language={}", "//evil.example/{}"],
)  # fmt: skip
def test_no_header_can_be_put_in(address: str, path: str, injected: str) -> None:
    status, headers, _ = request(address, f"GET {path.format(injected)}")
    assert 200 <= status < 500
    assert "x-injected" not in headers
    assert not headers.get("location", "").startswith("//")


TRAVERSALS = [
    "..", "../", "%2e%2e", "%2e%2e/", "..%2f", "..%5c", "%2e%2e%5c", "....//", "%252e%252e%252f",
    "/", "%2f", "%00", "%c0%ae%c0%ae/", "x" * 300, "\\..\\",
]  # fmt: skip


@pytest.mark.parametrize("step", TRAVERSALS)
@pytest.mark.parametrize(
    "root", ["/assets/", "/static/", "/static/fonts/", "/ui/x/", "/articles/", "/citations/",
             "/api/articles/", "/gradio_api/file=", "/gradio_api/file/", "/language/", "/"],
)  # fmt: skip
def test_no_path_leads_out_of_what_is_served(address: str, root: str, step: str) -> None:
    for target in ("etc/passwd", "headers.py", "..%00.css", f"{'x' * 300}.css"):
        path = f"{root}{step * 8}{target}"
        status, headers, body = request(address, f"GET {path}")
        assert status in (303, 307, 400, 404), path
        assert "root:" not in body
        assert "SECURITY" not in body
        assert headers["x-content-type-options"] == "nosniff"

"""Of Gradio's addresses, those are open that the chat needs, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

import httpx
import pytest
from starlette.routing import Mount, Route

from assistant.assistant import Assistant
from assistant.support.settings import Settings
from assistant.web.app import create_app
from assistant.web.chat.gradio_routes import OPEN, is_open
from tests.support.fakes import FakeAssistant
from tests.support.web import serving

NEEDED = {
    "/", "/config", "/config/", "/assets/{path:path}", "/static/{path:path}", "/theme.css",
    "/favicon.ico", "/robots.txt", "/gradio_api/info", "/gradio_api/info/",
    "/gradio_api/startup-events", "/gradio_api/theme.css", "/gradio_api/heartbeat/{session_hash}",
    "/gradio_api/queue/data", "/gradio_api/queue/join", "/gradio_api/cancel", "/gradio_api/reset",
    "/gradio_api/reset/", "/gradio_api/run/{api_name}", "/gradio_api/call/{api_name}",
    "/gradio_api/call/{api_name}/{event_id}",
}  # fmt: skip
"""Those that a request that is let through may reach."""


def leaves(routes: Iterable[Any]) -> Iterator[Route]:
    """Each route, also those of routers that others include."""
    for route in routes:
        if isinstance(route, Route):
            yield route
        elif (router := getattr(route, "original_router", None)) is not None:
            yield from leaves(router.routes)


OURS = {"/openapi.json"}
"""What the interface for programs answers, before Gradio is asked."""


@pytest.fixture(scope="module")
def gradio() -> list[Route]:
    app = create_app(cast(Assistant, FakeAssistant()), Settings())
    mounted = next(route.app.app for route in app.routes if isinstance(route, Mount))
    return list(leaves(mounted.routes))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(FakeAssistant()) as address:
        yield address


def samples(route: Route) -> Iterator[str]:
    """Addresses that a route takes, with what is open elsewhere in the place of its parameters."""
    for value in ("x", "ask", "predict", "../config", "theme.css"):
        first = re.sub(r"\{[^}]*\}", value, route.path, count=1)
        yield re.sub(r"\{[^}]*\}", "0" * 32, first)


def test_every_other_address_that_gradio_has_is_closed(gradio: list[Route], address: str) -> None:
    closed = [one for one in gradio if one.path not in NEEDED | OURS | {"/login", "/logout"}]
    assert len(closed) > 40
    with httpx.Client(base_url=address) as web:
        for route in closed:
            for path in samples(route):
                for method in route.methods or ():
                    assert not is_open(method, path), f"{method} {path} is open"
            path = next(samples(route))
            assert web.request("GET", path).status_code == 404, path
            assert web.request("POST", path, json={}).status_code in (404, 405), path


def test_what_is_open_exists(gradio: list[Route]) -> None:
    """So that the list does not outlive what it names."""
    for method, pattern in OPEN:
        assert any(
            re.fullmatch(pattern, path)
            for route in gradio
            if route.path in NEEDED and method in (route.methods or ())
            for path in samples(route)
        ), pattern


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/file=/etc/passwd", "/gradio_api/proxy=http://127.0.0.1:1/", "/gradio_api/upload",
     "/gradio_api/component_server", "/gradio_api/run/other", "/gradio_api/api/predict",
     "/gradio_api/call/reply", "/gradio_api/call/v2/ask", "/monitoring", "/login", "/logout",
     "/gradio_api/queue/join/", "//config", "/./config", "/gradio_api/../config",
     "/gradio_api/heartbeat/a/b", "/gradio_api/heartbeat/" + "a" * 65, "/config\n", "/svelte/x"],
)  # fmt: skip
def test_neighbours_of_open_addresses_are_closed(path: str) -> None:
    for method in ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"):
        assert not is_open(method, path)


def test_methods_are_told_apart() -> None:
    assert is_open("HEAD", "/")
    assert not is_open("POST", "/")
    assert not is_open("GET", "/gradio_api/queue/join")

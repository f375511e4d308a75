"""The Model Context Protocol through its own client, over HTTP and over standard streams."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import httpx
import pytest
from mcp import Client
from starlette.datastructures import Headers

from assistant.assistant import Assistant
from assistant.models.filters import Filters
from assistant.web.api.errors import LARGEST_BODY
from assistant.web.gate.guard import is_foreign
from tests.support.asking import QUESTION, untimed

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
BOTH = {"accept": "application/json, text/event-stream"}


def over_http(address: str, use: Callable[[Client], Awaitable[Any]], mode: str = "auto") -> Any:
    async def run() -> Any:
        async with Client(f"{address}mcp", mode=mode) as client:
            return await use(client)

    return asyncio.run(run())


def told(value: Any) -> Any:
    """``value`` without what has no value, as the tools' typed output names that too."""
    if isinstance(value, dict):
        return {name: told(one) for name, one in value.items() if one is not None}
    return [told(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_tools_answer_as_the_assistant_does(served: str, assistant: Assistant, mode: str) -> None:
    async def use(client: Client) -> Any:
        asked = await client.call_tool("ask", {"question": QUESTION})
        narrowed = {"question": QUESTION, "top": 2, "language": "fr", "after": "2024-01-01"}
        return asked, await client.call_tool("search", narrowed)

    asked, found = over_http(served, use, mode)
    assert not asked.is_error
    answer = asked.structured_content
    assert untimed(told(answer)) == untimed(told(assistant.ask(QUESTION).to_json()))
    text = assistant.article(answer["citations"][0]["article"]).text
    for cited in answer["citations"]:
        assert text[cited["start"] : cited["end"]] == cited["quote"]
    filters = Filters("fr", after=date(2024, 1, 1))
    expected = assistant.search(QUESTION, 2, filters).to_json()
    assert told(found.structured_content) == told(expected)


def test_tools_are_typed_and_described(served: str) -> None:
    async def use(client: Client) -> Any:
        return client.server_info, (await client.list_tools()).tools

    server, tools = over_http(served, use)
    assert server.title == "Article assistant"
    assert sorted(tool.name for tool in tools) == ["ask", "search"]
    for tool in tools:
        assert tool.description.count(".") >= 2
        assert "\n " not in tool.description
        assert tool.annotations.read_only_hint
        assert tool.input_schema["required"] == ["question"]
        assert all("description" in one for one in tool.input_schema["properties"].values())
        assert tool.output_schema["properties"]["question"]["type"] == "string"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"question": ""}, "The question is empty. Type a question"),
        ({"question": "why", "top": 0}, "greater than or equal to 1"),
        ({"question": "why", "after": "soon"}, "expected a day"),
        ({}, "Field required"),
    ],
)
def test_a_bad_call_tells_the_model_why(served: str, given: dict[str, Any], message: str) -> None:
    result = over_http(served, lambda client: client.call_tool("search", given))
    assert result.is_error
    assert message in result.content[0].text


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        (None, "anything", True),
        ("http://127.0.0.1:7860", "127.0.0.1:7860", True),
        ("http://localhost:7860", "localhost:7860", True),
        ("https://[::1]", "[::1]", True),
        ("http://192.168.1.7", "192.168.1.7", True),
        ("http://evil.example", "127.0.0.1:7860", False),
        ("http://localhost:1", "localhost:7860", False),
        ("https://chat.intra.example", "chat.intra.example", True),  # a name that is ours
        ("null", "127.0.0.1:7860", False),
        ("http://[", "[", False),
    ],
)
def test_a_page_is_known_by_where_it_says_it_is_from(
    origin: str | None, host: str, own: bool
) -> None:
    sent = {"host": host} | ({} if origin is None else {"origin": origin})
    assert is_foreign(Headers(sent)) is not own


def test_other_pages_methods_and_large_bodies_are_refused(served: str) -> None:
    own = served.removesuffix("/")
    url = f"{served}mcp"
    assert httpx.post(url, json=LIST, headers=BOTH | {"origin": own}).status_code == 200
    refused = httpx.post(url, json=LIST, headers=BOTH | {"origin": "http://evil.example"})
    assert refused.status_code == 403
    assert refused.json()["error"]["message"]
    for method in ("GET", "DELETE"):
        response = httpx.request(method, url, headers=BOTH)
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
    large = httpx.post(url, json=LIST | {"x": "x" * LARGEST_BODY}, headers=BOTH)
    assert large.status_code == 413
    plain = httpx.post(url, content="{}", headers=BOTH | {"content-type": "text/plain"})
    assert plain.status_code == 400

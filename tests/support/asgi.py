"""ASGI applications called without a server."""

from __future__ import annotations

from typing import Any


def scope(client: str, path: str = "/api/ask", **more: Any) -> dict[str, Any]:
    """A request from ``client``."""
    return {
        "type": "http", "method": "POST", "path": path, "query_string": b"",
        "headers": [], "client": (client, 1), **more,
    }  # fmt: skip


async def call(app: Any, given: dict[str, Any]) -> tuple[int, dict[str, str], str]:
    """The status, headers and text with which ``app`` answers a request."""
    sent = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(given, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"].decode()


async def answered(_scope: Any, _receive: Any, send: Any) -> None:
    """An application that answers everything."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"answer"})

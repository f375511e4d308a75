"""Requests that hurt: what one visitor may send to stop the others, a kind each."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

Body = bytes | Mapping[str, Any]

MOST_HELD = 100
"""Connections that the kind "held" keeps open."""

QUESTION = "When was the tower built?"
_AGENT = {"Accept": "application/json, text/event-stream"}


@dataclass(frozen=True, slots=True)
class Known:
    """What a page tells whoever opens it: the chat's event, and an article with its length."""

    event: int
    article: str
    length: int


class Hostile:
    """One visitor who sends such requests; use it as a context manager, which hangs up at its end.

    ``http`` has the address of the server, and headers for every request.
    """

    def __init__(self, http: httpx.AsyncClient, seed: int = 0) -> None:
        self._http = http
        self._draw = random.Random(f"hostile {seed}")
        self._held: list[asyncio.StreamWriter] = []
        self.statuses: Counter[str] = Counter()

    async def __aenter__(self) -> Hostile:
        config = (await self._http.get("/config")).raise_for_status().json()["dependencies"]
        event = next(one["id"] for one in config if "example_select" in str(one["targets"]))
        listed = (await self._http.get("/api/articles")).raise_for_status().json()["articles"]
        article = (await self._http.get(f"/api/articles/{listed[0]['id']}")).json()
        self._known = Known(event, article["id"], len(article["text"]))
        return self

    async def __aexit__(self, *_: object) -> None:
        for writer in self._held:
            writer.close()

    def drawn(self) -> str:
        """One of ``KINDS``, at random."""
        return self._draw.choice(list(KINDS))

    async def send(self, kind: str) -> None:
        """Send one request of ``kind``, one of ``KINDS``, and count its status."""
        status = await (self._hold() if kind == "held" else self._post(kind))
        self.statuses[str(status) if status else "none"] += 1

    async def _post(self, kind: str) -> int:
        path, body = KINDS[kind](self._known, f"{self._draw.getrandbits(64):x}")
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        form = path == "/login"
        headers = {"Content-Type": f"application/{'x-www-form-urlencoded' if form else 'json'}"}
        try:
            response = await self._http.post(path, content=content, headers=headers | _AGENT)
        except httpx.TransportError:  # refused before the body was sent
            return 0
        return response.status_code

    async def _hold(self) -> int:
        """Open a connection and leave it in the middle of a request."""
        place = urlsplit(str(self._http.base_url))
        _, writer = await asyncio.open_connection(place.hostname, place.port)
        given = "".join(f"{name}: {value}\r\n" for name, value in self._http.headers.items())
        head = f"POST /api/ask HTTP/1.1\r\nHost: {place.netloc}\r\n{given}Content-Length: 1000\r\n"
        writer.write(f"{head}Content-Type: application/json\r\n\r\n{{".encode())
        self._held.append(writer)
        if len(self._held) > MOST_HELD:
            self._held.pop(0).close()
        return 0


def _history(known: Known, token: str) -> tuple[str, Body]:
    said = [{"role": "user", "content": "<" * 100_000}] * 5
    return "/api/ask", {"question": f"{QUESTION} {token}", "history": said}


def _chat(known: Known, token: str) -> tuple[str, Body]:
    return _joined(known, token, "<" * 100_000)


def _uncollected(known: Known, token: str) -> tuple[str, Body]:
    return _joined(known, token, "word " * 20_000)


def _joined(known: Known, token: str, said: str) -> tuple[str, Body]:
    """A question to the chat in a new session, whose answer nobody collects."""
    kept = json.dumps([{"role": "user", "html": said, "text": said}])
    data = [f"{QUESTION} {token}", kept, "", "", "", ""]
    sent = {"fn_index": known.event, "data": data, "session_hash": token}
    return "/gradio_api/queue/join", sent


def _brackets(known: Known, token: str) -> tuple[str, Body]:
    return "/api/ask", b"[" + b"[],{}," * 160_000 + b"0]"


def _values(known: Known, token: str) -> tuple[str, Body]:
    return "/api/ask", b'{"question": "Why?", "history": [' + b"0," * 400_000 + b"0]}"


def _halves(known: Known, token: str) -> tuple[str, Body]:
    return "/api/ask", b'{"question": "' + b"\\ud800" * 160_000 + b'"}'


def _facts(known: Known, token: str) -> tuple[str, Body]:
    return "/api/ask", {"question": f"{QUESTION} {token} " + "12 May 2020-" * 150}


def _opinion(known: Known, token: str) -> tuple[str, Body]:
    cited = {"number": 1, "article": known.article, "start": 0, "end": known.length}
    said = {"question": QUESTION, "answer": token, "thumb": "up"}
    return "/feedback", {**said, "citations": [cited] * 30}


def _agent(known: Known, token: str) -> tuple[str, Body]:
    asked = {"name": "ask", "arguments": {"question": f"{QUESTION} {token}"}}
    return f"/mcp/{token}", {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": asked}


def _password(known: Known, token: str) -> tuple[str, Body]:
    return "/login", f"name={token}&password={token}".encode()


KINDS: Mapping[str, Callable[[Known, str], tuple[str, Body]]] = {
    "history": _history,
    "chat": _chat,
    "uncollected": _uncollected,
    "brackets": _brackets,
    "values": _values,
    "halves": _halves,
    "facts": _facts,
    "opinion": _opinion,
    "agent": _agent,
    "password": _password,
    "held": lambda known, token: ("", b""),
}
"""The path and body of a request of each kind, which ``token`` makes unlike the others."""

"""Isolates chat sessions between users.

Gradio stores a tab's questions and answers under a name (``session_hash``) that the tab's script
makes up, and hands them to whoever sends that name. This replaces the name in each request by one
that only the same principal's requests can produce. A request it misses finds nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.web.api.errors import route_path
from assistant.web.gate.bodies import read_whole, replayed
from assistant.web.gate.limits import largest
from assistant.web.gate.principal import means_of, principal_of

PREFIX = "/gradio_api/"
ALIVE = f"{PREFIX}heartbeat/"
NAME = "session_hash"


class Tabs:
    """ASGI middleware that isolates the tabs of authenticated principals."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._secret = secrets.token_bytes(32)  # in memory only, like Gradio's sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if route_path(scope).startswith(PREFIX):
            connection = HTTPConnection(scope)
            name = principal_of(connection).name
            if name is not None and means_of(connection) != "owner":
                scope, receive = await self._renamed(scope, receive, name)
        await self._app(scope, receive, send)

    async def _renamed(self, scope: Scope, receive: Receive, who: str) -> tuple[Scope, Receive]:
        scope = {**scope, "headers": list(scope["headers"])}
        scope["query_string"] = self._query(scope["query_string"], who)
        path = route_path(scope)
        if path.startswith(ALIVE):
            tab = path.removeprefix(ALIVE)
            scope["path"] = scope["path"].removesuffix(tab) + self._own(tab, who)
            scope["raw_path"] = scope["path"].encode()
        kind = MutableHeaders(scope=scope).get("content-type", "")
        if scope["method"] == "POST" and "json" in kind.lower():
            body = self._body(await read_whole(receive, largest(scope)), who)
            MutableHeaders(scope=scope)["content-length"] = str(len(body))
            receive = replayed(body, receive)
        return scope, receive

    def _query(self, query: bytes, who: str) -> bytes:
        if NAME.encode() not in query:
            return query
        fields = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        return urlencode(
            [(name, self._own(value, who) if name == NAME else value) for name, value in fields]
        ).encode()

    def _body(self, body: bytes, who: str) -> bytes:
        try:
            sent: Any = json.loads(body)
        except (ValueError, RecursionError):
            return body  # Gradio reports the error
        if not isinstance(sent, dict) or not isinstance(sent.get(NAME), str):
            return body
        return json.dumps(sent | {NAME: self._own(sent[NAME], who)}).encode()

    def _own(self, tab: str, who: str) -> str:
        """The replaced name of a tab of ``who``, which nobody else can produce."""
        told = f"{who}\0{tab}".encode("utf-8", "replace")
        return hmac.new(self._secret, told, hashlib.sha256).hexdigest()[:32]

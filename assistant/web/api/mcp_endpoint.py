"""The Model Context Protocol over HTTP at /mcp, started on first use."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from assistant.assistant import Assistant
from assistant.web.api.errors import LARGEST_BODY, rpc_error
from assistant.web.gate.clients import asker
from assistant.web.gate.guard import is_foreign
from assistant.web.gate.principal import Seen
from assistant.web.turns.questions import Questions


class McpEndpoint:
    """ASGI app for MCP's streamable HTTP: one POST per message, stateless.

    The MCP library takes a second to import: the first request waits for it, not everyone who
    starts the chat.
    """

    def __init__(self, seen: Seen, questions: Questions) -> None:
        self._seen = seen
        self._questions = questions
        self._starting = asyncio.Lock()
        self._manager: Any = None
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        request = Request(scope)
        if request.method != "POST":
            refused = _refusal(405, "Send a POST: this server keeps no sessions and no streams.")
            refused.headers["Allow"] = "POST"
            await refused(scope, receive, send)
        elif is_foreign(request.headers):
            refused = _refusal(403, "Pages of other sites may not use this server.")
            await refused(scope, receive, send)
        else:
            await (await self._started()).handle_request(scope, receive, send)

    async def _started(self) -> Any:
        async with self._starting:
            if self._manager is None:
                server = await run_in_threadpool(self._build)
                server.streamable_http_app(
                    stateless_http=True, json_response=True, max_request_body_size=LARGEST_BODY,
                    host="",  # its host check is redundant behind ours
                )  # fmt: skip
                ready = asyncio.Event()
                self._running = asyncio.create_task(_run(server.session_manager, ready))
                await ready.wait()
                self._manager = server.session_manager
            return self._manager

    def _build(self) -> Any:
        from assistant.web.api.mcp_server import build

        return build(self._visitor, self._questions)

    def _visitor(self, call: Any) -> tuple[Assistant, str | None]:
        """The assistant as seen by the sender of ``call``'s request, and the asker."""
        request: Request = call.request_context.request
        return self._seen(request), asker(request.scope)


async def _run(manager: Any, ready: asyncio.Event) -> None:
    """Run the manager in one task, which must both start and stop its task group."""
    async with manager.run():
        ready.set()
        await asyncio.Event().wait()


def _refusal(status: int, message: str) -> JSONResponse:
    return JSONResponse(rpc_error(message), status)

"""The interface as one app: its routes, its errors, its limits, its reference."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant import __version__
from assistant.web.api import completions, errors, reference
from assistant.web.api import routes as api_routes
from assistant.web.api.errors import route_path
from assistant.web.api.mcp_endpoint import McpEndpoint
from assistant.web.gate.principal import Seen
from assistant.web.pages.routes import render
from assistant.web.turns.questions import Questions

DESCRIPTION = """\
Asks a library of articles from programs. Answers quote the articles; every sentence names the \
exact words that it rests on, such that `article.text[start:end] == quote`.

Where it was chosen who may ask, send a key with the header `Authorization: Bearer …`; without one \
the answer is `401`.

An error is `{"error": {"code": …, "message": …}}` under `/api`, and what OpenAI's clients expect \
under `/v1`. `503` with `Retry-After` means that the articles are still being read for the first \
time, or that too much is asked at once; `429` with it, that you ask too often; `504`, that the \
answer took too long.

Agents reach the same through the Model Context Protocol at `/mcp` (streamable HTTP) or with \
`assistant mcp` (standard input and output), as the tools `search` and `ask`."""


class Beneath(BaseRoute):
    """Hands every request for one of ``paths``, or for what is beneath it, to ``app`` as it is."""

    def __init__(self, paths: Sequence[str], app: ASGIApp) -> None:
        self._paths = tuple(paths)
        self.app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Fully, whatever the method: ``app`` knows how to refuse."""
        path = route_path(scope) if scope["type"] == "http" else ""
        fits = any(path == one or path.startswith(f"{one}/") for one in self._paths)
        return (Match.FULL if fits else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        await self.app(scope, receive, send)


def interface(seen: Seen, questions: Questions) -> list[BaseRoute]:
    """The routes of everything that is there for programs, to be put before the chat's."""
    return [
        Beneath(("/api", "/v1", "/openapi.json", "/docs"), create_api(seen, questions)),
        Beneath((errors.MCP,), McpEndpoint(seen, questions)),
    ]


def create_api(seen: Seen, questions: Questions) -> FastAPI:
    """The app behind /api, /v1, /openapi.json and /docs."""
    app = FastAPI(
        title="Article assistant",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    errors.install(app)
    app.include_router(api_routes.routes(seen, questions))
    app.include_router(completions.routes(seen, questions))

    @app.api_route("/docs", methods=["GET", "HEAD"], include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        base = str(request.base_url).rstrip("/")
        return render(request, "reference.html", api=reference.reference(app.openapi(), base))

    return app

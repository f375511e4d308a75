"""Assembles the API: routes, error handlers, limits, reference page."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.support.version import __version__
from assistant.web import assets
from assistant.web.api import completions, errors
from assistant.web.api import routes as api_routes
from assistant.web.api.errors import beneath, route_path
from assistant.web.api.mcp_endpoint import McpEndpoint
from assistant.web.gate.inline_scripts import allowed_scripts
from assistant.web.gate.principal import Seen
from assistant.web.turns.questions import Questions

DESCRIPTION = """\
Asks a library of articles from programs. Answers quote the articles; every sentence names the \
exact words that it rests on, such that `article.text[start:end] == quote`.

If access is restricted, send a key with the header `Authorization: Bearer …`; without one the \
response is `401`.

An error is `{"error": {"code": …, "message": …}}` under `/api`, and what OpenAI's clients expect \
under `/v1`. `503` with `Retry-After` means that the articles are still being read for the first \
time, or that there are too many concurrent questions; `429` with it, that you ask too often; \
`504`, that the answer took too long.

Agents reach the same through the Model Context Protocol at `/mcp` (streamable HTTP) or with \
`assistant mcp` (standard input and output), as the tools `search` and `ask`."""


class Beneath(BaseRoute):
    """Forwards requests for ``paths``, and anything beneath them, unchanged to ``app``."""

    def __init__(self, paths: Sequence[str], app: ASGIApp) -> None:
        self._paths = tuple(paths)
        self.app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match any method: ``app`` rejects those it does not support."""
        return (Match.FULL if beneath(route_path(scope), self._paths) else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        await self.app(scope, receive, send)


def interface(seen: Seen, questions: Questions) -> list[BaseRoute]:
    """The routes of all APIs, to be registered before the chat's."""
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

    _add_reference(app)
    return app


def _add_reference(app: FastAPI) -> None:
    """Swagger UI at /docs, served from a package: FastAPI's own page loads it from a CDN."""
    app.mount("/docs/ui", StaticFiles(packages=[("fastapi_offline", "static")]))

    @app.api_route("/docs", methods=["GET", "HEAD"], include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        page = get_swagger_ui_html(
            openapi_url=f"{root}/openapi.json",
            title=f"{app.title}: interfaces",
            swagger_js_url=f"{root}/docs/ui/swagger-ui-bundle.js",
            swagger_css_url=f"{root}/docs/ui/swagger-ui.css",
            swagger_favicon_url=f"{root}/{assets.address('icon.svg')}",
            # Otherwise Swagger UI asks its maker's host to validate the description.
            swagger_ui_parameters={"validatorUrl": None},
        )
        page.headers["Content-Security-Policy"] = allowed_scripts(bytes(page.body))
        return page

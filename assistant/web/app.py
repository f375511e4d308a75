"""The web app: the chat at the root, the pages and files beside it, and the server."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse

from assistant.errors import AssistantError, SettingsError
from assistant.preflight import listen
from assistant.web import assets, feedback, health, pages, widget
from assistant.web.api.app import interface
from assistant.web.headers import Headers
from assistant.web.metrics import Metrics
from assistant.web.questions import Questions
from assistant.web.requests import Requests
from assistant.web.server import GRACE_S, Server

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.settings import Settings

log = logging.getLogger(__name__)

EVERYWHERE = ("0.0.0.0", "::")


def create_app(assistant: Assistant, settings: Settings) -> FastAPI:
    """The app that answers from ``assistant``: one process of it, as Gradio keeps its queue there.

    Building it imports Gradio, which takes seconds.
    """
    with _unseen("mcp"):
        import gradio as gr

        from assistant.web import chat_page

    metrics = Metrics()
    questions = Questions(metrics.asked, tells_text=settings.log_questions)
    app = FastAPI(title="Article assistant", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.questions = questions
    # No page of a site that is not allowed may read answers. Without this one, Gradio adds a
    # middleware of its own that lets any site do so, with the reader's cookies.
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_methods=("GET", "POST"),
        allow_headers=("Authorization", "Content-Type"),
    )
    app.add_middleware(Headers, framed_by=settings.allowed_origins)
    app.add_middleware(Requests, ended=metrics.responded)  # outermost, so that it sees all others
    for error in (AssistantError, Exception):
        app.add_exception_handler(error, pages.failure)
    app.include_router(health.routes(assistant, questions, metrics))
    app.include_router(pages.routes(assistant))
    app.router.routes.extend(interface(assistant, questions))
    app.router.routes.extend(widget.routes(app.router))
    app.include_router(feedback.routes(assistant))
    app.add_route(assets.ROUTE, assets.serve)
    app.add_route("/gradio_api/upload", _no_uploads, methods=["POST"])
    chat = chat_page.build(assistant, questions)
    metrics.follow(assistant, questions, chat._queue)
    gr.mount_gradio_app(
        app,
        chat,
        path="/",
        server_name=settings.host,
        server_port=settings.port,
        theme=chat_page.theme(),
        head=chat_page.head(),
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
    )
    return app


def serve(
    assistant: Assistant, settings: Settings, *, follow: bool = False, with_demo: bool = False
) -> None:
    """Serve the app until the process is asked to stop, and read the articles meanwhile: once, or
    with ``follow`` again after each change of their folder.

    ``with_demo`` serves an intranet page that shows the widget, on the next port that is free.
    Raises ``SettingsError`` if the address cannot be listened on, before anything is begun.
    """
    with ExitStack() as opened:
        listener = opened.enter_context(listen(settings))
        port = listener.getsockname()[1]
        if with_demo:
            settings = opened.enter_context(_demo(settings, port))
        app = create_app(assistant, settings)
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=GRACE_S,
            root_path=settings.root_path,
        )
        # Not before: two heavy starts at once would keep the page away for longer.
        assistant.start_sync(follow)
        log.info("The chat is at %s", _url(settings.host, port))
        Server(config, assistant.stop_sync).run(sockets=[listener])


@contextmanager
def _demo(settings: Settings, assistant_port: int) -> Iterator[Settings]:
    """The demo page while the block runs, and settings that let it show the assistant."""
    from assistant.web import demo

    for port in (assistant_port + 1, 0):
        try:
            listener = listen(settings.model_copy(update={"port": port}))
            break
        except (SettingsError, OverflowError) as error:
            if port == 0:
                raise
            log.info("%s The demo page takes another port.", error)
    port = listener.getsockname()[1]
    allowed = (*settings.allowed_origins, *demo.origins(settings.host, port))
    with listener, demo.serving(listener, assistant_port):
        log.info("The demo page is at %s", _url(settings.host, port))
        yield settings.model_copy(update={"allowed_origins": allowed})


@contextmanager
def _unseen(package: str) -> Iterator[None]:
    """Hide an installed package that is not imported yet, as though it were not installed.

    Gradio imports ``mcp`` if it is there, for a server of its own that we do not start: that would
    keep the page away for 0.6 s more.
    """
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[package]


def _url(host: str, port: int) -> str:
    name = "localhost" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/"


async def _no_uploads(_request: object) -> PlainTextResponse:
    return PlainTextResponse("This chat takes no files.", status_code=403)

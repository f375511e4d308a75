"""The web app: the chat at the root, the pages and files beside it; and how it is served."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import uvicorn
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.access.policy import Policy, choose
from assistant.store.storage import accounts_of, document_of, spent_of
from assistant.support.addresses import is_loopback
from assistant.support.errors import AssistantError, SettingsError
from assistant.support.processors import processors
from assistant.web import assets, widget
from assistant.web.api.app import interface
from assistant.web.brand import LOGO, Brand, serve_logo
from assistant.web.chat import feedback
from assistant.web.chat.gradio_routes import Closed, Ended
from assistant.web.chat.opening import Opening
from assistant.web.gate.attempts import Attempts
from assistant.web.gate.bodies import Bodies
from assistant.web.gate.forwarded import Forwarded
from assistant.web.gate.guard import Guard
from assistant.web.gate.headers import Headers
from assistant.web.gate.hosts import Hosts, known_hosts
from assistant.web.gate.inline_scripts import OwnScriptsOnly
from assistant.web.gate.limits import REQUESTS, Limits, Rates
from assistant.web.gate.login import Login
from assistant.web.gate.principal import seen_by_sender
from assistant.web.gate.rates import Rate
from assistant.web.gate.sessions import FILE as ENDED
from assistant.web.gate.sessions import Sessions
from assistant.web.gate.tabs import Tabs
from assistant.web.pages import routes as pages
from assistant.web.server import health
from assistant.web.server.metrics import Metrics
from assistant.web.server.preflight import listen
from assistant.web.server.protocol import HEADERS_S, LARGEST_HEADERS, PatientProtocol
from assistant.web.server.request_log import Requests
from assistant.web.server.run import GRACE_S, Server
from assistant.web.turns.questions import Questions
from assistant.web.turns.workers import AT_ONCE, AT_ONCE_A_PROCESSOR, Workers
from assistant.web.widget import embed

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.support.settings import Settings

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 60.0
"""Seconds between two looks at a chat model that does not answer."""

EVERYWHERE = ("0.0.0.0", "::")

PROTOCOL: dict[str, Any] = {
    "http": PatientProtocol,
    # Clients usually keep connections for five seconds: if both ends close one at once, a request
    # is lost.
    "timeout_keep_alive": int(HEADERS_S),
    "ws": "none",
    "h11_max_incomplete_event_size": LARGEST_HEADERS,
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,  # ``Forwarded`` does that
}
"""uvicorn's options."""


def create_app(assistant: Assistant, settings: Settings) -> FastAPI:
    """Build the app for ``assistant``; a single process, because Gradio keeps its queue in memory.

    Imports Gradio, which takes seconds. Raises ``SettingsError`` if nobody has chosen who may ask.
    """
    policy = choose(settings, accounts_of(settings))
    if settings.role == "answer":
        policy = replace(policy, access=assistant.access)
    sessions = Sessions(policy.accounts, document_of(settings, ENDED))
    counted = partial(spent_of, settings)
    rate = Rate(settings.rate, shared=counted("questions", settings.rate))
    attempts = Attempts(shared=counted)
    metrics = Metrics()
    # A chat model is mostly waiting; quotes keep the processors busy.
    at_once = AT_ONCE if settings.llm else min(AT_ONCE, AT_ONCE_A_PROCESSOR * processors())
    workers = Workers(at_once, longest_s=settings.longest_answer_s)
    keep = assistant.gap_log.add if settings.log_questions else None
    questions = Questions(workers, metrics.asked, tells_text=settings.log_questions, keep=keep)
    guards = _middleware(settings, policy, sessions, rate, attempts)
    app = WebApp(settings.allowed_origins, guards, metrics.responded)
    app.state.questions = questions
    app.state.brand = brand = Brand.of(settings)
    for error in (AssistantError, Exception):
        app.add_exception_handler(error, pages.failure)
    app.include_router(health.routes(assistant, questions, metrics))
    if settings.role == "sync":
        metrics.follow(assistant, questions)
        app.router.routes.append(Closed())
        return app
    with _unseen("mcp"):
        import gradio as gr

        from assistant.web.chat import page as chat_page

    app.router.routes.extend(Login(policy, sessions, attempts).routes())
    seen = seen_by_sender(assistant)
    app.include_router(pages.routes(seen))
    app.router.routes.extend(interface(seen, questions))
    opening = Opening(questions)
    app.router.routes.extend([*widget.routes(), *embed.routes(seen, opening)])
    app.include_router(embed.asking(seen, questions))
    app.include_router(feedback.routes(seen))
    app.add_route(assets.ROUTE, assets.serve)
    app.add_route(LOGO, serve_logo)
    app.router.routes.append(Closed())
    chat = chat_page.build(seen, questions, opening, rate, brand)
    metrics.follow(assistant, questions, chat._queue)
    gr.mount_gradio_app(
        app,
        chat,
        path="/",
        server_name=settings.host,
        server_port=settings.port,
        theme=chat_page.theme(),
        head=chat_page.head(brand),
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
    )
    mounted: Any = app.router.routes[-1]
    mounted.app = Ended(mounted.app)
    page = OwnScriptsOnly(mounted)
    smaller = [Middleware(GZipMiddleware)]
    app.router.routes.insert(0, Route("/", page, methods=["GET"], middleware=smaller))
    return app


class WebApp(FastAPI):
    """FastAPI with request logging and security headers outside of all other middleware.

    Starlette's handler of unhandled exceptions stands outside any middleware that can be added.
    """

    def __init__(
        self,
        framed_by: Sequence[str],
        middleware: Sequence[Middleware],
        ended: Callable[[int], None],
    ) -> None:
        super().__init__(
            title="Article assistant",
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
            middleware=middleware,
        )
        self._framed_by = framed_by
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection. Middleware and routes see only those of http."""
        match scope["type"]:
            case "http":
                await super().__call__(scope, receive, send)
            case "lifespan":
                scope["app"] = self
                await self.router(scope, receive, send)
            case _:
                await send({"type": "websocket.close", "code": 1008, "reason": ""})

    def build_middleware_stack(self) -> ASGIApp:
        """Wrap the usual stack."""
        return Requests(Headers(super().build_middleware_stack(), self._framed_by), self._ended)


def _middleware(
    settings: Settings, policy: Policy, sessions: Sessions, rate: Rate, attempts: Attempts
) -> list[Middleware]:
    """The middleware in the order in which a request passes it."""
    requests = Rate(REQUESTS * settings.rate)
    opinions = Rate(settings.rate, shared=spent_of(settings, "opinions", settings.rate))
    everywhere = [one for one in (rate, opinions, *attempts.rates) if one.shared is not None]
    return [
        Middleware(Forwarded, proxies=policy.proxies),
        # Pages of other sites may not read answers. Without this one, Gradio adds a middleware of
        # its own that lets any site do so, with the reader's cookies. It comes early, so that
        # allowed pages can read why they were refused.
        Middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("Authorization", "Content-Type"),
            expose_headers=("Retry-After",),
        ),
        Middleware(Hosts, names=known_hosts(settings)),
        Middleware(Limits),
        Middleware(Guard, policy=policy, sessions=sessions, requests=requests),
        Middleware(
            Rates,
            questions=rate,
            requests=requests,
            opinions=opinions,
            shared=everywhere,
        ),
        Middleware(Bodies),
        Middleware(Tabs),
    ]


def serve(
    assistant: Assistant, settings: Settings, *, follow: bool = False, with_demo: bool = False
) -> None:
    """Serve the app until told to stop, and read the articles meanwhile: once, or with ``follow``
    again after each change of their folder.

    ``with_demo`` also serves an intranet page with the widget, on the next free port. Raises,
    before anything is started, ``SettingsError`` if it cannot listen on the address or nobody has
    chosen who may ask, ``CorpusError`` if the groups' rules are invalid.
    """
    choose(settings, accounts_of(settings))
    if with_demo and not is_loopback(settings.host):
        raise SettingsError(
            f"The demo page is for anyone who reaches {settings.host}: show it on 127.0.0.1 only, "
            "or serve without --demo."
        )
    with ExitStack() as opened:
        listener = opened.enter_context(listen(settings))
        assistant.access.check()
        port = listener.getsockname()[1]
        if with_demo:
            settings = opened.enter_context(_demo(settings, port))
        app = create_app(assistant, settings)
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            timeout_graceful_shutdown=GRACE_S,
            root_path=settings.root_path,
            **PROTOCOL,
        )
        # Not earlier: starting both at once would delay the page.
        if settings.role == "answer":
            assistant.start_following()
        else:
            assistant.start_sync(follow)
        log.info("The chat is at %s", _url(settings.host, port))
        threading.Thread(target=_look_for_chat_model, args=(assistant,), daemon=True).start()
        Server(config, assistant.stop_sync).run(sockets=[listener])


def _look_for_chat_model(assistant: Assistant, again_s: float = LOOK_AGAIN_S) -> None:
    """Say in the log, and on the page of the articles, what is wrong with the chat model, until
    nothing is; or say which one could be used.
    """
    from assistant.answer.write.model_server import on_this_machine

    if assistant.settings.llm is None:
        for found in islice(on_this_machine(), 1):
            log.info("A chat model is on this machine. It writes the answers with: %s", found)
        return
    told = ""
    while problem := assistant.look_for_chat_model():
        if problem != told:
            log.warning("%s assistant doctor --llm tells more.", problem)
        told = problem
        time.sleep(again_s)


@contextmanager
def _demo(settings: Settings, assistant_port: int) -> Iterator[Settings]:
    """Serve the demo page while the block runs; yields settings that let it embed the assistant."""
    from assistant.web import demo

    for port in (assistant_port + 1, 0):
        try:
            listener = listen(settings.model_copy(update={"port": port}))
            break
        except (SettingsError, OverflowError) as error:
            if port == 0:
                raise
            log.info("%s Using another port for the demo page.", error)
    port = listener.getsockname()[1]
    allowed = (*settings.allowed_origins, *demo.origins(settings.host, port))
    with listener, demo.serving(listener, assistant_port):
        log.info("The demo page is at %s", _url(settings.host, port))
        yield settings.model_copy(update={"allowed_origins": allowed})


@contextmanager
def _unseen(package: str) -> Iterator[None]:
    """Make importing a package that is not imported yet fail, as if it were not installed.

    Gradio imports ``mcp`` if it is there, for a server of its own that we do not start: that would
    delay the page by 0.6 s.
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

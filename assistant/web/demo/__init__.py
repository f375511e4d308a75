"""A demo intranet page with the widget, on its own port and so from another origin.

The pages are those of an invented company. Their policy forbids everything that the widget does not
need, so they also show what a strict page has to allow.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

FOLDER = Path(__file__).parent
PAGES = {"/": "index.html", "/alliance": "alliance.html", "/reading-room": "reading-room.html"}
LOOKS = ("light", "dark")
STOP_S = 5


def create_app(assistant_port: int) -> Starlette:
    """Build the pages for an assistant at that port of the host that the browser names."""
    templates = Jinja2Templates(FOLDER)

    def page(request: Request) -> Response:
        assistant = f"http://{_named(request.url.hostname or 'localhost')}:{assistant_port}"
        look = request.query_params.get("look")
        values = {
            "assistant": assistant,
            "look": look if look in LOOKS else None,
            "here": request.url.path.lstrip("/") or "./",
        }
        headers = {
            "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; "
            f"script-src {assistant}; frame-src {assistant}; base-uri 'none'"
        }
        name = PAGES[request.url.path]
        return templates.TemplateResponse(request, name, values, headers=headers)

    async def style(_request: Request) -> Response:
        return FileResponse(FOLDER / "intranet.css")

    return Starlette(routes=[Route("/intranet.css", style), *(Route(path, page) for path in PAGES)])


def origins(host: str, port: int) -> tuple[str, ...]:
    """The origins a browser on this machine may use for the pages."""
    names = dict.fromkeys((host, "localhost", "127.0.0.1"))
    return tuple(f"http://{_named(name)}:{port}" for name in names)


@contextmanager
def serving(listener: socket.socket, assistant_port: int) -> Iterator[None]:
    """Serve the pages in a thread while the block runs."""
    config = uvicorn.Config(
        create_app(assistant_port), log_config=None, log_level="warning", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="demo", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(STOP_S)


def _named(host: str) -> str:
    return f"[{host}]" if ":" in host else host

"""Pages of another site that show the widget, as strict as pages can be unless a test says else."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

PATIENCE_MS = 20_000


@dataclass
class Site:
    """The pages by their path, each the inside of its head and body and its headers.

    ``origin`` is another site than the assistant's, so a browser may forbid a frame's storage;
    ``neighbour`` is the same pages as another origin of the assistant's own site.
    """

    origin: str = ""
    neighbour: str = ""
    assistant: str = ""
    pages: dict[str, tuple[str, str, Mapping[str, str]]] = field(default_factory=dict)

    def script(self, **attributes: str) -> str:
        """The script tag, with ``data_title="x"`` as ``data-title="x"``."""
        given = "".join(f' {k.replace("_", "-")}="{v}"' for k, v in attributes.items())
        return f'<script src="{self.assistant}widget.js" defer{given}></script>'

    def add(self, path: str, head: str, body: str = "", policy: str | None = None) -> str:
        """Put a page at ``path`` and give its address; ``policy`` replaces the strict one."""
        at = self.assistant.rstrip("/")
        strict = (
            f"default-src 'none'; img-src data:; script-src {at}; frame-src {at}; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )
        self.pages[path] = (head, body, {"Content-Security-Policy": policy or strict})
        return f"{self.origin}{path}"


@contextmanager
def hosting() -> Iterator[Site]:
    """A site on a port of its own, while the block runs."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing: the tests' output stays clean."""

        def do_GET(self) -> None:
            found = site.pages.get(self.path.partition("?")[0])
            head, body, headers = found or ("", "", {})
            self.send_response(200 if found else 404)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            start = (
                '<!doctype html><html lang="en"><title>Page</title><link rel="icon" href="data:,">'
                '<meta name="viewport" content="width=device-width, initial-scale=1">'
            )
            self.wfile.write(f"{start}{head}<body><main><h1>Page</h1>{body}</main>".encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    site.origin = f"http://localhost:{server.server_port}"
    site.neighbour = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


class Visitor:
    """A browser tab that notes what it is asked to load and what the console is told."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.loaded: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.loaded.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heard)

    def go(self, address: str) -> Page:
        """Go to a page and wait for what the widget puts there."""
        self.page.goto(address)
        self.page.locator(".widget").first.wait_for(state="attached")
        return self.page

    def _heard(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(message.text)


def launcher(page: Page) -> Any:
    """The first launcher of a page."""
    return page.locator(".launcher").first


def chat(page: Page, number: int = 0) -> FrameLocator:
    """The chat in a widget's frame, ready to be asked."""
    frame = page.locator(".body iframe").nth(number)
    expect(frame).not_to_have_attribute("inert", "", timeout=PATIENCE_MS)
    return frame.content_frame


def box(page: Page, number: int = 0) -> Any:
    """Where the question is typed."""
    return chat(page, number).locator("#question textarea")


def has_focus(locator: Any) -> None:
    """Wait until the element has the keyboard within its own document."""
    expect(locator).to_be_focused(timeout=PATIENCE_MS)

"""The page in ``examples/`` that shows the widget, opened from another origin."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser

from assistant.assistant import Assistant
from tests.support.browser import PATIENCE_MS
from tests.support.repository import DEFAULT_ADDRESS, EXAMPLES
from tests.support.web import serving


@pytest.fixture
def intranet(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the origin that shows its files."""
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=str(tmp_path)))
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield tmp_path, f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_page_with_the_widget_asks_and_shows_the_answer(
    browser: Browser, assistant: Assistant, intranet: tuple[Path, str]
) -> None:
    folder, origin = intranet
    page_text = (EXAMPLES / "widget.html").read_text("utf-8")
    with serving(assistant, (origin,)) as address:
        page_text = page_text.replace(f"{DEFAULT_ADDRESS}/", address)
        (folder / "widget.html").write_text(page_text, "utf-8")
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{origin}/widget.html")
        page.locator(".widget").wait_for(state="attached")
        page.get_by_role("button", name="ask from here").click()
        answer = page.locator(".body iframe").content_frame.locator(".answer blockquote").first
        answer.get_by_text("Les tensions entre Microsoft et OpenAI ont monté").wait_for()
        page.close()

"""A browser, and the chat that it opens: over articles that attack, and over the real ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from assistant.assistant import Assistant
from tests.support.browser import FLAGS, PATIENCE_MS, Open
from tests.support.fakes import DIVORCE, HOSTILE, LIGHTHOUSE, FakeAssistant
from tests.support.repository import program
from tests.support.web import serving


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def fake() -> FakeAssistant:
    return FakeAssistant(library=(DIVORCE, LIGHTHOUSE, HOSTILE))


@pytest.fixture(scope="module")
def address(fake: FakeAssistant) -> Iterator[str]:
    with serving(fake) as address:
        yield address


@pytest.fixture(scope="module")
def real_address(assistant: Assistant) -> Iterator[str]:
    with serving(assistant) as address:
        yield address


@pytest.fixture(scope="module")
def desktop(browser: Browser) -> BrowserContext:
    """What most tests share, so that Gradio's files are loaded once."""
    return browser.new_context(locale="en-GB")


CUT_OFF = re.compile(r"^AbortError: signal is aborted|errored out\.\s*$")
"""What Gradio reports of requests of its own that leaving or reloading a page cuts off."""


@pytest.fixture
def visit(browser: Browser, desktop: BrowserContext) -> Iterator[Open]:
    """Opens a page; at the end nothing may have gone to another host, run, or been reported.

    A page still asks while its server is stopped, and reports that: a test that starts a server
    closes its pages first, or names the server's fixture before this one.
    """
    pages, asked, complaints = [], [], []

    def visit(address: str, **options: Any) -> Page:
        page = (browser.new_context(**options) if options else desktop).new_page()
        pages.append(page)
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
        page.goto(address)
        page.locator(".masthead").wait_for()
        return page

    yield visit
    for page in (page for page in pages if not page.is_closed()):
        assert page.evaluate("window.pwned") is None
        page.close() if page.context is desktop else page.context.close()
    hosts = {urlsplit(url).hostname for url in asked if not url.startswith(("data:", "blob:"))}
    assert hosts == {"127.0.0.1"}
    assert [one for one in complaints if not CUT_OFF.search(one)] == []

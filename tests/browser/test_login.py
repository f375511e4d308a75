"""Signing in and out in a real browser: the chat, and the widget on a page of the same site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support.access import PASSWORD, Known, known
from tests.support.browser import FLAGS, PATIENCE_MS, PHONE, ask
from tests.support.fakes import FakeAssistant
from tests.support.repository import program
from tests.support.web import serving
from tests.support.widget import Site, box, chat, hosting, launcher

QUESTION = "When did the last keeper leave?"
INTRANET = "10.11.12.13"
"""An address that browsers do not take for this machine's, though it leads there: over plain http
they tell less of where a request comes from."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    rule = f"--host-resolver-rules=MAP {INTRANET} 127.0.0.1"
    with sync_playwright() as playwright:
        chromium = program("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, rule])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Known:
    return known(tmp_path_factory.mktemp("access") / "users.json")


@pytest.fixture(scope="module")
def site(accounts: Known) -> Iterator[Site]:
    """A page on another port, and the assistant that it may show."""
    with (
        hosting() as site,
        serving(
            FakeAssistant(), (site.origin, site.neighbour), users=Path(accounts.file.name)
        ) as address,
    ):
        site.assistant = address
        yield site


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB") as context:
        context.set_default_timeout(PATIENCE_MS)
        yield context


def fill(page: Page | object, password: str = PASSWORD) -> None:
    """Fill in and send the form of a page or a frame."""
    page.get_by_label("User name").fill("anna")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_sign_in_ask_and_sign_out(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    loaded = []
    page.on("request", lambda request: loaded.append(urlsplit(request.url).path))
    page.goto(f"{site.assistant}articles")
    assert urlsplit(page.url).path == "/login"
    assert loaded == ["/articles", "/login"]  # the page needs nothing beside itself
    fill(page, "not the password")
    expect(page.get_by_role("alert")).to_have_text("User name or password is wrong.")
    expect(page.get_by_label("User name")).to_have_value("anna")
    expect(page.get_by_label("Password")).to_be_focused()
    fill(page)
    page.wait_for_url("**/articles")
    page.goto(site.assistant)
    page.locator(".masthead").wait_for()
    assert "1994" in ask(page, QUESTION).inner_text()
    kept = "Object.values(sessionStorage).join().includes('1994')"
    while not page.evaluate(kept):  # waiting for a function would be against the page's policy
        page.wait_for_timeout(50)
    page.locator(".account summary").click()
    expect(page.locator(".account summary")).to_have_text("anna")
    page.get_by_text("Sign out").click()
    page.wait_for_url("**/login")
    assert page.evaluate("sessionStorage.length") == 0
    page.goto(site.assistant)
    assert urlsplit(page.url).path == "/login"


def test_over_plain_http_in_the_intranet(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    sent = []
    page.on("request", lambda r: r.method == "POST" and sent.append(r.all_headers()))
    page.goto(f"http://{INTRANET}:{urlsplit(site.assistant).port}/")
    assert not page.evaluate("isSecureContext")
    fill(page)
    page.locator(".account summary").click()
    page.get_by_text("Sign out").click()
    page.wait_for_url("**/login")
    assert "sec-fetch-site" not in sent[0]


def test_without_scripts(browser: Browser, site: Site) -> None:
    with browser.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = context.new_page()
        page.goto(f"{site.assistant}articles")
        fill(page)
        page.wait_for_url("**/articles")


def test_a_session_that_is_over_brings_the_login_page(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(site.assistant)
    fill(page)
    page.locator(".masthead").wait_for()
    context.clear_cookies()
    page.locator("#question textarea").fill(QUESTION)
    page.locator("#question textarea").press("Enter")
    page.wait_for_url("**/login")


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("device", [{}, PHONE], ids=["desktop", "phone"])
def test_the_page_can_be_used_by_everyone(
    browser: Browser, site: Site, look: str, device: dict[str, object]
) -> None:
    with browser.new_context(color_scheme=look, locale="de", **device) as context:
        page = context.new_page()
        page.goto(f"{site.assistant}login")
        page.locator("#name").fill("anna")
        page.locator("#password").fill("falsch")
        page.get_by_role("button", name="Anmelden").click()
        page.get_by_role("alert").wait_for()
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_widget_asks_to_sign_in_and_then_answers(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    site.add("/inside", site.script())
    page.goto(f"{site.neighbour}/inside")
    page.evaluate(f"ArticleAssistant.open({QUESTION!r})")
    frame = page.locator(".body iframe").content_frame
    fill(frame)
    answer = chat(page).locator(".answer.complete")
    expect(answer).to_contain_text("1994", timeout=PATIENCE_MS)  # what was asked before is asked
    page.reload()
    launcher(page).wait_for()
    expect(box(page)).to_be_visible()


def test_on_another_site_the_widget_says_where_to_go(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    site.add("/outside", site.script())
    page.goto(f"{site.origin}/outside")
    launcher(page).click()
    frame = page.locator(".body iframe").content_frame
    link = frame.get_by_role("link", name="Open the assistant")
    expect(link).to_be_visible()
    assert frame.locator("form").count() == 0
    with context.expect_page() as opened:
        link.click()
    fill(opened.value)
    opened.value.locator(".masthead").wait_for()

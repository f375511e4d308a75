"""The page of articles in a real browser: files put in, removed, restored and edited."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from assistant.access.accounts import User
from assistant.access.accounts_file import AccountsFile
from assistant.assistant import Assistant
from tests.support.access import KEPT, PASSWORD
from tests.support.browser import PATIENCE_MS, PHONE
from tests.support.fakes import ATTACK
from tests.support.tiny import tiny_assistant
from tests.support.web import serving

MILL = b"The old mill by the river was built in 1784. It still grinds wheat every autumn."
TEA = "The tea kitchen of the office is cleaned on Monday and on Thursday by everyone."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("articles")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "tea.txt").write_text(TEA)
    assistant = tiny_assistant(folder / "corpus", folder / "data")
    assistant.sync()
    assistant.start_sync()
    yield assistant
    assistant.close()


@pytest.fixture(scope="module")
def address(made: Assistant) -> Iterator[str]:
    with serving(made) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB") as context:
        context.set_default_timeout(PATIENCE_MS)
        yield context


def choose(page: Page, *files: tuple[str, bytes]) -> None:
    payloads = [{"name": name, "mimeType": "text/plain", "buffer": data} for name, data in files]
    page.locator(".drop input").set_input_files(payloads)


def test_a_file_is_put_in_edited_removed_and_restored(
    context: BrowserContext, address: str, made: Assistant
) -> None:
    page = context.new_page()
    page.goto(f"{address}articles")
    choose(page, ("mill.txt", MILL))
    row = page.locator(".intake li").first
    expect(row).to_contain_text("Mill · English · No date · Passages: 1", timeout=PATIENCE_MS)
    listed = page.locator(".listing")
    listed.get_by_role("button", name="Edit: Mill").press("Enter")
    page.get_by_role("textbox", name="Title").fill("The mill")
    page.get_by_label("Date").fill("2024-02-29")
    page.get_by_role("combobox", name="Language").select_option(label="Dutch")
    page.get_by_role("button", name="Save").press("Enter")
    told = "The mill · Dutch · 29 February 2024"
    expect(page.locator(".intake li").first).to_contain_text(told, timeout=PATIENCE_MS)
    expect(listed.get_by_role("row", name="The mill")).to_contain_text("29 February 2024")
    listed.get_by_role("button", name="Remove: The mill").click()
    expect(listed.get_by_text("The mill")).to_have_count(0, timeout=PATIENCE_MS)
    assert not (made.settings.corpus / "mill.txt").exists()
    page.locator(".intake li").first.get_by_role("button", name="Undo").click()
    expect(listed.get_by_role("row", name="The mill")).to_contain_text("29 February 2024")
    page.get_by_role("button", name="Remove: The mill").click()
    page.get_by_text("Removed files (1)").click()
    page.get_by_role("button", name="Restore: mill.txt").click()
    expect(listed.get_by_role("row", name="The mill")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("Removed files")).to_have_count(0)


def test_a_file_that_is_there_is_replaced_only_when_told(
    context: BrowserContext, address: str, made: Assistant
) -> None:
    page = context.new_page()
    page.goto(f"{address}articles")
    choose(page, ("tea.txt", MILL))
    row = page.locator(".intake li").first
    expect(row).to_contain_text("there already", timeout=PATIENCE_MS)
    assert (made.settings.corpus / "tea.txt").read_text() == TEA
    row.get_by_role("button", name="Replace it").click()
    expect(row).to_contain_text("Passages: 1", timeout=PATIENCE_MS)
    assert (made.settings.corpus / "tea.txt").read_bytes() == MILL


def test_words_of_a_poisoned_file_stay_text(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(f"{address}articles")
    choose(
        page, ("<img src=x onerror=window.pwned=1>.txt", f"{ATTACK}\n\nWords: {ATTACK}".encode())
    )
    expect(page.locator(".intake li.read")).to_contain_text("Passages", timeout=PATIENCE_MS)
    page.locator(".listing tr", has_text="onerror").locator("a").first.click()
    page.locator("article").wait_for()
    assert page.evaluate("window.pwned") is None
    assert page.locator("article img, article script").count() == 0


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, PHONE])
def test_the_page_is_accessible(browser: Browser, address: str, options: dict[str, object]) -> None:
    with browser.new_context(locale="en-GB", **options) as context:
        page = context.new_page()
        page.goto(f"{address}articles")
        choose(page, ("run.exe", b"MZ\x00\x01" * 9))
        page.locator(".intake li.failed").wait_for()
        assert Axe().run(page).response["violations"] == []
        page.get_by_role("button", name="Edit").first.click()
        assert Axe().run(page).response["violations"] == []
        scroll, width = page.evaluate("[document.body.scrollWidth, innerWidth]")
        assert scroll <= width


def test_who_may_not_edit_sees_no_way_to(
    context: BrowserContext, made: Assistant, tmp_path: Path
) -> None:
    accounts = AccountsFile(tmp_path / "users.json")
    accounts.change(lambda a: a.with_user("ben", User(KEPT)))
    with serving(made, users=Path(accounts.name)) as address:
        page = context.new_page()
        page.goto(f"{address}articles")
        page.get_by_label("User name").fill("ben")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.locator(".listing").wait_for()
        assert page.locator(".drop, button").count() == 0
        sent = "fetch('api/articles', {method: 'POST', body: new FormData()}).then(r => r.status)"
        assert page.evaluate(sent) == 403

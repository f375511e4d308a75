"""The chat's page around its answers: the first moment, the keyboard, what comes back, its look."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browser import EXAMPLE, PATIENCE_MS, PHONE, Open, ask, settle
from tests.support.cutting import line_to
from tests.support.fakes import FakeAssistant
from tests.support.web import serving

MOST_OF_A_PHONE = 0.2
"""The share of a phone's height that the page's head and box may take."""


def height(page: Page, selector: str) -> float:
    place = page.locator(selector).bounding_box()
    assert place
    return place["height"]


def test_a_question_is_shown_at_once_however_slow_the_network_is(visit: Open, address: str) -> None:
    page = visit(address)
    box = page.locator("#question textarea")
    expect(box).to_be_focused()
    waiting: list[Route] = []
    page.route("**/queue/join*", lambda route: waiting.append(route))
    box.fill(EXAMPLE)
    box.press("Enter")
    expect(page.locator("#pending .asked")).to_have_text(EXAMPLE)
    expect(page.locator("#pending .answer")).to_have_text("Looking in the articles…")
    assert Axe().run(page).response["violations"] == []
    for route in waiting:
        route.continue_()
    page.unroute("**/queue/join*")
    expect(page.locator(".answer blockquote")).to_have_count(2)
    expect(page.locator("#pending")).to_have_count(0)
    expect(box).to_have_value("")
    settle(page)


def test_a_question_outlives_a_server_that_is_away(browser: Browser, address: str) -> None:
    with browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.goto(address)
        page.locator(".masthead").wait_for()
        away: list[Route] = []

        def refuse(route: Route) -> None:
            away.append(route)
            route.abort()

        page.route("**/queue/join*", refuse)
        page.locator("#question textarea").fill(EXAMPLE)
        page.locator("#question textarea").press("Enter")
        expect(page.locator("#pending .answer")).to_contain_text("Your question is kept")
        page.unroute("**/queue/join*")
        expect(page.locator(".answer blockquote")).to_have_count(2)
        expect(page.locator(".user-row")).to_have_text(EXAMPLE)
        expect(page.locator("#pending")).to_have_count(0)
        assert away


def test_an_answer_that_breaks_off_is_asked_for_again(
    browser: Browser, address: str, fake: FakeAssistant
) -> None:
    with browser.new_context(locale="en-GB") as context, line_to(address) as line:
        page = context.new_page()
        page.goto(line.address)
        page.locator(".masthead").wait_for()
        ask(page, "Capital of Peru?")
        expect(page.locator("#memory textarea")).not_to_have_value("")
        fake.finish.clear()
        try:
            ask(page, EXAMPLE)
            page.locator("#question textarea").fill("And then?")
            line.cut()
            expect(page.locator("#pending")).to_contain_text("Your question is kept")
            expect(page.locator(".toast-wrap")).to_be_hidden()
        finally:
            fake.finish.set()
        line.mend()
        anew = page.locator("#chat .answer").nth(1).locator("blockquote")
        expect(anew).to_have_count(2, timeout=PATIENCE_MS)
        expect(page.locator("#pending")).to_have_count(0)
        expect(page.locator(".user-row")).to_have_count(2)
        expect(page.locator("#question textarea")).to_have_value("And then?")
        settle(page)


def test_the_keyboard_and_the_address_bring_questions_and_a_new_chat_comes_back(
    visit: Open, address: str
) -> None:
    page = visit(f"{address}?q=When+did+the+last+keeper+leave%3F")
    box = page.locator("#question textarea")
    expect(box).to_have_value("When did the last keeper leave?")
    expect(page.locator(".user-row")).to_have_count(0)
    box.press("Enter")
    expect(page.locator(".answer blockquote").first).to_be_visible()
    settle(page)
    box.press("ArrowUp")
    expect(box).to_have_value("When did the last keeper leave?")
    page.locator(".masthead h1").click()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("the last question again")
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".answer")).to_have_count(0)
    page.get_by_role("button", name="Bring the chat back").click()
    expect(page.locator(".answer blockquote").first).to_be_visible()
    expect(page.locator("#undo")).to_have_count(0)
    settle(page)


def test_light_and_dark_are_chosen_and_kept(visit: Open, address: str) -> None:
    page = visit(address, locale="en-GB", color_scheme="light")
    ground = page.locator(".gradio-container")
    expect(ground).to_have_css("background-color", "rgb(246, 247, 250)")
    page.get_by_role("link", name="Light or dark").click()
    expect(ground).to_have_css("background-color", "rgb(16, 20, 29)")
    page.reload()
    page.locator(".masthead").wait_for()
    expect(ground).to_have_css("background-color", "rgb(16, 20, 29)")


@pytest.mark.parametrize(
    "size", [(390, 760), (760, 390), (667, 375)], ids=["upright", "landscape", "small"]
)
def test_on_a_phone_head_and_box_leave_room_for_what_is_read(
    visit: Open, address: str, size: tuple[int, int]
) -> None:
    width, tall = size
    page = visit(address, **{**PHONE, "viewport": {"width": width, "height": tall}})
    for example in page.locator("#chat .example").all():
        assert example.evaluate("e => e.scrollWidth <= e.clientWidth")
    ask(page, EXAMPLE)
    taken = height(page, "#masthead") + height(page, "#ask")
    assert taken <= MOST_OF_A_PHONE * tall
    assert height(page, "#chat") >= 0.7 * tall


def test_the_name_the_colour_and_the_greeting_are_settings(visit: Open, tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    own = {"title": "Ask <HR>", "greeting": "Good morning.", "color": "#7a1f2b", "logo": logo}
    with serving(FakeAssistant(), **own) as address:
        page = visit(address)
        expect(page).to_have_title("Ask <HR>")
        expect(page.locator(".masthead h1")).to_have_text("Ask <HR>")
        expect(page.locator("#chat .welcome")).to_have_text("Good morning.")
        expect(page.locator("#note")).to_contain_text("They are quotes")
        accent = page.locator("#send").evaluate("e => getComputedStyle(e).backgroundColor")
        assert accent.startswith("oklch")
        assert page.request.get(f"{address}logo").headers["content-type"] == "image/svg+xml"
        for path in ("articles", "embed", "login"):
            assert "Ask &lt;HR&gt;" in page.request.get(address + path).text()
        page.close()


def wait_until_kept(page: Page, question: str) -> None:
    """The page keeps the conversation twice a second."""
    kept = "question => Object.values(localStorage).some((one) => one.includes(question))"
    page.wait_for_function(kept, arg=question)


def test_conversations_are_kept_found_named_and_deleted(visit: Open, address: str) -> None:
    page = visit(address, locale="en-GB")
    ask(page, EXAMPLE)
    settle(page)
    expect(page.locator("#memory textarea")).not_to_have_value("")
    wait_until_kept(page, EXAMPLE)
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".answer")).to_have_count(0)
    ask(page, "Capital of Peru?")
    settle(page)
    wait_until_kept(page, "Capital of Peru?")
    page.get_by_role("link", name="Conversations").click()
    drawer = page.get_by_role("complementary", name="Conversations")
    names = drawer.locator(".name")
    expect(names).to_have_text(["Capital of Peru?", EXAMPLE])
    drawer.get_by_role("searchbox").fill("tensions")
    expect(names).to_have_text([EXAMPLE])
    names.first.click()
    expect(page.locator(".user-row")).to_have_text(EXAMPLE)
    settle(page)
    drawer.get_by_role("button", name="Rename").click()
    drawer.get_by_role("textbox", name="Rename").fill("The divorce")
    page.keyboard.press("Enter")
    drawer.get_by_role("searchbox").fill("")
    expect(names).to_have_text(["Capital of Peru?", "The divorce"])
    drawer.get_by_role("button", name="Delete: The divorce").click()
    expect(names).to_have_text(["Capital of Peru?"])
    drawer.get_by_role("button", name="Bring it back").click()
    expect(names).to_have_count(2)
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_a_question_is_changed_and_a_link_to_it_is_copied(visit: Open, address: str) -> None:
    page = visit(address, locale="en-GB", permissions=["clipboard-read", "clipboard-write"])
    ask(page, EXAMPLE)
    settle(page)
    page.get_by_role("button", name="Change this question").click()
    expect(page.locator("#question textarea")).to_have_value(EXAMPLE)
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{address}?q=Pourquoi")


def test_an_address_with_nothing_looks_like_the_rest(visit: Open, address: str) -> None:
    page = visit(address)
    told = page.request.get(f"{address}nothing", headers={"accept": "text/html"})
    assert told.status == 404
    assert "There is nothing here" in told.text()
    assert 'class="bar"' in told.text()

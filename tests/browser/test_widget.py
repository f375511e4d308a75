"""The widget in a real browser, on pages of another site than the assistant's."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, expect, sync_playwright

from assistant.models.filters import Filters
from assistant.web import demo
from tests.support.browser import EXAMPLE, FLAGS, PHONE
from tests.support.fakes import FakeAssistant
from tests.support.repository import program
from tests.support.web import serving
from tests.support.widget import (
    PATIENCE_MS,
    Site,
    Visitor,
    box,
    chat,
    has_focus,
    hosting,
    launcher,
)

HOSTILE = """<style>
body, body * { display: none !important; visibility: hidden !important; opacity: 0 !important; }
html > *, div, aside { display: none !important; position: static !important; zoom: 3;
  transform: scale(.1) !important; filter: blur(9px) !important; font: 90px serif !important; }
button, iframe, dialog, h2 { all: unset !important; width: 3px !important; border: 9px solid red; }
</style>"""
STYLED = "default-src 'none'; style-src 'unsafe-inline'; script-src {0}; frame-src {0}"
NOTE_EVENTS = """() => { window.seen = [];
  for (const name of ["open", "close", "ask", "answer", "refused", "source"])
    ArticleAssistant.addEventListener(name,
      (event) => seen.push(`${event.type} ${event.detail.name}`)); }"""

PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
MOST_REQUESTS = 5
"""To open the chat; what an answer needs comes with the first question."""

A_MOMENT_MS = 1_000
"""A visitor reads before going on; until then the conversation is kept."""

Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def fake() -> FakeAssistant:
    return FakeAssistant()


@pytest.fixture(scope="module")
def hosted(fake: FakeAssistant) -> Iterator[Site]:
    with hosting() as site, serving(fake, (site.origin, site.neighbour)) as address:
        site.assistant = address
        yield site


@pytest.fixture
def site(hosted: Site) -> Iterator[Site]:
    """A site that the assistant allows, with nothing on it yet."""
    yield hosted
    hosted.pages.clear()


@pytest.fixture(scope="module")
def demo_address(fake: FakeAssistant) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        allowed = demo.origins("127.0.0.1", port)
        with serving(fake, allowed) as assistant, _demo(listener, assistant):
            yield f"http://127.0.0.1:{port}/"


def _demo(listener: socket.socket, assistant: str) -> AbstractContextManager[None]:
    return demo.serving(listener, urlsplit(assistant).port or 80)


def violations(document: Page | Frame) -> list[str]:
    """What axe-core finds wrong in one document, its shadow trees included."""
    found = Axe().run(document, options={"iframes": False}).response["violations"]
    return [f"{v['id']}: {n['html']} {n['failureSummary']}" for v in found for n in v["nodes"]]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens a tab; at the end nothing may have gone to another host or been kept as a cookie."""
    contexts, visitors = [], []

    def visit(**options: object) -> Visitor:
        context = browser.new_context(**{"locale": "en-GB", **options})
        contexts.append(context)
        visitors.append(Visitor(context))
        return visitors[-1]

    yield visit
    for context in contexts:
        assert context.cookies() == []
        context.close()
    asked = [url for visitor in visitors for url in visitor.loaded]
    hosts = {urlsplit(url).hostname for url in asked if not url.startswith(("data:", "blob:"))}
    assert hosts <= {"127.0.0.1", "localhost"}


@pytest.mark.timeout(120)
def test_nothing_but_the_script_is_loaded_before_the_chat_is_opened(
    visit: Visit, site: Site
) -> None:
    visitor = visit()
    page = visitor.go(site.add("/", site.script()))
    launcher(page).hover()
    page.wait_for_load_state("networkidle")
    assert [url for url in visitor.loaded if url.startswith(site.assistant)] == [
        f"{site.assistant}widget.js"
    ]
    assert page.locator("iframe").count() == 0
    before = len(visitor.loaded)
    launcher(page).click()
    chat(page).locator(".example").first.wait_for()
    assert len(visitor.loaded) - before <= MOST_REQUESTS
    answers = chat(page).locator(".answer blockquote")
    box(page).fill(EXAMPLE)
    box(page).press("Enter")
    expect(answers).to_have_count(2)
    assert visitor.errors == []


def test_the_box_stays_at_the_bottom_after_a_short_answer_below_long_ones(
    visit: Visit, site: Site
) -> None:
    page = visit().go(site.add("/", site.script()))
    launcher(page).click()
    for asked, question in enumerate((EXAMPLE, EXAMPLE, "Capital of Peru?"), 1):
        box(page).fill(question)
        box(page).press("Enter")
        expect(chat(page).locator(".answer.complete")).to_have_count(asked)
    has_focus(box(page))
    assert page.frames[1].evaluate("document.scrollingElement.scrollHeight <= innerHeight")


def test_with_the_keyboard_alone_it_is_opened_asked_and_closed(visit: Visit, site: Site) -> None:
    page = visit().go(site.add("/", site.script(data_title="Ask us")))
    page.keyboard.press("Tab")
    button = page.get_by_role("button", name="Ask us")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Ask us")).to_be_visible()
    has_focus(box(page))
    page.keyboard.type(EXAMPLE)
    page.keyboard.press("Enter")
    cited = chat(page).locator("a.cite")
    expect(cited).to_have_count(2)
    cited.first.focus()
    page.keyboard.press("Enter")
    expect(chat(page).locator("#panel mark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(chat(page).locator("#panel")).to_be_hidden()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(chat(page).locator(".answer")).to_have_count(1)
    page.keyboard.press("Shift+Tab")
    page.get_by_role("button", name="Close").press("Escape")
    expect(button).to_be_focused()


def test_a_page_that_is_not_allowed_is_told_how_to_be(visit: Visit, site: Site) -> None:
    with serving(FakeAssistant()) as elsewhere:
        visitor = visit()
        script = site.script().replace(site.assistant, elsewhere)
        at = elsewhere.rstrip("/")
        policy = f"default-src 'none'; script-src {at}; frame-src {at}"
        page = visitor.go(site.add("/", script, policy=policy))
        launcher(page).click()
        told = page.get_by_role("dialog")
        expect(told).to_contain_text("The assistant may not be shown on this page.")
        expect(told).to_contain_text(f"can allow it for {site.origin}")
        expect(page.locator(".state a")).to_be_focused()
        expect(page.locator(".state a")).to_have_attribute("href", elsewhere)
        expect(page.get_by_role("button", name="Try again")).to_have_count(0)
        (said,) = [error for error in visitor.errors if error.startswith("Article assistant:")]
        assert f"add {site.origin} to ASSISTANT_ALLOWED_ORIGINS" in said
        page.keyboard.press("Escape")
        expect(launcher(page)).to_be_focused()


def test_a_policy_of_the_page_that_forbids_the_frame_is_named(visit: Visit, site: Site) -> None:
    visitor = visit()
    at = site.assistant.rstrip("/")
    policy = f"default-src 'none'; img-src data:; script-src {at}"
    page = visitor.go(site.add("/", site.script(), policy=policy))
    launcher(page).click()
    expect(page.get_by_role("dialog")).to_contain_text("may not be shown on this page")
    assert any(f"add {at} to its frame-src" in error for error in visitor.errors)


def test_an_assistant_that_is_away_is_told_of_and_tried_again(visit: Visit, site: Site) -> None:
    visitor = visit()
    page = visitor.go(site.add("/", site.script(data_language="de")))
    page.context.route(f"{site.assistant}**", lambda route: route.abort())
    launcher(page).click()
    expect(page.get_by_role("dialog")).to_contain_text("gerade nicht erreichbar")
    assert any("does not answer" in error for error in visitor.errors)
    page.context.unroute_all()
    page.get_by_role("button", name="Erneut versuchen").click()
    expect(box(page)).to_have_attribute("placeholder", "Fragen Sie die Artikel…")


def test_a_question_outlives_a_server_that_is_away(visit: Visit, site: Site) -> None:
    visitor = visit()
    page = visitor.go(site.add("/", site.script()))
    launcher(page).click()
    box(page).fill(EXAMPLE)
    page.wait_for_load_state("networkidle")
    page.context.route("**/embed/ask*", lambda route: route.abort())
    box(page).press("Enter")
    row = chat(page).locator(".user-row")
    expect(row).to_have_text(EXAMPLE)
    expect(chat(page).locator(".answer")).to_contain_text("Your question is kept")
    page.context.unroute_all()
    expect(chat(page).locator(".answer blockquote")).to_have_count(2)
    expect(row).to_have_count(1)
    page.context.route("**/citations/**", lambda route: route.abort())
    chat(page).locator("a.cite").first.click()
    expect(chat(page).locator("#panel")).to_contain_text("cannot be shown right now")
    expect(row).to_have_text(EXAMPLE)


def test_the_first_question_outlives_a_server_that_is_away(visit: Visit, site: Site) -> None:
    page = visit().go(site.add("/", site.script()))
    launcher(page).click()
    expect(box(page)).to_be_focused()
    page.context.route("**/ui/**", lambda route: route.abort())  # what an answer needs, too
    page.context.route("**/embed/ask*", lambda route: route.abort())
    box(page).fill(EXAMPLE)
    box(page).press("Enter")
    expect(chat(page).locator(".answer")).to_contain_text("Your question is kept")
    page.context.unroute_all()
    expect(chat(page).locator(".answer blockquote")).to_have_count(2)


def test_a_new_chat_can_be_taken_back_and_a_question_asked_anew(visit: Visit, site: Site) -> None:
    page = visit().go(site.add("/", site.script()))
    launcher(page).click()
    box(page).fill(EXAMPLE)
    box(page).press("Enter")
    inside = chat(page)
    expect(inside.locator(".answer blockquote")).to_have_count(2)
    inside.get_by_role("button", name="New chat").click()
    expect(inside.locator(".answer")).to_have_count(0)
    inside.get_by_role("button", name="Bring the chat back").click()
    expect(inside.locator(".answer blockquote")).to_have_count(2)
    box(page).press("ArrowUp")
    expect(box(page)).to_have_value(EXAMPLE)
    inside.get_by_role("button", name="Filters").or_(inside.locator("#filters summary")).click()
    inside.get_by_label("Language of the articles").select_option("en")
    expect(inside.locator("#filters summary")).to_have_text("Only: English")
    inside.get_by_role("button", name="Ask again").click()
    expect(inside.locator(".answer .about")).to_have_text("Searched only: English")


@pytest.mark.parametrize("where", ["origin", "neighbour"])
def test_the_conversation_goes_along_from_page_to_page(
    visit: Visit, site: Site, where: str
) -> None:
    link = '<a href="/second">Second</a>'
    site.add("/second", site.script())
    site.add("/", site.script(), link)
    page = visit().go(getattr(site, where))
    launcher(page).click()
    box(page).fill(EXAMPLE)
    box(page).press("Enter")
    expect(chat(page).locator(".answer.complete")).to_have_count(1)
    page.wait_for_timeout(A_MOMENT_MS)
    page.evaluate("() => { window.here = true }")
    page.get_by_role("link", name="Second").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("window.here") is None
    expect(chat(page).locator(".user-row")).to_have_text(EXAMPLE)
    expect(chat(page).locator(".answer blockquote")).to_have_count(2)
    assert page.evaluate("document.activeElement === document.body")
    page.get_by_role("button", name="Close").click()
    page.go_back()
    page.locator(".launcher").wait_for()
    expect(page.get_by_role("dialog")).to_be_hidden()
    launcher(page).click()
    expect(chat(page).locator(".answer blockquote")).to_have_count(2)


def test_styles_of_the_page_do_not_reach_the_widget_nor_its_own_the_page(
    visit: Visit, site: Site
) -> None:
    policy = STYLED.format(site.assistant.rstrip("/"))
    page = visit().go(site.add("/", site.script() + HOSTILE, policy=policy))
    button = launcher(page).bounding_box()
    assert button
    assert (button["width"], button["height"]) == (56, 56)
    launcher(page).click()
    panel = page.get_by_role("dialog").bounding_box()
    assert panel
    assert (panel["width"], panel["height"]) == pytest.approx((392, 600), abs=0.01)
    box(page).fill(EXAMPLE)
    box(page).press("Enter")
    expect(chat(page).locator(".answer blockquote")).to_have_count(2)
    expect(page.locator("h2").first).to_have_css("font-size", "15px")
    plain = visit().go(site.add("/plain", site.script(), '<button id="own">Own</button>'))
    own = plain.locator("#own")
    style = "e => JSON.stringify(Object.fromEntries(Object.entries(getComputedStyle(e))))"
    before = own.evaluate(style)
    plain.evaluate("document.documentElement.lastElementChild.remove()")
    assert own.evaluate(style) == before


def test_on_a_phone_it_is_a_sheet_over_the_whole_page(visit: Visit, site: Site) -> None:
    script = site.script(data_open="")
    page = visit(**PHONE).go(site.add("/", script, '<a href="/">Home</a>'))
    expect(page.get_by_role("dialog")).to_be_hidden()
    launcher(page).tap()
    sheet = page.get_by_role("dialog")
    box(page).fill(EXAMPLE)
    box(page).press("Enter")
    expect(chat(page).locator(".answer blockquote")).to_have_count(2)
    assert sheet.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 760}
    expect(chat(page).locator("#send")).to_be_in_viewport(ratio=1)
    assert chat(page).locator("html").evaluate("e => e.scrollWidth <= e.clientWidth")
    # Modal: what it covers is out of reach.
    assert page.locator("main a").evaluate(
        "a => { a.focus(); return document.activeElement !== a }"
    )
    page.get_by_role("button", name="Close").tap()
    expect(sheet).to_be_hidden()
    expect(launcher(page)).to_be_in_viewport(ratio=1)


def test_the_compact_chat_fits_into_380_by_600(visit: Visit, site: Site) -> None:
    visitor = visit(viewport={"width": 380, "height": 600})
    visitor.page.goto(f"{site.assistant}embed")
    visitor.page.locator("#question textarea").fill(EXAMPLE)
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator(".answer blockquote")).to_have_count(2)
    for part in ("#question textarea", "#send", "#new-chat", ".user-row"):
        expect(visitor.page.locator(part)).to_be_in_viewport(ratio=1)
    expect(visitor.page.get_by_role("link", name="Articles")).to_have_count(0)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == 380
    assert visitor.page.evaluate("document.documentElement.scrollHeight") == 600
    assert visitor.errors == []


def test_two_on_a_page_keep_to_themselves(visit: Visit, site: Site) -> None:
    scripts = site.script(data_target="#here") + site.script(data_greeting="Hi!")
    page = visit().go(site.add("/", scripts, '<div id="here"></div>'))
    launcher(page).click()
    corner, inline = 1, 0
    expect(chat(page, corner).locator(".welcome")).to_have_text("Hi!")
    box(page, corner).fill(EXAMPLE)
    box(page, corner).press("Enter")
    expect(chat(page, corner).locator(".answer.complete")).to_have_count(1)
    box(page, inline).fill("Capital of Peru?")
    box(page, inline).press("Enter")
    expect(chat(page, inline).locator(".refusal")).to_have_count(1)
    assert page.evaluate("ArticleAssistant.widgets.map(w => w.name)") == ["corner 1", "#here"]
    page.wait_for_timeout(A_MOMENT_MS)
    page.reload()
    expect(chat(page, corner).locator(".user-row")).to_have_text([EXAMPLE])
    expect(chat(page, inline).locator(".user-row")).to_have_text(["Capital of Peru?"])


def test_two_launchers_do_not_cover_each_other(visit: Visit, site: Site) -> None:
    page = visit().go(site.add("/", site.script() + site.script(data_title="Other")))
    expect(page.locator(".launcher")).to_have_count(2)
    first, second = (page.locator(".launcher").nth(n).bounding_box() for n in (0, 1))
    assert first
    assert second
    assert second["y"] + second["height"] < first["y"]


def test_a_chat_in_an_element_takes_its_room_but_not_the_focus(visit: Visit, site: Site) -> None:
    policy = STYLED.format(site.assistant.rstrip("/"))
    body = '<div id="here" style="height: 500px; width: 640px"></div><input id="own">'
    script = site.script(data_target="#here", data_title="Ask")
    page = visit().go(site.add("/", script, body, policy))
    page.locator("#own").focus()
    box(page).wait_for()
    expect(page.locator("#own")).to_be_focused()
    region = page.get_by_role("region", name="Ask").bounding_box()
    assert region
    assert (region["width"], region["height"]) == (640, 500)
    assert page.locator(".launcher, .close").count() == 0
    visitor = visit()
    visitor.page.goto(site.add("/none", site.script(data_target="#none")))
    visitor.page.wait_for_function("window.ArticleAssistant")
    assert any("no element is #none" in error for error in visitor.errors)


def test_the_page_s_own_script_opens_asks_and_hears(
    visit: Visit, site: Site, fake: FakeAssistant
) -> None:
    page = visit().go(site.add("/", site.script()))
    page.evaluate(NOTE_EVENTS)
    page.evaluate("question => ArticleAssistant.open(question)", EXAMPLE)
    expect(chat(page).locator(".user-row")).to_have_text(EXAMPLE)
    expect(chat(page).locator(".answer.complete")).to_have_count(1)
    page.wait_for_function("seen.length === 3")
    page.evaluate("ArticleAssistant.close()")
    fake.finish.clear()
    try:
        page.evaluate("question => ArticleAssistant.open(question)", "Capital of tensions?")
        expect(chat(page).locator(".user-row")).to_have_count(2)
        page.evaluate("ArticleAssistant.close()")
        expect(page.locator(".launcher.news")).to_have_count(0)
    finally:
        fake.finish.set()
    expect(page.locator(".launcher.news")).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text("The answer is there.")
    at = "corner 1"
    events = ("open", "ask", "answer", "close", "open", "ask", "close", "answer")
    expected = [f"{event} {at}" for event in events]
    assert page.evaluate("seen") == expected


def test_editors_say_how_it_looks_what_it_asks_and_of_which_articles(
    visit: Visit, site: Site, fake: FakeAssistant
) -> None:
    script = site.script(
        data_placeholder="Ask HR…", data_disclaimer="For staff only.",
        data_questions="One tensions?|Two?", data_width="500", data_height="420px",
        data_offset_x="40", data_offset_y="10", data_z_index="7", data_trigger=".help",
        data_shortcut="ctrl+k", data_articles="fr", data_logo=PIXEL,
    )  # fmt: skip
    page = visit().go(site.add("/", script, '<button class="help">Help</button>'))
    expect(launcher(page)).to_be_hidden()
    page.get_by_role("button", name="Help").click()
    expect(box(page)).to_have_attribute("placeholder", "Ask HR…")
    panel = page.get_by_role("dialog")
    assert panel.bounding_box() == {"x": 740, "y": 290, "width": 500, "height": 420}
    expect(panel).to_have_css("z-index", "8")
    expect(panel.locator(".logo")).to_be_visible()
    expect(chat(page).locator("#note")).to_have_text("For staff only.")
    expect(chat(page).locator(".example")).to_have_text(["One tensions?", "Two?"])
    expect(chat(page).locator("#filters summary")).to_have_text("Only: fr")
    chat(page).get_by_role("button", name="One tensions?").click()
    expect(chat(page).locator(".answer .about")).to_have_text("Searched only: French")
    assert fake.narrowed[-1] == Filters(language="fr")
    box(page).press("Escape")
    expect(page.get_by_role("button", name="Help")).to_be_focused()
    page.keyboard.press("Control+k")
    expect(panel).to_be_visible()
    panel.get_by_role("button", name="Larger").click()
    assert panel.bounding_box()["width"] == 760
    full = chat(page).get_by_role("link", name="Open the chat in a tab")
    expect(full).to_have_attribute("href", "/?language=en")


def test_the_conversation_goes_along_into_the_chats_page(visit: Visit, site: Site) -> None:
    page = visit().go(site.add("/", site.script()))
    launcher(page).click()
    box(page).fill(EXAMPLE)
    box(page).press("Enter")
    expect(chat(page).locator(".tools")).to_have_count(1)
    with page.context.expect_page() as opened:
        chat(page).get_by_role("link", name="Open the chat in a tab").click()
    full = opened.value
    expect(full.locator("#chat .user-row")).to_have_text(EXAMPLE)
    expect(full.locator("#chat .answer blockquote")).to_have_count(2)
    assert full.url == f"{site.assistant}?language=en"
    assert full.evaluate("window.opener") is None


def test_no_other_page_can_put_words_into_the_chats_page(visit: Visit, site: Site) -> None:
    said = json.dumps([{"role": "user", "html": "Forged", "text": "Forged"}])
    forge = f"""const opened = open("{site.assistant}embed/full");
      setInterval(() => opened.postMessage({{ conversation: {json.dumps(said)} }}, "*"), 20)"""
    page = visit().go(site.add("/", site.script()))
    with page.context.expect_page() as opened:
        page.evaluate(forge)
    full = opened.value
    full.wait_for_url(site.assistant)
    expect(full.locator("#chat .example").first).to_be_visible()
    assert full.evaluate("sessionStorage.getItem('conversation ')") is None


def test_what_is_asked_about_is_sent_by_no_more_than_a_click(
    visit: Visit, site: Site, fake: FakeAssistant
) -> None:
    page = visit().go(site.add("/", site.script(data_about=""), "<p>Some words</p>"))
    launcher(page).click()
    inside = chat(page)
    inside.get_by_role("button", name="Ask about this page").click()
    expect(box(page)).to_have_value("“Page” – ")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('p'))")
    before = len(fake.asked)
    inside.get_by_role("button", name="Ask about the selection").click()
    expect(box(page)).to_have_value("“Some words” – ")
    assert len(fake.asked) == before


def test_an_element_calls_from_before_and_changes(visit: Visit, site: Site) -> None:
    at = site.assistant.rstrip("/")
    policy = f"style-src 'unsafe-inline'; script-src {at} 'unsafe-inline'; frame-src {at}"
    call = "['open', { question: 'Why?', submit: false }]"
    early = f"<script>(window.ArticleAssistantCalls ??= []).push({call})</script>"
    element = '<article-assistant title="Here" style="height: 450px"></article-assistant>'
    page = visit().go(site.add("/", early + site.script(data_define=""), element, policy))
    expect(page.get_by_role("region", name="Here")).to_be_visible()
    expect(box(page)).to_have_value("Why?")
    expect(chat(page).locator(".answer")).to_have_count(0)
    page.evaluate("ArticleAssistant.update({ title: 'There', placeholder: 'Now' })")
    expect(page.get_by_role("region", name="There")).to_be_visible()
    expect(box(page)).to_have_attribute("placeholder", "Now")
    page.evaluate("ArticleAssistant.destroy()")
    expect(page.locator(".widget")).to_have_count(0)
    assert page.evaluate("ArticleAssistant.widgets.length") == 0


def test_messages_that_are_not_the_other_side_s_change_nothing(
    visit: Visit, site: Site, fake: FakeAssistant
) -> None:
    page = visit().go(site.add("/", site.script()))
    page.evaluate(NOTE_EVENTS)
    launcher(page).click()
    box(page).wait_for()
    before = len(fake.asked)
    page.evaluate("['answer', 'close'].map(what => postMessage({ articleAssistant: what }, '*'))")
    inner = chat(page).locator("html")
    inner.evaluate("() => postMessage({ articleAssistant: { ask: 'Mine?', greeting: 'Me' } }, '*')")
    inner.evaluate("() => parent.postMessage({ articleAssistant: 'answer', text: 1 }, '*')")
    page.wait_for_function("seen.includes('answer corner 1')")  # the frame's own does arrive
    assert page.evaluate("seen") == ["open corner 1", "answer corner 1"]
    expect(chat(page).locator(".welcome")).to_have_text("Ask a question, in any language")
    assert len(fake.asked) == before


@pytest.mark.parametrize(
    ("attributes", "direction", "side"),
    [({}, "ltr", "right"), ({}, "rtl", "left"), ({"data_position": "right"}, "rtl", "right"),
     ({"data_position": "left"}, "ltr", "left")],
)  # fmt: skip
def test_the_launcher_stands_where_lines_end_or_where_it_is_told(
    visit: Visit, site: Site, attributes: dict[str, str], direction: str, side: str
) -> None:
    script = site.script(**attributes)
    style = f"<style>html {{ direction: {direction} }}</style>"
    policy = STYLED.format(site.assistant.rstrip("/"))
    visitor = visit(viewport={"width": 1000, "height": 700})
    page = visitor.go(site.add("/", style + script, policy=policy))
    place = launcher(page).bounding_box()
    assert place
    assert (place["x"] < 500) == (side == "left")


def test_attributes_set_words_colour_theme_and_opening(visit: Visit, site: Site) -> None:
    script = site.script(
        data_title="Fragen", data_greeting="Guten Tag <b>", data_language="de",
        data_color="#7a1f2b", data_theme="dark", data_open="",
    )  # fmt: skip
    page = visit().go(site.add("/", script))
    expect(page.get_by_role("dialog", name="Fragen")).to_be_visible()
    expect(chat(page).locator(".welcome")).to_have_text("Guten Tag <b>")
    expect(chat(page).locator("html")).to_have_class(re.compile("dark"))
    expect(chat(page).locator("html")).to_have_attribute("lang", "de")
    expect(launcher(page)).to_have_css("background-color", "rgb(122, 31, 43)")
    assert chat(page).locator("html").evaluate("e => e.style.getPropertyValue('--brand')")
    page.get_by_role("button", name="Schließen").click()
    page.reload()
    page.locator(".launcher").wait_for()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_it_does_not_move_for_those_who_asked_for_less_motion(visit: Visit, site: Site) -> None:
    page = visit(reduced_motion="reduce").go(site.add("/", site.script()))
    launcher(page).click()
    expect(page.get_by_role("dialog")).to_have_css("animation-name", "none")


@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_nothing_in_the_demo_page_the_widget_and_the_chat_within(
    visit: Visit, demo_address: str, look: str
) -> None:
    page = visit(color_scheme=look).go(f"{demo_address}?look={look}")
    assert violations(page) == []
    launcher(page).click()
    assert violations(chat(page).owner.element_handle().content_frame()) == []
    box(page).fill(EXAMPLE)
    box(page).press("Enter")
    expect(chat(page).locator(".answer blockquote")).to_have_count(2)
    chat(page).locator("a.cite").first.click()
    expect(chat(page).locator("#panel mark")).to_be_visible()
    assert violations(chat(page).owner.element_handle().content_frame()) == []
    assert violations(page) == []

"""What can be done with an answer, in a real browser: preview, stop, retry, copy, judge, go on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from assistant.models.answer import Answer, AnswerSentence
from assistant.store.feedback import FeedbackLog
from tests.support.browser import EXAMPLE, PHONE, Open, ask, quote, settle
from tests.support.fakes import ATTACK, DIVORCE, FakeAssistant

LATER = "When did the last keeper leave?"
REFUSED = "Capital of Peru?"
SMALL = {**PHONE, "viewport": {"width": 360, "height": 640}}


@pytest.fixture
def clipboard(desktop: BrowserContext) -> Iterator[None]:
    desktop.grant_permissions(["clipboard-read", "clipboard-write"])
    yield
    desktop.clear_permissions()


@pytest.fixture
def kept(fake: FakeAssistant, tmp_path: Path) -> FeedbackLog:
    fake.feedback = FeedbackLog(tmp_path)
    return fake.feedback


def complete(page: Page, question: str) -> Locator:
    """Ask, and give the answer when it has its tools."""
    answer = ask(page, question)
    answer.locator("xpath=ancestor::*[contains(@class, 'bot-row')]//*[@class='again']").wait_for()
    return answer


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_citation_is_previewed_while_it_is_pointed_at(visit: Open, address: str) -> None:
    page = visit(address)
    answer = complete(page, EXAMPLE)
    preview = page.get_by_role("tooltip")
    answer.locator("a.cite").first.hover()
    expect(preview.locator("mark")).to_have_text(quote(answer.locator("blockquote").first))
    expect(preview).to_contain_text(f"{DIVORCE.title}24 January 2025 · French")
    preview.hover()
    page.wait_for_timeout(400)
    expect(preview).to_be_visible()
    page.mouse.move(5, 5)
    expect(preview).to_be_hidden()
    answer.locator("a.cite").last.hover()
    expect(preview.locator("mark")).to_have_text(quote(answer.locator("blockquote").last))
    answer.locator("a.cite").last.click()
    expect(preview).to_be_hidden()
    expect(page.locator("#panel mark")).to_be_visible()


def test_with_the_keyboard_alone_a_citation_is_previewed_opened_and_left(
    visit: Open, address: str
) -> None:
    page = visit(address)
    complete(page, EXAMPLE)
    cites = page.locator(".answer a.cite")
    preview = page.get_by_role("tooltip")
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if cites.last.evaluate("link => link === document.activeElement"):
            break
    expect(preview.locator("mark")).to_be_visible()
    expect(cites.last).to_have_attribute("aria-describedby", "preview")
    page.keyboard.press("Escape")
    expect(preview).to_be_hidden()
    expect(cites.last).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(cites.last).to_be_focused()
    expect(preview).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Copy as Markdown")).to_be_focused()


@pytest.mark.parametrize("size", [(360, 640), (640, 380)])
def test_a_preview_is_within_the_window(visit: Open, address: str, size: tuple[int, int]) -> None:
    page = visit(address)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    answer = complete(page, EXAMPLE)
    for number in (0, 1):
        answer.locator("a.cite").nth(number).hover()
        expect(page.locator("#preview mark")).to_have_text(
            quote(answer.locator("blockquote").nth(number))
        )
        expect(page.locator("#preview")).to_be_in_viewport(ratio=1)
        page.keyboard.press("Escape")


def test_a_finger_opens_the_source_without_a_preview(visit: Open, address: str) -> None:
    page = visit(address, **SMALL)
    complete(page, EXAMPLE).locator("a.cite").first.tap()
    expect(page.locator("#panel mark")).to_be_in_viewport()
    expect(page.locator("#preview")).to_be_hidden()


@pytest.mark.usefixtures("clipboard")
def test_the_panel_holds_the_article_around_the_quote_and_a_link_to_share(
    visit: Open, address: str
) -> None:
    page = visit(address)
    answer = complete(page, EXAMPLE)
    words = quote(answer.locator("blockquote").first)
    answer.locator("a.cite").first.click()
    after = page.locator("#panel details")
    expect(after).not_to_contain_text("Personne ne parle de rupture", use_inner_text=True)
    after.locator("summary").click()
    expect(after.get_by_text("Personne ne parle de rupture")).to_be_visible()
    expect(page.locator("#panel").get_by_role("link", name="Original page")).to_have_attribute(
        "href", str(DIVORCE.url)
    )
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    settle(page)
    page.goto(copied(page))
    expect(page.locator("mark")).to_have_text(words)


def test_stop_leaves_what_was_said_and_the_chat_goes_on(
    visit: Open, address: str, fake: FakeAssistant
) -> None:
    page = visit(address)
    fake.finish.clear()
    try:
        answer = ask(page, EXAMPLE)
        expect(page.locator("#send")).to_be_hidden()
        expect(page.locator(".tools")).to_have_count(0)
        page.get_by_role("button", name="Stop").click()
        expect(answer).to_contain_text("Stopped before the end.")
        expect(answer.locator("blockquote")).to_have_count(1)
        expect(page.locator("#stop")).to_be_hidden()
        expect(page.locator("#question textarea")).to_be_focused()
        expect(page.locator("#memory textarea")).to_have_value(re.compile("Stopped"))
    finally:
        fake.finish.set()
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".answer blockquote")).to_have_count(2)
    expect(page.locator(".answer")).to_have_count(1)
    expect(page.locator(".user-row")).to_have_count(1)
    expect(page.get_by_text("Stopped before the end.")).to_have_count(0)
    assert [question for question, _ in fake.asked[-2:]] == [EXAMPLE, EXAMPLE]
    complete(page, REFUSED)


@pytest.mark.usefixtures("clipboard")
def test_an_answer_is_copied_with_its_sources_as_text_and_as_markdown(
    visit: Open, address: str
) -> None:
    page = visit(address)
    answer = complete(page, EXAMPLE)
    words = quote(answer.locator("blockquote").first)
    link = answer.locator("a.cite").first.evaluate("link => link.href")
    page.get_by_role("button", name="Copy with sources").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    text = copied(page)
    assert text.startswith("From the articles, in their own words:\n\n")
    assert f"{words} [1]" in text
    assert f"[1] {DIVORCE.title}, 24 January 2025\n    {link}" in text
    page.get_by_role("button", name="Copy as Markdown").click()
    expect(page.get_by_role("button", name="Copied")).to_have_count(2)
    markdown = copied(page)
    assert f"> {words} [[1]]({link})" in markdown
    assert f"1. [{DIVORCE.title}, 24 January 2025]({link})" in markdown
    complete(page, f"hostile {ATTACK}")
    page.get_by_role("button", name="Copy as Markdown").last.click()
    expect(page.get_by_role("button", name="Copied")).to_have_count(1)
    assert "<script>" not in copied(page).replace("\\<", "")
    assert "![](" not in copied(page)


def test_the_conversation_is_saved_as_markdown_and_as_json(visit: Open, address: str) -> None:
    page = visit(address)
    menu = page.locator(".export summary")
    expect(menu).to_be_hidden()
    answer = complete(page, EXAMPLE)
    complete(page, REFUSED)
    saved = {}
    for kind in ("As Markdown", "As JSON"):
        menu.click()
        with page.expect_download() as download:
            page.locator(".export").get_by_text(kind).click()
        name = download.value.suggested_filename
        saved[name.rpartition(".")[2]] = download.value.path().read_text("utf-8")
        assert re.fullmatch(r"conversation-\d{4}-\d\d-\d\d\.(md|json)", name)
    words = quote(answer.locator("blockquote").first)
    assert f"## {EXAMPLE}" in saved["md"]
    assert f"> {words} " in saved["md"]
    assert f"## {REFUSED}\n\nThe articles do not answer this question." in saved["md"]
    first, second = json.loads(saved["json"])["turns"]
    assert (first["question"], second["question"]) == (EXAMPLE, REFUSED)
    assert (first["answer"]["refused"], second["answer"]["refused"]) == (False, True)
    assert [one["supported"] for one in first["answer"]["sentences"]] == [True, True]
    for cited in first["answer"]["citations"]:
        assert cited["article"] == DIVORCE.id
        assert DIVORCE.text[cited["start"] : cited["end"]] in [
            one["text"] for one in first["answer"]["sentences"]
        ]


def test_a_thumb_and_its_reason_are_kept(visit: Open, address: str, kept: FeedbackLog) -> None:
    page = visit(address)
    complete(page, EXAMPLE)
    down = page.get_by_role("button", name="Helpful? No")
    down.click()
    expect(down).to_have_attribute("aria-pressed", "true")
    reason = page.get_by_role("textbox", name="Why? (optional)")
    expect(reason).to_be_focused()
    assert kept.entries()[0]["reason"] == ""
    reason.fill("<b>Too</b> old")
    reason.press("Enter")
    expect(page.locator(".opinion")).to_contain_text("Thank you.")
    (entry,) = kept.entries()
    assert (entry["thumb"], entry["reason"]) == ("down", "<b>Too</b> old")
    assert (entry["question"], entry["language"]) == (EXAMPLE, "en")
    assert [cited["article"] for cited in entry["citations"]] == [DIVORCE.id] * 2
    assert all(cited["quote"] in entry["answer"] for cited in entry["citations"])
    complete(page, REFUSED)
    expect(page.locator(".opinion").first).to_contain_text("Thank you.")


def test_what_the_articles_answer_too_is_offered_next_and_asked_by_a_click(
    visit: Open, address: str, fake: FakeAssistant
) -> None:
    page = visit(address)
    complete(page, EXAMPLE)
    offered = page.get_by_role("group", name="Ask next").get_by_role("button")
    expect(offered).to_have_text([LATER, ATTACK])
    offered.first.click()
    expect(page.locator(".user-row").last).to_have_text(LATER)
    expect(page.locator(".answer").last).to_contain_text("Its last keeper left in 1994.")
    assert fake.asked[-1][0] == LATER
    expect(offered).to_have_text([ATTACK])
    expect(page.get_by_role("group", name="Ask next")).to_have_count(1)
    page.get_by_role("button", name="New chat").click()
    expect(offered).to_have_count(0)


def test_a_screen_reader_is_told_each_part_of_an_answer_once(
    visit: Open, address: str, fake: FakeAssistant
) -> None:
    page = visit(address)
    voice = page.locator("[role=log][aria-live=polite]")
    fake.finish.clear()
    try:
        answer = ask(page, EXAMPLE)
        expect(voice).to_contain_text("From the articles, in their own words:")
    finally:
        fake.finish.set()
    expect(answer.locator("blockquote")).to_have_count(2)
    for block in answer.locator("blockquote").all():
        expect(voice.get_by_text(quote(block))).to_have_count(1)
    expect(page.locator("#chat [role=log]")).to_have_attribute("aria-live", "off")


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']}: {[node['html'][:200] for node in one['nodes']]}" for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_rule_of_accessibility_is_broken(
    visit: Open, address: str, scheme: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doubted(_self: object, question: str, *_more: object) -> Iterator[Answer]:
        sentence = AnswerSentence("It was in 1999.", False, (), "No passage gives 1999.")
        yield Answer(question, "en", refused=False, lead_in="From:", sentences=(sentence,))

    page = visit(address, color_scheme=scheme, bypass_csp=True, locale="en-GB")
    page.get_by_role("button", name=EXAMPLE).wait_for()
    states = {"empty": violations(page)}
    answer = complete(page, EXAMPLE)
    page.get_by_role("group", name="Ask next").wait_for()
    states["answered"] = violations(page)
    answer.locator("a.cite").first.hover()
    page.locator("#preview mark").wait_for()
    states["preview"] = violations(page)
    link = answer.locator("a.cite").first.evaluate("link => link.href")
    answer.locator("a.cite").first.click()
    page.locator("#panel mark").wait_for()
    states["panel"] = violations(page)
    page.keyboard.press("Escape")
    complete(page, REFUSED)
    states["refusal"] = violations(page)
    monkeypatch.setattr(FakeAssistant, "stream", doubted)
    complete(page, "When?")
    states["unsupported"] = violations(page)
    page.locator("#fold button").first.click()
    page.get_by_label("Published from").wait_for()
    states["filters"] = violations(page)
    page.get_by_role("link", name="Conversations").click()
    states["conversations"] = violations(page)
    page.keyboard.press("Escape")
    page.locator(".masthead h1").click()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()
    states["keys"] = violations(page)
    page.keyboard.press("Escape")
    for path in (link, f"{address}articles"):
        page.goto(path)
        states[path] = violations(page)
    assert {state: found for state, found in states.items() if found} == {}


def test_a_table_wider_than_a_phone_is_scrolled_with_the_keyboard(
    browser: Browser, address: str
) -> None:
    cells = "".join(f"<td>harbour{number}</td>" for number in range(9))
    html = f'<blockquote class="quote"><table><tbody><tr>{cells}</tr></tbody></table></blockquote>'
    said = [
        {"role": "user", "html": "Why?", "text": "Why?"},
        {"role": "assistant", "html": html, "text": "So.", "language": "en", "state": "complete"},
    ]
    kept = json.dumps(["conversation ", json.dumps(said)])
    with browser.new_context(locale="en-GB", bypass_csp=True, **PHONE) as context:
        page = context.new_page()
        page.add_init_script(f"sessionStorage.setItem(...{kept})")
        for path in ("", "embed"):
            page.goto(f"{address}{path}")
            expect(page.locator("#chat .answer table")).to_have_attribute("tabindex", "0")
            assert violations(page) == []


def test_on_a_small_phone_in_german_everything_fits(visit: Open, address: str) -> None:
    page = visit(address, **SMALL, locale="de-DE")
    answer = complete(page, EXAMPLE)
    expect(page.locator(".user-row")).to_be_in_viewport()
    page.get_by_role("group", name="Als Nächstes fragen").wait_for()
    for part in page.locator(
        "#masthead :is(a, button, summary), .tools button, .next button"
    ).all():
        box = part.bounding_box()
        if box and box["width"]:
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 360
    answer.locator("a.cite").first.tap()
    expect(page.get_by_role("button", name="Link kopieren")).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") == 360

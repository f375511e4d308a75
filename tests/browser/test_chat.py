"""The chat in a real browser, over hostile articles and over the corpus of the repository."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from assistant.assistant import Assistant
from assistant.models.filters import Filters
from tests.support.browser import EXAMPLE, PHONE, Open, ask, quote, settle
from tests.support.fakes import ATTACK, DIVORCE, HOSTILE, FakeAssistant
from tests.support.web import serving


def test_page_is_in_english(visit: Open, address: str) -> None:
    page = visit(address)
    expect(page.locator(".masthead h1")).to_have_text("Article assistant")
    expect(page.get_by_role("status").filter(has_text="2 articles")).to_have_text(
        "2 articles in French and English, up to 24 January 2025"
    )
    expect(page.locator("#question textarea")).to_have_attribute("placeholder", "Ask the articles…")
    expect(page.get_by_role("button", name="New chat")).to_be_visible()
    expect(page).to_have_title("Article assistant")
    assert page.locator("html").get_attribute("lang") == "en"


def test_page_is_in_french_until_english_is_chosen(visit: Open, address: str) -> None:
    page = visit(address, locale="fr-FR")
    expect(page.get_by_role("button", name="Demander", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Nouvelle conversation")).to_be_visible()
    expect(page.locator(".masthead p")).to_contain_text("jusqu’au 24 janvier 2025")
    expect(page).to_have_title("Assistant d’articles")
    page.locator("summary", has_text="Français").click()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()


def test_an_example_is_asked_by_a_click_and_new_chat_brings_it_back(
    visit: Open, address: str
) -> None:
    page = visit(address)
    page.get_by_role("button", name=EXAMPLE).click()
    expect(page.locator(".user-row")).to_have_text(EXAMPLE)
    expect(page.locator(".answer blockquote")).to_have_count(2)
    page.locator("a.cite").first.click()
    expect(page.locator("#panel")).to_be_visible()
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".answer")).to_have_count(0)
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.get_by_role("button", name=EXAMPLE)).to_be_visible()


def test_a_citation_opens_its_words_and_escape_gives_the_focus_back(
    visit: Open, address: str
) -> None:
    page = visit(address)
    answer = ask(page, EXAMPLE)
    expect(answer.locator("blockquote")).to_have_count(2)
    for number in (0, 1):
        block = answer.locator("blockquote").nth(number)
        link = block.locator("a.cite")
        link.focus()
        link.press("Enter")
        expect(page.locator("#panel mark")).to_have_text(quote(block))
        expect(link).to_have_class(re.compile(r"\bon\b"))
        expect(page.locator("#panel .tabs a.on")).to_have_text(
            f"Source {number + 1}: {DIVORCE.title}, 24 January 2025"
        )
        assert answer.locator("a.on").count() == 1
    assert len(page.context.pages) == 1
    page.locator("#panel .tabs a").first.click()
    expect(page.locator("#panel mark")).to_have_text(quote(answer.locator("blockquote").first))
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(answer.locator("a.cite").nth(1)).to_be_focused()
    expect(answer.locator("a.on")).to_have_count(0)


def test_a_citation_can_be_opened_while_the_answer_grows(
    visit: Open, address: str, fake: FakeAssistant
) -> None:
    page = visit(address)
    fake.finish.clear()
    try:
        answer = ask(page, EXAMPLE)
        expect(answer.locator("blockquote")).to_have_count(1)
        answer.locator("a.cite").click()
        expect(page.locator("#panel mark")).to_have_text(quote(answer.locator("blockquote")))
    finally:
        fake.finish.set()
    expect(answer.locator("blockquote")).to_have_count(2)
    expect(answer.locator("a.on")).to_have_count(1)
    expect(page.locator("#panel .tabs a")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(answer.locator("a.cite").first).to_be_focused()


def test_what_is_typed_while_an_answer_grows_stays_and_can_be_asked_after_it(
    visit: Open, address: str, fake: FakeAssistant
) -> None:
    page = visit(address)
    box = page.locator("#question textarea")
    fake.finish.clear()
    try:
        answer = ask(page, EXAMPLE)
        expect(answer.locator("blockquote")).to_have_count(1)
        box.fill("And then?")
        box.press("Enter")
    finally:
        fake.finish.set()
    expect(answer.locator("blockquote")).to_have_count(2)
    settle(page)
    expect(box).to_have_value("And then?")
    box.press("Enter")
    expect(page.locator(".answer")).to_have_count(2)
    expect(box).to_have_value("")
    settle(page)


def test_a_refusal_shows_the_closest_passages_which_open_too(visit: Open, address: str) -> None:
    page = visit(address)
    refusal = ask(page, "Capital of Peru?")
    expect(refusal.locator(".refusal")).to_have_text("The articles do not answer this question.")
    expect(refusal.locator(".nearest")).to_have_text("Closest passages")
    refusal.locator("a.cite").click()
    expect(page.locator("#panel mark")).to_have_text(quote(refusal.locator("blockquote")))


def test_without_the_panel_a_citation_leads_to_the_marked_article(
    visit: Open, address: str
) -> None:
    page = visit(address)
    answer = ask(page, EXAMPLE)
    words = quote(answer.locator("blockquote").first)
    settle(page)
    page.goto(answer.locator("a.cite").first.evaluate("link => link.href"))
    expect(page.locator("mark")).to_have_text(words)
    expect(page.locator("mark")).to_be_in_viewport()


def test_on_a_phone_the_source_is_a_sheet_that_closes(visit: Open, address: str) -> None:
    page = visit(address, **PHONE)
    answer = ask(page, EXAMPLE)
    answer.locator("a.cite").last.tap()
    expect(page.locator("#panel mark")).to_be_in_viewport()
    sheet = page.locator("#panel").bounding_box()
    assert sheet
    assert (sheet["x"], sheet["width"]) == (0, 390)
    assert sheet["y"] + sheet["height"] == pytest.approx(760, abs=1)
    cited = answer.locator("a.cite").last.bounding_box()
    assert cited
    assert cited["y"] + cited["height"] <= sheet["y"]
    page.get_by_role("button", name="Close").tap()
    expect(page.locator("#panel")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_everything_is_in_reach_at_twice_the_size(visit: Open, address: str) -> None:
    page = visit(address)
    page.set_viewport_size({"width": 640, "height": 380})
    ask(page, EXAMPLE).locator("a.cite").first.click()
    expect(page.locator("#panel mark")).to_be_in_viewport()
    page.keyboard.press("Escape")
    for part in ("#question textarea", "#send", "#new-chat"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == 640


def test_light_and_dark_follow_the_system_and_the_address(visit: Open, address: str) -> None:
    page = visit(address)
    light, dark = "rgb(246, 247, 250)", "rgb(16, 20, 29)"
    for query, system, ground in (
        ("", "light", light),
        ("", "dark", dark),
        ("?__theme=light", "dark", light),
        ("?__theme=dark", "light", dark),
    ):
        page.emulate_media(color_scheme=system)
        page.goto(address + query)
        expect(page.locator(".gradio-container")).to_have_css("background-color", ground)


def test_an_attack_in_question_title_and_text_stays_text(visit: Open, address: str) -> None:
    page = visit(address)
    answer = ask(page, f"hostile {ATTACK}")
    expect(page.locator(".user-row")).to_contain_text(ATTACK)
    block = answer.locator("blockquote").filter(has_text="Hostile words").first
    expect(block).to_contain_text('<img src=x onerror="window.pwned=1">')
    # The title stands once, under the last of the quotes that follow each other.
    footers = answer.locator(":scope > blockquote > footer")
    expect(footers.last).to_have_text(HOSTILE.title)
    block.locator("a.cite").click()
    expect(page.locator("#panel h2")).to_have_text(HOSTILE.title)
    assert page.locator("img, .katex, code, strong").count() == 0
    assert page.locator("a[href*=evil]").count() == 0
    ask(page, "Capital of Peru?")
    expect(page.locator(".user-row").first).to_contain_text(ATTACK)


def test_the_page_shows_how_far_the_reading_is_and_then_the_library(
    visit: Open, address: str, fake: FakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = replace(fake.state, articles=0, ready=False, syncing=True, done=12, total=40)
    ready = fake.state
    monkeypatch.setattr(fake, "state", early)
    page = visit(address)
    expect(page.locator(".masthead p")).to_have_text("Reading the articles: 12 of 40…")
    page.locator("#question textarea").fill(EXAMPLE)
    page.locator("#question textarea").press("Enter")
    expect(page.locator(".answer")).to_contain_text("as soon as the articles are read")
    monkeypatch.setattr(fake, "state", ready)
    expect(page.locator(".masthead p")).to_contain_text("2 articles in French and English")
    expect(page.locator(".answer blockquote")).to_have_count(2)


@pytest.mark.short
def test_our_own_articles_are_asked_and_opened_at_the_cited_words(
    visit: Open, real_address: str, assistant: Assistant
) -> None:
    page = visit(real_address)
    page.locator("#chat .example").first.click()
    block = page.locator(".answer blockquote").first
    block.wait_for()
    link = block.locator("a.cite")
    path = urlsplit(link.evaluate("link => link.href"))
    span = dict(part.split("=") for part in path.query.split("&"))
    text = assistant.article(path.path.rsplit("/", 1)[1]).text
    words = text[int(span["start"]) : int(span["end"])]
    assert quote(block) == " ".join(words.split("\n"))
    link.click()
    expect(page.locator("#panel mark")).to_have_text(words)


def cited_languages(answer: Locator) -> set[str]:
    return set(answer.locator("blockquote").evaluate_all("all => all.map(b => b.lang)"))


def test_with_a_filter_citations_come_from_what_is_chosen_until_it_is_cleared(
    visit: Open, real_address: str
) -> None:
    page = visit(real_address)
    question = "Why did tensions rise between Microsoft and OpenAI?"
    assert "fr" in cited_languages(ask(page, question))
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Language of the articles").click()
    page.get_by_role("option", name="English").click()
    chip = page.get_by_role("button", name="Only: English")
    expect(chip).to_be_visible()
    chip.click()
    expect(page.get_by_label("Language of the articles")).to_be_hidden()
    narrowed = ask(page, question)
    expect(narrowed.locator(".about")).to_have_text("Searched only: English")
    assert cited_languages(narrowed) == {"en"}
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("button", name="Filters")).to_be_visible()
    expect(page.get_by_role("button", name="Clear")).to_have_count(0)
    widened = ask(page, question)
    expect(widened.locator(".about")).to_have_count(0)
    assert "fr" in cited_languages(widened)


def test_days_and_folders_are_chosen_too(visit: Open, address: str, fake: FakeAssistant) -> None:
    page = visit(address)
    page.get_by_role("button", name="Filters").click()
    since = page.get_by_label("Published from")
    expect(since).to_have_attribute("type", "date")
    since.fill("2024-05-01")
    page.get_by_label("Published until").fill("2025-12-31")
    expect(page.locator("#fold")).to_contain_text("Only: 1 May 2024 to 31 December 2025")
    ask(page, EXAMPLE)
    assert fake.narrowed[-1] == Filters(after=date(2024, 5, 1), before=date(2025, 12, 31))
    expect(page.get_by_label("Folder")).to_have_count(0)


def test_a_library_of_one_kind_offers_no_filters(visit: Open) -> None:
    with serving(FakeAssistant(library=(DIVORCE,))) as address:
        page = visit(address)
        expect(page.locator("#question textarea")).to_be_visible()
        expect(page.locator("#filters")).to_be_hidden()
        page.close()


def test_the_conversation_outlives_a_reload_and_a_change_of_language(
    visit: Open, address: str
) -> None:
    page = visit(address, locale="en-GB")
    answer = ask(page, EXAMPLE)
    expect(answer.locator("blockquote")).to_have_count(2)
    expect(page.locator("#memory textarea")).to_have_value(re.compile("assistant"))
    settle(page)
    page.reload()
    expect(page.locator(".user-row")).to_have_text(EXAMPLE)
    settle(page)
    page.locator("a.cite").first.click()
    expect(page.locator("#panel mark")).to_have_text(quote(page.locator("blockquote").first))
    page.keyboard.press("Escape")
    page.locator("summary", has_text="English").click()
    page.get_by_role("link", name="Français").click()
    expect(page.get_by_role("button", name="Demander", exact=True)).to_be_visible()
    expect(page.locator(".answer blockquote")).to_have_count(2)
    ask(page, "Capital of Peru?")
    expect(page.locator(".user-row")).to_have_count(2)
    settle(page)
    page.get_by_role("button", name="Nouvelle conversation").click()
    expect(page.locator(".answer")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name=EXAMPLE)).to_be_visible()
    expect(page.locator(".answer")).to_have_count(0)
    other_tab = page.context.new_page()
    other_tab.goto(address)
    expect(other_tab.get_by_role("button", name=EXAMPLE)).to_be_visible()


def test_a_question_that_is_too_long_is_not_cut_but_told_of(visit: Open, address: str) -> None:
    page = visit(address)
    asked = "When did the last keeper leave? " * 80
    page.locator("#question textarea").fill(asked)
    page.locator("#question textarea").press("Enter")
    expect(page.locator(".answer")).to_contain_text("at most 2,000 are read")
    expect(page.locator("#question textarea")).to_have_value(asked.strip())
    assert page.locator("a.cite").count() == 0


def test_on_a_phone_nothing_of_the_header_is_cut(visit: Open, address: str) -> None:
    page = visit(address, **PHONE, locale="de-DE")
    line = page.locator(".masthead p[role=status]")
    expect(line).to_contain_text("bis zum 24. Januar 2025")
    assert line.evaluate("p => p.scrollWidth <= p.clientWidth && p.scrollHeight <= p.clientHeight")
    page.get_by_role("button", name="Filter").tap()
    expect(page.get_by_label("Erschienen bis")).to_be_in_viewport(ratio=1)
    expect(page.locator("#question textarea")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_reference_of_the_interface_asks_a_question(visit: Open, address: str) -> None:
    page = visit(address)
    page.goto(f"{address}docs")
    asking = page.locator(".opblock", has_text="/api/ask")
    asking.locator("button.opblock-summary-control").click()
    asking.get_by_role("button", name="Try it out").click()
    asking.get_by_role("button", name="Execute").click()
    answer = asking.locator(".live-responses-table .microlight").first
    expect(answer).to_contain_text('"refused": false')

"""The main flow as a screen reader tells it, by the keyboard alone: on the page, in the widget."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import EXAMPLE, Open
from tests.support.fakes import FakeAssistant

TITLE = "Chronique d’un divorce annoncé"
FIRST = "Depuis le milieu de l’année 2023"
LEAD = "From the articles, in their own words:"
MOST_STOPS = 25

ARRIVED = """
- main:
  - heading "Article assistant" [level=1]
"""
ANSWERED = f"""
- log "Article assistant":
  - paragraph: {EXAMPLE}
  - button "Change this question"
  - paragraph: "{LEAD}"
  - blockquote:
    - text: /{FIRST}/
    - 'link /Source 1 : {TITLE}, 24 January 2025/'
  - blockquote:
    - text: /Le bref départ/
    - 'link /Source 2 : {TITLE}, 24 January 2025/'
  - group "This answer":
    - button "Copy with sources"
    - button "Copy as Markdown"
    - button "Share"
    - button "Ask again"
    - text: Helpful?
    - button "Helpful? Yes"
    - button "Helpful? No"
"""
SOURCE = f"""
- complementary "{TITLE}":
  - button "Close"
  - 'link /Source 1/'
  - 'link /Source 2/'
  - heading "{TITLE}" [level=2]
  - paragraph: /24 January 2025 · French/
  - paragraph: /L’accord de 2019/
  - paragraph:
    - mark: /{FIRST}/
"""

NAME = """() => {
  const at = document.activeElement;
  const name = at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent;
  return name.replace(/\\s+/g, " ").trim();
}"""


def stops(page: Page, key: str, until: Callable[[str], bool]) -> list[str]:
    """The names of what the keyboard stops at, pressing ``key``, until one is wanted."""
    names: list[str] = []
    while not names or not until(names[-1]):
        assert len(names) < MOST_STOPS, names
        page.keyboard.press(key)
        names.append(page.evaluate(NAME))
    return names


def spoken(page: Page) -> list[str]:
    """What the live region told, in order, on one line each."""
    said = page.locator("body > .unseen[role=log][aria-live=polite] p")
    return [re.sub(r"\s+", " ", one) for one in said.all_inner_texts()]


@pytest.mark.parametrize("path", ["", "embed"], ids=["page", "widget"])
def test_the_main_flow_is_told_and_needs_no_mouse(
    visit: Open, address: str, fake: FakeAssistant, path: str
) -> None:
    page = visit(address)
    page.goto(f"{address}{path}")
    box = page.get_by_role("textbox", name="Your question")
    expect(box).to_be_focused()
    expect(page.locator("body")).to_match_aria_snapshot(ARRIVED)
    page.keyboard.type(EXAMPLE)
    fake.finish.clear()
    try:
        page.keyboard.press("Enter")
        expect(page.locator(".answer blockquote")).to_have_count(1)
        assert spoken(page) == ["Looking in the articles…", LEAD]
    finally:
        fake.finish.set()
    expect(page.get_by_role("group", name="Ask next")).to_be_visible()
    expect(page.locator("body")).to_match_aria_snapshot(ANSWERED)
    looking, lead, first, second = spoken(page)
    assert (looking, lead) == ("Looking in the articles…", LEAD)
    assert first.startswith(FIRST)
    assert second.startswith("Le bref départ")
    assert f"Source 1 : {TITLE}" in first
    expect(box).to_be_focused()

    back = stops(page, "Shift+Tab", lambda name: "Source 1" in name)
    ours = [name for name in reversed(back) if name not in ("Translate", "New chat")]
    assert "Source 2" in ours[1]
    tools = ["Copy with sources", "Copy as Markdown", "Share", "Ask again"]
    assert ours[2:9] == [*tools, "Helpful? Yes", "Helpful? No", "When did the last keeper leave?"]
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name=TITLE)
    expect(panel).to_be_focused()
    expect(page.locator("#panel")).to_match_aria_snapshot(SOURCE)
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    assert "Source 1" in page.evaluate(NAME)
    stops(page, "Tab", lambda name: name == "Your question")
    expect(box).to_be_focused()

"""Quotes in another language, translated in a real browser by a model of the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from assistant.assistant import Assistant
from assistant.embedding import Embedder
from assistant.support.settings import Settings
from tests.support.browser import Open, ask
from tests.support.web import serving

ASKED = "How many kilos of honey does a hive give in a year?"
QUOTE = "Un apiculteur récolte environ dix kilos de miel par ruche et par an."


@pytest.fixture
def translating(models: Path, corpus: Path, tmp_path: Path, embedder: Embedder) -> Iterator[str]:
    settings = Settings(corpus=corpus, data=tmp_path / "data", translator=models)
    made = Assistant(settings, embedder)
    made.sync()
    with serving(made) as address:
        yield address
    made.close()


def complete(page: Page, question: str) -> Locator:
    """Ask, and give the answer when it has its tools."""
    answer = ask(page, question)
    answer.locator("xpath=ancestor::*[contains(@class, 'bot-row')]//*[@class='again']").wait_for()
    return answer


def test_a_quote_is_translated_above_its_original(translating: str, visit: Open) -> None:
    page = visit(translating, locale="en-GB")
    quote = complete(page, ASKED).locator("blockquote").first
    expect(quote).to_have_attribute("lang", "fr")
    quote.get_by_role("button", name="Translate").click()
    translation = quote.locator(".translation")
    expect(translation.locator("p")).not_to_be_empty(timeout=60_000)  # the model is loaded now
    expect(translation.locator("small")).to_contain_text("Translated by a machine.")
    expect(translation.locator("small")).to_contain_text("dix")
    expect(translation).to_have_attribute("lang", "en")
    expect(quote).to_contain_text(QUOTE)
    assert translation.bounding_box()["y"] < quote.locator("a.cite").bounding_box()["y"]

    translation.get_by_label("Always translate").check()
    again = complete(page, "How much honey is harvested per hive?").locator("blockquote").first
    expect(again.locator(".translation p")).not_to_be_empty()
    translation.get_by_label("Always translate").uncheck()


def test_a_quote_in_the_askers_language_has_no_button(translating: str, visit: Open) -> None:
    page = visit(translating, locale="en-GB")
    answer = complete(page, "When was the lighthouse of Cordouan finished?")
    expect(answer.locator("blockquote[lang=en]").first).to_be_visible()
    expect(answer.get_by_role("button", name="Translate")).to_have_count(0)

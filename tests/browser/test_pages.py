"""The pages beside the chat in a real browser: a page of a PDF, an article that has changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import PHONE
from tests.support.documents import lines, pdf
from tests.support.tiny import tiny_assistant
from tests.support.web import serving

TEXT = "The fee is 12 euros a night. Dogs are kept on a lead."
TIDES = "# Tides\n\n" + "\n".join(
    f"| {' | '.join(row)} |"
    for row in (["High water, in the outer basin"] * 6, ["---"] * 6, ["Half past twelve"] * 6)
)
PAGES = [["# Harbour", "The pilot boards at the outer buoy."], ["# Fees", "Ask the master."]]


@dataclass(frozen=True)
class Cited:
    """Addresses of citations: of a page of a PDF, of words that have changed since, and of a wide
    table with its headings.
    """

    server: str
    page: str
    changed: str
    table: str


@pytest.fixture(scope="module")
def cited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cited]:
    def draw(canvas: Any) -> None:
        for page in PAGES:
            lines(canvas, page)
            canvas.showPage()

    corpus = tmp_path_factory.mktemp("pages") / "corpus"
    corpus.mkdir()
    (corpus / "harbour.pdf").write_bytes(pdf(draw))
    (corpus / "fees.txt").write_text(TEXT)
    (corpus / "tides.md").write_text(TIDES)
    assistant = tiny_assistant(corpus, corpus.parent / "data")
    assistant.sync()
    ids = {one.source: one.id for one in assistant.articles()}
    (corpus / "fees.txt").write_text(TEXT.replace("12", "15"))
    assistant.sync()
    start = assistant.article(ids["harbour.pdf"]).text.index("The pilot")
    with serving(assistant) as address:
        yield Cited(
            address,
            f"{address}articles/{ids['harbour.pdf']}/pages/1?start={start}&end={start + 35}#quote",
            f"{address}articles/{ids['fees.txt']}?start=0&end=28#quote",
            f"{address}articles/{ids['tides.md']}?start=0&end=400#quote",
        )
    assistant.close()


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['html'][:200] for node in one['nodes']]}" for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_no_page_breaks_a_rule_of_accessibility_or_its_width(
    browser: Browser, cited: Cited, scheme: Any, options: dict[str, Any]
) -> None:
    with browser.new_context(
        locale="en-GB", color_scheme=scheme, bypass_csp=True, **options
    ) as context:
        page = context.new_page()
        found = {}
        plain = f"{cited.server}gaps", f"{cited.server}none"
        for address in (cited.page, cited.changed, cited.table, *plain):
            page.goto(address)
            found[address] = violations(page)
            width = page.viewport_size["width"] if page.viewport_size else 0
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert {address: some for address, some in found.items() if some} == {}


def test_a_page_of_a_pdf_opens_at_the_marked_words(browser: Browser, cited: Cited) -> None:
    with browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.goto(cited.page)
        expect(page.get_by_role("img", name="Harbour, page 1")).to_be_visible()
        expect(page.locator(".box")).to_be_in_viewport(ratio=1)
        expect(page.locator("figcaption q")).to_have_text("The pilot boards at the outer buoy.")
        page.get_by_role("link", name="Next page").click()
        expect(page.get_by_text("The cited words were not found on this page")).to_be_visible()
        page.get_by_role("link", name="Text of the article").click()
        expect(page.locator("mark")).to_have_text("The pilot boards at the outer buoy.")


def test_what_has_changed_is_told_beside_the_article(browser: Browser, cited: Cited) -> None:
    with browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.goto(cited.changed)
        told = page.get_by_role("note")
        expect(told).to_contain_text("These words were changed on")
        expect(told.locator("del")).to_have_text("12")
        expect(told.locator("ins")).to_have_text("15")
        expect(page.locator("mark")).to_have_text("The fee is 15 euros a night.")

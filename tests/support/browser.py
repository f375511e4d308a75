"""Asking in the chat of a real browser."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True}
PATIENCE_MS = 20_000
EXAMPLE = "Pourquoi les tensions montent ?"

Open = Callable[..., Page]


def ask(page: Page, question: str) -> Locator:
    """Type a question, send it with Enter, and give the answer when it is complete."""
    box = page.locator("#question textarea")
    before = page.locator(".answer").count()
    box.fill(question)
    box.press("Enter")
    answer = page.locator(".answer").nth(before)
    answer.locator("blockquote, .refusal").first.wait_for()
    return answer


def settle(page: Page) -> None:
    """Wait until what comes after the last answer is there.

    Gradio reports it as an error if a page is left while something is under way.
    """
    expect(page.locator(".next button")).not_to_have_count(0)


def quote(cited: Locator) -> str:
    """The quoted words of a block of an answer, without its number and title."""
    return cited.evaluate(_QUOTED).rstrip("\xa0")


_QUOTED = """block => {
  const isSaid = (one) => one.nodeType === Node.TEXT_NODE || one.tagName === "MARK";
  const parts = [...block.childNodes];
  const said = parts.slice(parts.findIndex(isSaid));
  const end = said.findIndex((one) => !isSaid(one));
  return said.slice(0, end < 0 ? said.length : end).map((one) => one.textContent).join("");
}"""


_SHOWN = """all => all.map((one) => {
  const copy = one.cloneNode(true);
  for (const link of copy.querySelectorAll("a")) link.setAttribute("href", link.href);
  // Gradio's reader of Markdown adds names that nothing uses.
  for (const part of copy.querySelectorAll("a")) {
    for (const name of ["target", "rel"]) part.removeAttribute(name);
  }
  return copy.outerHTML;
})"""


def shown_answers(page: Page, count: int) -> list[str]:
    """The HTML of the ``count`` answers that a page shows, links with their whole address."""
    expect(page.locator("#chat .tools")).to_have_count(count)
    return [
        html.unescape(re.sub(r"\s+", " ", one))
        for one in page.locator("#chat .answer").evaluate_all(_SHOWN)
    ]

"""Asking in the chat of a real browser."""

from __future__ import annotations

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
    return cited.evaluate("b => [...b.childNodes].find(n => n.nodeType === 3).data").rstrip("\xa0")

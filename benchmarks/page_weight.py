"""``python -m benchmarks page_weight``: size and responsiveness of the chat page.

Measured in Chromium, compared with an empty Gradio chat mounted the same way that answers at once:
bytes and requests of a first visit, and seconds from Enter to the first words.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Frame, Page, sync_playwright

from assistant.answer.suggestions import golden_questions
from benchmarks.serving import ROOT, find_chromium, own_corpus, served, wait_for_page

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
SETTLED_MS = 1_500
"""Milliseconds after the input box appears during which a page may still load resources."""

_EMPTY = """
import sys, gradio, uvicorn
from fastapi import FastAPI
from assistant.web.chat.page import theme
def echo(question, history):
    yield "Words."
app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
with gradio.Blocks(analytics_enabled=False) as blocks:
    gradio.ChatInterface(echo)
gradio.mount_gradio_app(
    app, blocks, path="/", theme=theme(), footer_links=[], ssr_mode=False, enable_monitoring=False
)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""


def main() -> None:
    """Measure, and print one JSON object: medians, and all figures."""
    parser = argparse.ArgumentParser(prog="benchmarks page_weight", description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="questions asked of each (10)")
    options = parser.parse_args()
    chromium = find_chromium(parser)
    questions = [one.text for one in golden_questions(ROOT / "corpus", "en")][: options.runs]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        with served([sys.executable, "-c", _EMPTY, "{port}"], {}) as (process, address, _):
            wait_for_page(process, address)
            empty = _measure(browser, address, "textarea", ".bot-row .prose p", questions)
        with tempfile.TemporaryDirectory() as data, own_corpus(Path(data)) as address:
            time.sleep(5)  # until the sync that comes with the start has found nothing to do
            ours = _measure(
                browser, address, "#question textarea", ".answer :is(blockquote, .refusal)",
                questions,
            )  # fmt: skip
        told = {
            "ours": ours,
            "empty_gradio_chat": empty,
            "bytes_ratio": round(ours["bytes"] / empty["bytes"], 3),
            "requests_ratio": round(ours["requests"] / empty["requests"], 3),
            "browser": browser.version,
            "processors": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
        }
        browser.close()
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


def _measure(
    browser: Browser, address: str, box: str, words: str, questions: list[str]
) -> dict[str, Any]:
    """The size of a first visit to ``address``, and the time from Enter to ``words``."""
    _visit(browser, address, box).context.close()  # warm up the server
    page = _visit(browser, address, box)
    weighed = page.evaluate(
        "() => performance.getEntriesByType('resource')"
        ".concat(performance.getEntriesByType('navigation'))"
        ".filter(entry => !entry.name.startsWith('data:')).map(entry => entry.transferSize)"
    )
    seconds = [first_words(page, box, words, question) for question in questions]
    page.context.close()
    return {
        "bytes": sum(weighed),
        "requests": len(weighed),
        "first_words_s": round(statistics.median(seconds), 3),
        "first_words_all_s": [round(one, 3) for one in seconds],
    }


def _visit(browser: Browser, address: str, box: str) -> Page:
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(address)
    page.locator(box).first.wait_for()
    page.wait_for_timeout(SETTLED_MS)
    return page


def first_words(page: Page | Frame, box: str, words: str, question: str) -> float:
    """Seconds from Enter until one more element that matches ``words`` holds something."""
    field = page.locator(box).first
    field.fill(question)
    page.evaluate(
        """words => {
            const count = () => [...document.querySelectorAll(words)]
                .filter((element) => element.innerText.trim()).length;
            const before = count();
            window.took = new Promise((resolve) => {
                let pressed = 0;
                addEventListener("keydown", () => { pressed = performance.now(); },
                    { once: true, capture: true });
                const look = () => pressed && count() > before
                    ? resolve((performance.now() - pressed) / 1000) : requestAnimationFrame(look);
                look();
            });
        }""",
        words,
    )
    field.press("Enter")
    seconds = float(page.evaluate("window.took"))
    page.wait_for_timeout(SETTLED_MS)  # until the work after the answer is done
    return seconds


if __name__ == "__main__":
    main()

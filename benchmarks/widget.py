"""``python -m benchmarks widget``: size and responsiveness of the widget.

Measured in Chromium, on a page of another origin, over the repository's corpus: seconds from
clicking the launcher to a usable box, cold in an empty browser profile, warm in one that has opened
the widget before; bytes and requests of an opened widget; seconds from Enter to the first words.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Request, sync_playwright

from assistant.answer.suggestions import golden_questions
from benchmarks.page_weight import FLAGS, first_words
from benchmarks.serving import ROOT, find_chromium, own_corpus

_CLICK = """() => new Promise((done) => {
  const started = performance.now();
  addEventListener("message", ({ data }) => {
    if (data?.articleAssistant === "ready") done((performance.now() - started) / 1000);
  });
  document.documentElement.lastElementChild.shadowRoot.querySelector(".launcher").click();
})"""


def main() -> None:
    """Measure, and print one JSON object of medians and all figures, in seconds."""
    parser = argparse.ArgumentParser(prog="benchmarks widget", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="openings of each kind (5)")
    options = parser.parse_args()
    chromium = find_chromium(parser)
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        site = opened.enter_context(_site(folder))
        assistant = opened.enter_context(
            own_corpus(folder / "data", {"ASSISTANT_ALLOWED_ORIGINS": site})
        )
        playwright = opened.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        (folder / "index.html").write_text(
            f'<!doctype html><title>Page</title><script src="{assistant}/widget.js" defer></script>'
        )
        _open(browser.new_context(), site)  # warm up the server
        cold, warm = _measure(browser, site, options.runs)
        weighed, words = _opened(browser, site, options.runs)
        told = {
            "cold_s": round(statistics.median(cold), 2),
            "warm_s": round(statistics.median(warm), 2),
            "cold_all_s": [round(seconds, 2) for seconds in cold],
            "warm_all_s": [round(seconds, 2) for seconds in warm],
            "bytes": sum(weighed),
            "requests": len(weighed),
            "first_words_s": round(statistics.median(words), 3),
            "first_words_all_s": [round(seconds, 3) for seconds in words],
            "browser": browser.version,
            "processors": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
            "machine": platform.machine(),
        }
        browser.close()
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


def _measure(browser: Browser, site: str, runs: int) -> tuple[list[float], list[float]]:
    cold, warm = [], []
    for _ in range(runs):
        profile = browser.new_context()
        cold.append(_open(profile, site))
        warm.append(_open(profile, site))
        profile.close()
    return cold, warm


def _opened(browser: Browser, site: str, questions: int) -> tuple[list[int], list[float]]:
    """The bytes of each request of an opened widget, with its script; and the seconds from Enter to
    the first words for each of so many questions.
    """
    page = browser.new_context(locale="en-GB").new_page()
    finished: list[Request] = []
    page.on("requestfinished", lambda one: finished.append(one))
    page.goto(site)
    page.locator(".launcher").click()
    page.frame_locator("iframe").locator(".example").first.wait_for()
    frame = page.frames[1]
    ours = [one for one in finished if not one.url.startswith((site, "data:"))]
    sizes = [one.sizes() for one in ours]
    weighed = [one["responseHeadersSize"] + one["responseBodySize"] for one in sizes]
    asked = [one.text for one in golden_questions(ROOT / "corpus", "en")][:questions]
    words = [
        first_words(frame, "#question textarea", ".answer :is(blockquote, .refusal)", one)
        for one in asked
    ]
    page.context.close()
    return weighed, words


def _open(profile: BrowserContext, site: str) -> float:
    """Seconds from the click until the chat reports that its box is usable, by the page's clock."""
    page = profile.new_page()
    page.goto(site)
    page.locator(".launcher").wait_for()
    seconds: float = page.evaluate(_CLICK)
    page.frame_locator("iframe").locator("#question textarea:focus").wait_for()
    page.close()
    return seconds


@contextmanager
def _site(folder: Path) -> Iterator[str]:
    """A web server for the files of ``folder``."""
    handler = partial(_Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    main()

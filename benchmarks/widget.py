"""``python -m benchmarks widget``: time from clicking the widget's launcher to a usable box.

Measured in Chromium, on a page of another origin, over the repository's corpus: cold in an empty
browser profile, warm in one that has opened the widget before.
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

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.serving import find_chromium, own_corpus

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
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
        told = {
            "cold_s": round(statistics.median(cold), 2),
            "warm_s": round(statistics.median(warm), 2),
            "cold_all_s": [round(seconds, 2) for seconds in cold],
            "warm_all_s": [round(seconds, 2) for seconds in warm],
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

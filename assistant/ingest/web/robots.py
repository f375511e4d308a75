"""Rules in robots.txt (RFC 9309)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http import HTTPStatus

from httpx2 import URL
from protego import Protego

from assistant.ingest.web.response import Response
from assistant.support.errors import FetchError

LONGEST_DELAY_S = 60
"""Longest crawl delay; hosts that ask for more are skipped: their pages would take hours."""

_MOST_BYTES = 512_000


class Robots:
    """Fetches the rules of each host once. Thread-safe."""

    def __init__(self, load: Callable[[str], Response], agent: str) -> None:
        self._load = load
        self._agent = agent
        self._lock = threading.Lock()
        self._asking: dict[str, threading.Lock] = {}
        self._known: dict[str, Protego | FetchError] = {}

    def delay(self, url: URL) -> float:
        """Seconds that the rules for ``url``, of its scheme, host and port, want between two
        requests; 0 if they say nothing.

        Raises ``FetchError`` if they disallow it, want too long a delay, or cannot be known now.
        """
        file = str(url.copy_with(raw_path=b"/robots.txt", fragment=None))
        with self._lock:
            asking = self._asking.setdefault(file, threading.Lock())
        with asking:
            if file not in self._known:
                self._known[file] = self._ask(file)
            rules = self._known[file]
        if isinstance(rules, FetchError):
            raise FetchError(f"reading its site's robots.txt first failed: {rules}")
        if not rules.can_fetch(str(url), self._agent):
            raise FetchError("the robots.txt of the site asks not to read it.")
        delay = float(rules.crawl_delay(self._agent) or 0)
        if delay > LONGEST_DELAY_S:
            raise FetchError(
                f"the robots.txt of the site asks for {delay:g} s between two requests, more than "
                f"the accepted {LONGEST_DELAY_S} s."
            )
        return delay

    def _ask(self, file: str) -> Protego | FetchError:
        """Everything is allowed without a robots.txt (4xx); nothing while it cannot be fetched."""
        try:
            body = self._load(file).body[:_MOST_BYTES]
        except FetchError as error:
            status = error.status or HTTPStatus.INTERNAL_SERVER_ERROR  # it may not have answered
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
                return error
            body = b""
        return Protego.parse(body.decode("utf-8", "replace"))

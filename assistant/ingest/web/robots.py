"""Rules in robots.txt (RFC 9309)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from httpx2 import URL
from protego import Protego

from assistant.ingest.web.response import Response
from assistant.support.errors import FetchError

LONGEST_DELAY_S = 60
"""Longest crawl delay; hosts that ask for more are skipped: their pages would take hours."""

_MOST_BYTES = 512_000


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one host. ``problem`` says why nothing may be read now, else None."""

    rules: Protego | None
    agent: str
    problem: str | None = None

    @property
    def delay(self) -> float:
        """The crawl delay in seconds; 0 if there is none."""
        return float((self.rules and self.rules.crawl_delay(self.agent)) or 0)

    def check(self, url: str) -> None:
        """Raise ``FetchError`` if ``url`` is disallowed."""
        if self.problem is not None:
            raise FetchError(self.problem)
        if self.rules is not None and not self.rules.can_fetch(url, self.agent):
            raise FetchError("the robots.txt of the site asks not to read it.")
        if self.delay > LONGEST_DELAY_S:
            raise FetchError(
                f"the robots.txt of the site asks for {self.delay:g} s between two requests, more "
                f"than the accepted {LONGEST_DELAY_S} s."
            )


class Robots:
    """Fetches the rules of each host once. Thread-safe."""

    def __init__(self, load: Callable[[str], Response], agent: str) -> None:
        self._load = load
        self._agent = agent
        self._lock = threading.Lock()
        self._asking: dict[str, threading.Lock] = {}
        self._known: dict[str, RobotsRules] = {}

    def rules(self, url: URL) -> RobotsRules:
        """The rules for ``url``, by its scheme, host and port."""
        file = str(url.copy_with(raw_path=b"/robots.txt", fragment=None))
        with self._lock:
            asking = self._asking.setdefault(file, threading.Lock())
        with asking:
            if file not in self._known:
                self._known[file] = self._ask(file)
            return self._known[file]

    def _ask(self, file: str) -> RobotsRules:
        """Everything is allowed without a robots.txt (4xx); nothing while it cannot be fetched."""
        try:
            body = self._load(file).body[:_MOST_BYTES]
        except FetchError as error:
            client_error = (
                error.status is not None and error.status < HTTPStatus.INTERNAL_SERVER_ERROR
            )
            if client_error and error.status != HTTPStatus.TOO_MANY_REQUESTS:
                return RobotsRules(None, self._agent)
            return RobotsRules(
                None, self._agent, f"reading its site's robots.txt first failed: {error}"
            )
        return RobotsRules(Protego.parse(body.decode("utf-8", "replace")), self._agent)

"""HTTP client: polite, limited, and restricted to permitted hosts."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus

import httpcore2
from httpx2 import URL, Headers

from assistant.ingest.readers.formats import MAX_BYTES
from assistant.ingest.web.addresses import AddressGuard
from assistant.ingest.web.connection import GuardedBackend
from assistant.ingest.web.pace import STOPPED, Pace
from assistant.ingest.web.response import Response, Validators
from assistant.ingest.web.robots import Robots
from assistant.ingest.web.source_list import web_url
from assistant.ingest.web.unpacking import joined, unpacked
from assistant.support.errors import FetchError, StoppedError
from assistant.support.version import __version__

USER_AGENT = "ArticleAssistant"
"""The user agent that robots.txt files may have rules for."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS = {
    "User-Agent": f"{USER_AGENT}/{__version__} (reads articles; keeps to robots.txt)",
    "Accept": "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.5",
    "Accept-Encoding": "gzip",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Limits of a request. Times are in seconds; ``total`` is from connecting to the last byte.

    ``delay`` is the minimum time between two requests to one host.
    """

    connect: float = 10.0
    read: float = 15.0
    total: float = 60.0
    redirects: int = 5
    delay: float = 1.0


class Client:
    """Makes requests to hosts that ``guard`` permits. Thread-safe.

    It ignores proxies in the environment: a proxy would resolve names again, unguarded.
    """

    def __init__(
        self,
        guard: AddressGuard,
        limits: FetchLimits | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self.limits = limits or FetchLimits()
        self._stopped = threading.Event()
        self._pace = Pace(self._stopped)
        self._robots = Robots(self._followed, USER_AGENT)
        self._overtaxed: set[str] = set()
        # One connection per request, so that its time limit holds for one request, and no idle
        # connections are held open at the server.
        self._connections = httpcore2.ConnectionPool(
            ssl_context=ssl_context,
            max_connections=None,
            max_keepalive_connections=0,
            network_backend=GuardedBackend(guard, self.limits.total),
        )

    def stop(self) -> None:
        """Refuse further requests: ``get`` raises ``StoppedError`` from now on."""
        self._stopped.set()

    def close(self) -> None:
        """Close open connections."""
        self.stop()
        self._connections.close()

    def get(self, url: str, known: Validators | None = None, most: int = MAX_BYTES) -> Response:
        """The response (200 or 304) after redirects, of at most ``most`` bytes decompressed.

        Raises ``FetchError``, whose message does not name ``url``, for any other status, if
        robots.txt forbids the page, if the host is not permitted, or if a limit is exceeded.
        """
        return self._followed(url, known, most, polite=True)

    def _followed(
        self, url: str, known: Validators | None = None, most: int = MAX_BYTES, polite: bool = False
    ) -> Response:
        """``get``; respects the hosts' rules and pace only if ``polite``."""
        at = URL(url)
        for _ in range(self.limits.redirects + 1):
            if polite:
                if at.host in self._overtaxed:
                    raise FetchError("its host asked for fewer requests. Fetch again later.")
                self._pace.wait(at.host, max(self.limits.delay, self._robots.delay(at)))
            headers = known.headers() if known is not None and known.url == str(at) else {}
            answer = self._request(at, headers, most)
            if isinstance(answer, Response):
                return answer
            at = answer
        raise FetchError(f"it redirects more than {self.limits.redirects} times.")

    def _request(self, url: URL, conditions: Mapping[str, str], most: int) -> Response | URL:
        """One request: the response, or the URL it redirects to."""
        if self._stopped.is_set():
            raise StoppedError(STOPPED)
        limits = self.limits
        times = {"connect": limits.connect, "read": limits.read, "write": limits.read}
        headers = {"Host": url.netloc.decode("ascii"), **_HEADERS, **conditions}
        try:
            with self._connections.stream(
                "GET", str(url), headers=list(headers.items()), extensions={"timeout": times}
            ) as answer:
                if answer.status == HTTPStatus.NOT_MODIFIED and not conditions:
                    raise FetchError("the server says 304 to an unconditional request.")
                if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                    self._overtaxed.add(url.host)
                return _read(url, answer, most)
        except httpcore2.TimeoutException as error:
            raise FetchError(
                f"the server was too slow: {limits.read:g} s are waited for each part, "
                f"{limits.total:g} s in all."
            ) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            raise FetchError(f"the server cannot be reached: {error or 'no answer'}.") from error


def _read(url: URL, answer: httpcore2.Response, most: int) -> Response | URL:
    headers = Headers(answer.headers)
    if answer.status in _REDIRECTS:
        return _target(url, headers)
    if answer.status == HTTPStatus.NOT_MODIFIED:
        return Response(str(url), answer.status, b"")
    if answer.status != HTTPStatus.OK:
        raise FetchError(f"the server answered {_named(answer.status)}.", answer.status)
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most:
        raise FetchError(f"it is larger than the {most / 1e6:.1f} MB that are read.")
    chunks = answer.iter_stream()
    packing = headers.get("content-encoding", "identity").strip().lower()
    if packing in ("gzip", "x-gzip"):
        chunks = unpacked(chunks)
    elif packing not in ("", "identity"):
        raise FetchError(f"it is encoded as {packing!r}, which was not requested.")
    described = Message()
    described["content-type"] = headers.get("content-type", "")
    return Response(
        str(url),
        answer.status,
        joined(chunks, most),
        described.get_content_type() if headers.get("content-type") else "",
        described.get_content_charset(),
        headers.get("etag"),
        headers.get("last-modified"),
    )


def _target(url: URL, headers: Headers) -> URL:
    location = headers.get("location", "")
    try:
        return URL(web_url(location, base=str(url)))
    except ValueError as error:
        raise FetchError(f"it redirects to {location!r}: {error}.") from error


def _named(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)

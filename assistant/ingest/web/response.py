"""Responses, and the validators for conditional requests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Response:
    """The final response: 200 with the content, or 304 for unchanged.

    ``url`` is the address after redirects. ``charset`` is that of the Content-Type header.
    """

    url: str
    status: int
    body: bytes
    content_type: str = ""
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Validators:
    """The validators of the last response for ``url``, to make the next request conditional.

    Written by hand, because it is only two headers: hishel would store every response a second time
    in its own database, and skip requests while a page is declared fresh.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """The headers of a conditional request."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in given.items() if value}

"""What a server answered, and what makes the next request for the same conditional."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered in the end: with 200 the thing itself, with 304 that it is unchanged.

    ``url`` is where it was, after redirects. ``charset`` is what the Content-Type names.
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
    """What makes a request conditional: how the thing at ``url`` was marked when it last came.

    By hand, as that is two headers: hishel would keep every response a second time in a database
    of its own, and not ask at all while a page says that it is fresh.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """The headers that ask for the thing only if it has changed."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in given.items() if value}

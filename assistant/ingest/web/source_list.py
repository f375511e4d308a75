"""Reads the file in the corpus that lists web sources: pages, feeds and sitemaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from httpx2 import URL, InvalidURL

from assistant.support.strict_yaml import MisreadError, items, listed, read_yaml, text

MOST_ARTICLES = 1_000
"""Default number of pages from a feed or sitemap."""


class SourceKind(StrEnum):
    """The kind of a source: the keys of the file."""

    PAGE = "pages"
    FEED = "feeds"
    SITEMAP = "sitemaps"


@dataclass(frozen=True, slots=True)
class WebSource:
    """One entry of the file. Of a feed's or sitemap's pages the newest ``limit`` are read whose
    address matches one of ``include`` (if there are any) and none of ``exclude``.
    """

    kind: SourceKind
    url: str
    limit: int = MOST_ARTICLES
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def admits(self, url: str) -> bool:
        """Whether a page at ``url`` is wanted: ``*`` in a pattern matches anything."""
        wanted = not self.include or any(fnmatchcase(url, one) for one in self.include)
        return wanted and not any(fnmatchcase(url, one) for one in self.exclude)


@dataclass(frozen=True, slots=True)
class Entry:
    """A page named by a feed or sitemap. ``changed`` is the time it gives, in ISO 8601 and UTC, or
    "" if none. A feed may carry a page's whole text, as HTML in ``content``, with its ``title``.
    """

    url: str
    changed: str = ""
    title: str = ""
    content: str = ""


def web_url(text: str, base: str = "") -> str:
    """Normalize ``text`` to an absolute URL without a fragment.

    Raises ``ValueError`` if it is not http or https, or contains a password.
    """
    if not text.strip():
        raise ValueError("it is empty")
    try:
        url = URL(base).join(text.strip()) if base else URL(text.strip())
        url = url.copy_with(fragment=None)
    except InvalidURL as error:
        raise ValueError(f"it is no web address: {error}") from error
    if "%" in url.host:
        raise ValueError("it is no web address: its host is malformed")
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("only addresses that begin with http:// or https:// are read")
    if url.userinfo:
        raise ValueError("an address may not hold a name or password: it is shown with the article")
    return str(url)


def read_source_list(file: Path) -> list[WebSource]:
    """The web sources in ``file``, each once; none if there is no such file.

    Raises ``CorpusError``, with the line, if the file cannot be read or is invalid.
    """
    return read_yaml(file, _understood) or []


def _understood(root: yaml.Node | None) -> list[WebSource]:
    return list(dict.fromkeys(_sources(root))) if root is not None else []


def _sources(root: yaml.Node) -> Iterator[WebSource]:
    for key, entries in items(root, [str(kind) for kind in SourceKind]).items():
        for entry in listed(entries, key):
            yield _source(SourceKind(key), entry)


def _source(kind: SourceKind, entry: yaml.Node) -> WebSource:
    if isinstance(entry, yaml.ScalarNode):
        return WebSource(kind, _address(entry))
    keys = ["url"] if kind is SourceKind.PAGE else ["url", "limit", "include", "exclude"]
    given = items(entry, keys)
    if "url" not in given:
        raise MisreadError(entry, f"an entry of {kind} lacks its url")
    limit = given.get("limit")
    return WebSource(
        kind,
        _address(given["url"]),
        MOST_ARTICLES if limit is None else _count(limit),
        *(
            tuple(text(one) for one in listed(given[name], name)) if name in given else ()
            for name in ("include", "exclude")
        ),
    )


def _address(node: yaml.Node) -> str:
    address = text(node)
    try:
        return web_url(address)
    except ValueError as error:
        raise MisreadError(node, f"{address!r}: {error}") from error


def _count(node: yaml.Node) -> int:
    written = text(node)
    if not (written.isascii() and written.isdigit() and int(written) > 0):
        raise MisreadError(node, f"limit must be a whole number of at least 1, not {written!r}")
    return int(written)

"""The file in the corpus that lists web sources: pages, feeds and sitemaps."""

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
"""How many pages a feed or sitemap gives unless its entry says otherwise."""


class SourceKind(StrEnum):
    """What is found at an address: the keys of the file."""

    PAGE = "pages"
    FEED = "feeds"
    SITEMAP = "sitemaps"


@dataclass(frozen=True, slots=True)
class WebSource:
    """One entry of the file. Of the pages that a feed or sitemap names, the newest ``limit`` are
    read whose address fits one of ``include`` (if there are any) and none of ``exclude``.
    """

    kind: SourceKind
    url: str
    limit: int = MOST_ARTICLES
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def admits(self, url: str) -> bool:
        """Whether a page at ``url`` is wanted: ``*`` in a pattern stands for anything."""
        wanted = not self.include or any(fnmatchcase(url, one) for one in self.include)
        return wanted and not any(fnmatchcase(url, one) for one in self.exclude)


def web_url(text: str, base: str = "") -> str:
    """``text`` as an absolute address in its normal form, without a fragment.

    Raises ``ValueError`` if it is none of http or https, or holds a password.
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
    """The web sources that ``file`` lists, each once; none if there is no such file.

    Raises ``CorpusError``, which names the line, for a file that cannot be read or says anything
    that is not understood.
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

"""The file in the corpus that lists web sources: pages, feeds and sitemaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from httpx2 import URL, InvalidURL

from assistant.errors import CorpusError

MOST_ARTICLES = 1_000
"""How many pages a feed or sitemap gives unless its entry says otherwise."""


class Kind(StrEnum):
    """What is found at an address: the keys of the file."""

    PAGE = "pages"
    FEED = "feeds"
    SITEMAP = "sitemaps"


@dataclass(frozen=True, slots=True)
class WebSource:
    """One entry of the file. Of the pages that a feed or sitemap names, the newest ``limit`` are
    read whose address fits one of ``include`` (if there are any) and none of ``exclude``.
    """

    kind: Kind
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
    try:
        root = yaml.compose(file.read_text("utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{file} cannot be read: {error}. Save it as UTF-8 text.") from error
    except yaml.YAMLError as error:
        raise CorpusError(f"{file} is not YAML: {' '.join(str(error).split())}.") from error
    try:
        return list(dict.fromkeys(_sources(root))) if root is not None else []
    except _MisreadError as error:
        raise CorpusError(f"{file}, line {error.line}: {error}.") from error


class _MisreadError(Exception):
    def __init__(self, node: yaml.Node, message: str) -> None:
        super().__init__(message)
        self.line = node.start_mark.line + 1


def _sources(root: yaml.Node) -> Iterator[WebSource]:
    for key, entries in _items(root, [str(kind) for kind in Kind]).items():
        for entry in _list(entries, key):
            yield _source(Kind(key), entry)


def _source(kind: Kind, entry: yaml.Node) -> WebSource:
    if isinstance(entry, yaml.ScalarNode):
        return WebSource(kind, _address(entry))
    keys = ["url"] if kind is Kind.PAGE else ["url", "limit", "include", "exclude"]
    given = _items(entry, keys)
    if "url" not in given:
        raise _MisreadError(entry, f"an entry of {kind} lacks its url")
    limit = given.get("limit")
    return WebSource(
        kind,
        _address(given["url"]),
        MOST_ARTICLES if limit is None else _count(limit),
        *(
            tuple(_text(one) for one in _list(given[name], name)) if name in given else ()
            for name in ("include", "exclude")
        ),
    )


def _items(node: yaml.Node, known: list[str]) -> dict[str, yaml.Node]:
    named = f"{', '.join(known[:-1])} and {known[-1]}" if len(known) > 1 else known[0]
    if not isinstance(node, yaml.MappingNode):
        raise _MisreadError(node, f"expected the keys {named}, each followed by a colon")
    items: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = _text(key)
        if name not in known:
            raise _MisreadError(key, f"unknown key {name!r}; known here: {named}")
        if name in items:
            raise _MisreadError(key, f"the key {name!r} stands here twice")
        items[name] = value
    return items


def _list(node: yaml.Node, key: str) -> list[yaml.Node]:
    if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null"):
        return []
    if not isinstance(node, yaml.SequenceNode):
        raise _MisreadError(node, f"{key} must be a list: a line for each, with a dash before it")
    return list(node.value)


def _text(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise _MisreadError(node, "expected one word or address here")
    return str(node.value)


def _address(node: yaml.Node) -> str:
    text = _text(node)
    try:
        return web_url(text)
    except ValueError as error:
        raise _MisreadError(node, f"{text!r}: {error}") from error


def _count(node: yaml.Node) -> int:
    text = _text(node)
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise _MisreadError(node, f"limit must be a whole number of at least 1, not {text!r}")
    return int(text)

"""Titles, dates and languages that a person gave to articles, in place of what their files say.

They are kept in a file of the corpus, so that they outlive every new reading and every new library.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import yaml

from assistant.language.detection import language_code
from assistant.models.article import Article
from assistant.models.clearance import file_of
from assistant.models.corpus_files import DETAILS_FILE
from assistant.support.atomic_files import replace_text
from assistant.support.strict_yaml import MisreadError, items, read_yaml, text

UNDATED = "none"
"""``Details.published`` of an article that has no date, whatever its file says."""

LONGEST_TITLE = 300
_KEYS = ("title", "published", "language")


@dataclass(frozen=True, slots=True)
class Details:
    """What is known better than the file says; None where the file counts.

    ``published`` is a day, ``YYYY-MM-DD``, or ``UNDATED``; ``language`` an ISO 639-1 code.
    """

    title: str | None = None
    published: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no title, day or language."""
        if self.title is not None and not 0 < len(self.title.strip()) <= LONGEST_TITLE:
            raise ValueError(f"a title has 1 to {LONGEST_TITLE} characters")
        if self.published not in (None, UNDATED):
            date.fromisoformat(self.published)
        if self.language is not None and language_code(self.language) != self.language:
            raise ValueError(f"{self.language!r} is no code of a language, such as en or fr")

    def applied(self, article: Article) -> Article:
        """``article`` with these details."""
        day = article.published
        if self.published is not None:
            day = None if self.published == UNDATED else date.fromisoformat(self.published)
        title, language = self.title or article.title, self.language or article.language
        return replace(article, title=title, published=day, language=language)

    def to_dict(self) -> dict[str, str]:
        """Those that are given, by name."""
        given = ((key, getattr(self, key)) for key in _KEYS)
        return {key: value for key, value in given if value is not None}


class DetailsBySource:
    """The details of all articles, by source."""

    def __init__(self, of: Mapping[str, Details] | None = None) -> None:
        self.of = of or {}
        self._in_file: defaultdict[str, dict[str, Details]] = defaultdict(dict)
        for source, details in sorted(self.of.items()):
            self._in_file[file_of(source)][source] = details

    def within(self, file: str) -> DetailsBySource:
        """Those of the articles in ``file``."""
        return DetailsBySource(self._in_file[file]) if file in self._in_file else NO_DETAILS

    def mark(self, file: str) -> str:
        """Sixteen hexadecimal digits that change with the details of the articles in ``file``; ""
        without any.
        """
        if file not in self._in_file:
            return ""
        lines = (f"{source}\0{given.to_dict()}" for source, given in self._in_file[file].items())
        return hashlib.sha256("\0".join(lines).encode()).hexdigest()[:16]

    def applied(self, article: Article) -> Article:
        """``article`` with the details given for it."""
        details = self.of.get(article.source)
        return article if details is None else details.applied(article)


NO_DETAILS = DetailsBySource()


def read_details(corpus: Path) -> dict[str, Details]:
    """The details kept in ``corpus``, by source.

    Raises ``CorpusError``, with the line, if their file cannot be read or is malformed.
    """
    return read_yaml(corpus / DETAILS_FILE, _understood) or {}


def write_details(corpus: Path, of: Mapping[str, Details]) -> None:
    """Replace the details kept in ``corpus``. Raises ``OSError`` if they cannot be written."""
    given = {source: found for source, one in sorted(of.items()) if (found := one.to_dict())}
    file = corpus / DETAILS_FILE
    if given:
        replace_text(file, yaml.safe_dump(given, allow_unicode=True, sort_keys=False))
    else:
        file.unlink(missing_ok=True)


def _understood(root: yaml.Node | None) -> dict[str, Details]:
    return {source: _details(node) for source, node in items(root).items()} if root else {}


def _details(node: yaml.Node) -> Details:
    given = {key: text(value) for key, value in items(node, _KEYS).items()}
    try:
        return Details(**given)
    except ValueError as error:
        raise MisreadError(node, str(error)) from error

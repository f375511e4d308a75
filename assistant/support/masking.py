"""Secrets taken out of texts that someone may read: logs, errors, what a command prints.

A secret is known by its value (``keep_secret``), by the name that it is given under, or by its
shape. ``AssistantError`` and ``logs`` send what they tell through ``mask``, so that whoever writes
a message need not think of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

MASKED = "***"

_SHORTEST = 8
"""Characters of a secret that is known by its value: a shorter one may be any word of a text."""

_NAMES = (
    r"(?:api[_-]?key|access[_-]?key|private[_-]?key|token|secret|password|passwd|passphrase|pwd"
    r"|credentials?|signature|sig)"
)
_VARIABLE = re.compile(rf"{_NAMES}$|_key$", re.IGNORECASE)
_FOLDERS = ("PWD", "OLDPWD")
"""Where a shell is and was: "pwd" is no password there, and paths would be hidden."""

_PATTERNS = (
    # A name and password in an address: http://name:password@host.
    (re.compile(r"(://)[^/\s?#\"'<>]+@"), rf"\1{MASKED}@"),
    # A header, as it is sent or as Python shows it.
    (
        re.compile(
            r"\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)"
            r"(['\"]?\s*[:=]\s*b?['\"]?|['\"]\s*,\s*b?['\"])[^\r\n'\"]+",
            re.IGNORECASE,
        ),
        rf"\1\2{MASKED}",
    ),
    (re.compile(r"\b(bearer)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {MASKED}"),
    # password=…, as in the query of an address or in a variable, and "password": "…", as in JSON.
    (
        re.compile(rf"(\b[\w-]{{0,40}}{_NAMES}=['\"]?|[?&]key=)[^&\s#'\"]+", re.IGNORECASE),
        rf"\1{MASKED}",
    ),
    (
        re.compile(rf"(['\"][\w-]{{0,40}}{_NAMES}['\"]\s*:\s*['\"])[^'\"\r\n]+", re.IGNORECASE),
        rf"\1{MASKED}",
    ),
    # Keys whose issuers gave them a beginning to be known by, and signed tokens.
    (re.compile(r"\b(?:[spr]k-|gh[opsru]_|github_pat_|glpat-|hf_)[\w-]{8,}"), MASKED),
    (
        re.compile(r"\b(?:xox[abeprs]-|AKIA|AIza)[\w-]{8,}"),
        MASKED,
    ),
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?"), MASKED),
)

_known: set[str] = set()


def keep_secret(values: Iterable[str]) -> None:
    """Have ``mask`` hide these values from now on; what is too short to tell from a word is not."""
    _known.update(value for value in values if len(value) >= _SHORTEST)


def secrets_among(variables: Mapping[str, str | None]) -> list[str]:
    """The values of those environment variables whose names say that they hold a secret."""
    return [
        value
        for name, value in variables.items()
        if value and name not in _FOLDERS and _VARIABLE.search(name)
    ]


def mask(text: str) -> str:
    """``text`` with ``MASKED`` in the place of every secret that can be told."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASKED)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text

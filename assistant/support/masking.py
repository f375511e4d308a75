"""Masks secrets in text that someone may read: logs, errors, command output.

A secret is recognized by its value (``keep_secret``), by the name it is assigned to, or by its
shape. ``AssistantError`` and ``logs`` pass their text through ``mask``, so that callers need not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

MASKED = "***"

_SHORTEST = 8
"""Fewest characters of a secret recognized by value: a shorter one may be an ordinary word."""

_NAMES = (
    r"(?:api[_-]?key|access[_-]?key|private[_-]?key|token|secret|password|passwd|passphrase|pwd"
    r"|credentials?|signature|sig)"
)
_VARIABLE = re.compile(rf"{_NAMES}$|_key$", re.IGNORECASE)
_FOLDERS = ("PWD", "OLDPWD")
"""The shell's working folders: "pwd" is not a password there, and paths would be hidden."""

_PATTERNS = (
    # Credentials in an address: http://name:password@host.
    (re.compile(r"(://)[^/\s?#\"'<>]+@"), rf"\1{MASKED}@"),
    # A header, as sent or as Python prints it.
    (
        re.compile(
            r"\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)"
            r"(['\"]?\s*[:=]\s*b?['\"]?|['\"]\s*,\s*b?['\"])[^\r\n'\"]+",
            re.IGNORECASE,
        ),
        rf"\1\2{MASKED}",
    ),
    (re.compile(r"\b(bearer)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {MASKED}"),
    # password=…, as in a query string or variable, and "password": "…", as in JSON.
    (
        re.compile(rf"(\b[\w-]{{0,40}}{_NAMES}=['\"]?|[?&]key=)[^&\s#'\"]+", re.IGNORECASE),
        rf"\1{MASKED}",
    ),
    (
        re.compile(rf"(['\"][\w-]{{0,40}}{_NAMES}['\"]\s*:\s*['\"])[^'\"\r\n]+", re.IGNORECASE),
        rf"\1{MASKED}",
    ),
    # Keys with a prefix by which their issuers mark them, and signed tokens.
    (re.compile(r"\b(?:[spr]k-|gh[opsru]_|github_pat_|glpat-|hf_)[\w-]{8,}"), MASKED),
    (
        re.compile(r"\b(?:xox[abeprs]-|AKIA|AIza)[\w-]{8,}"),
        MASKED,
    ),
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?"), MASKED),
)

_known: set[str] = set()


def keep_secret(values: Iterable[str]) -> None:
    """Have ``mask`` hide these values from now on, except those too short to tell from a word."""
    _known.update(value for value in values if len(value) >= _SHORTEST)


def secrets_among(variables: Mapping[str, str | None]) -> list[str]:
    """The values of the environment variables whose names mark them as secrets."""
    return [
        value
        for name, value in variables.items()
        if value and name not in _FOLDERS and _VARIABLE.search(name)
    ]


def mask(text: str) -> str:
    """``text`` with every recognized secret replaced by ``MASKED``."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASKED)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text

"""Front matter of Markdown files, in YAML or TOML."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

logger = logging.getLogger(__name__)

_YAML = re.compile(r"\A\s*?---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M)
_TOML = re.compile(r"\A\s*?\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.S | re.M)
_LONGEST = 20_000  # YAML takes a second for some texts of that size
_LINE = re.compile(r"(\w[\w -]*?):[ \t]+(\S.*)")
_KEY = re.compile(r"^[\w-][\w .-]*:(?:\s|$)", re.M)
_BRACES = ("{{", "<%")  # of templates, which nobody has filled in


def split_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    """The values that stand before a text, and the text after them.

    Blank lines may stand before. What is not in order is read line by line as far as it goes, with
    a warning. Two rules with a text between them are no front matter.
    """
    toml = _TOML.match(text)
    match = toml or _YAML.match(text)
    if match is None:
        return {}, text
    body = text[match.end() :]
    if len(match[1]) > _LONGEST:
        logger.warning("Ignored front matter of %d characters, over %d.", len(match[1]), _LONGEST)
        return {}, body if _KEY.search(match[1]) else text
    found = _toml(match[1]) if toml else _yaml(match[1].expandtabs(2))
    if isinstance(found, dict):
        return found, body
    if found is None and not match[1].strip():
        return {}, body
    if found is None and _KEY.search(match[1]):
        logger.warning("The front matter is not in order: only its plain lines are read.")
        return _by_line(match[1]), body
    return {}, text


def _yaml(matter: str) -> object:
    """The value, None where it is no YAML."""
    import yaml

    try:
        # BaseLoader leaves every value the text that it is: "language: no" is Norwegian, not false.
        return yaml.load(matter, Loader=yaml.BaseLoader) or None
    except (yaml.YAMLError, RecursionError, ValueError):
        return None


def _toml(matter: str) -> object:
    import tomllib

    try:
        found = tomllib.loads(matter)
    except (tomllib.TOMLDecodeError, RecursionError):
        return _by_line(matter.replace(" = ", ": "))
    return {
        key: value if isinstance(value, list | dict) else str(value) for key, value in found.items()
    }


def _by_line(matter: str) -> dict[str, object]:
    """The values that stand on a line with their key, without those that a template was to give."""
    found = (_LINE.fullmatch(line.rstrip()) for line in matter.split("\n"))
    return {
        one[1]: one[2].strip("\"'")
        for one in found
        if one and not any(brace in one[2] for brace in _BRACES)
    }

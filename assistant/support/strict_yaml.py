"""Reads YAML files written by people; anything not understood is an error with its line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import yaml

from assistant.support.errors import CorpusError

Read = TypeVar("Read")


class MisreadError(Exception):
    """An error at ``node``."""

    def __init__(self, node: yaml.Node, message: str) -> None:
        super().__init__(message)
        self.line = node.start_mark.line + 1


def read_yaml(file: Path, understand: Callable[[yaml.Node | None], Read]) -> Read | None:
    """Parse ``file`` and return ``understand(root)``; the root is None if the file is empty.

    ``understand`` may raise ``MisreadError`` for a node, ``ValueError`` for the whole; both become
    a ``CorpusError``. None if there is no such file.
    """
    try:
        root = yaml.compose(file.read_text("utf-8"), Loader=yaml.SafeLoader)
        return understand(root)
    except FileNotFoundError:
        return None
    except MisreadError as error:
        raise CorpusError(f"{file}, line {error.line}: {error}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{file} cannot be read: {error}. Save it as UTF-8 text.") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise CorpusError(f"{file} is not YAML: {' '.join(str(error).split())}.") from error
    except ValueError as error:
        raise CorpusError(f"{file}: {error}.") from error


def items(node: yaml.Node, known: Sequence[str] | None = None) -> dict[str, yaml.Node]:
    """The values of a mapping by key; with ``known``, no other keys are allowed."""
    if not isinstance(node, yaml.MappingNode):
        wanted = f"the keys {_listing(known)}" if known else "keys"
        raise MisreadError(node, f"expected {wanted}, each followed by a colon")
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = text(key)
        if known is not None and name not in known:
            raise MisreadError(key, f"unknown key {name!r}; known here: {_listing(known)}")
        if name in found:
            raise MisreadError(key, f"duplicate key {name!r}")
        found[name] = value
    return found


def listed(node: yaml.Node, key: str) -> list[yaml.Node]:
    """The nodes of a list; empty for an empty value."""
    if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null"):
        return []
    if not isinstance(node, yaml.SequenceNode):
        raise MisreadError(node, f"{key} must be a list: one entry a line, each after a dash")
    return list(node.value)


def text(node: yaml.Node) -> str:
    """A scalar as written, whatever type YAML would give it."""
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise MisreadError(node, "expected one word or address here")
    return str(node.value)


def _listing(known: Sequence[str]) -> str:
    return f"{', '.join(known[:-1])} and {known[-1]}" if len(known) > 1 else known[0]

"""Access rules: the corpus file that limits top-level folders to groups.

Fails closed: while the file is invalid or missing, the last valid rules stay in force, and folders
added since are closed. Each sync stores the rules in the library, for a start without the file.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from yaml import Node, SequenceNode

from assistant.models.clearance import ALL, TOP, WEB, Clearance
from assistant.models.corpus_files import ACCESS_FILE, source_name
from assistant.support.errors import CorpusError
from assistant.support.strict_yaml import MisreadError, items, listed, read_yaml, text
from assistant.support.unseen import visible

logger = logging.getLogger(__name__)

Places = Mapping[str, frozenset[str] | None]
"""The groups each place is limited to; None: open to all."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may see which place. ``places`` None means no limits; a place that is not listed is
    closed, such as a folder that is gone or was added since.
    """

    places: Places | None = None

    def clearance(self, groups: frozenset[str] | None) -> Clearance:
        """What members of ``groups`` may see; None stands for every group."""
        if groups is None or self.places is None:
            return ALL
        limits = self.places.items()
        return Clearance(
            frozenset(p for p, to in limits if to is None or not to.isdisjoint(groups))
        )

    def to_json(self) -> str:
        """The rules for ``from_json`` to read."""
        if self.places is None:
            return "null"
        return json.dumps({p: None if to is None else sorted(to) for p, to in self.places.items()})

    @classmethod
    def from_json(cls, text: str) -> Rules:
        """The rules written by ``to_json``."""
        given = json.loads(text)
        if given is None:
            return UNLIMITED
        return cls({p: None if to is None else frozenset(to) for p, to in given.items()})


UNLIMITED = Rules()
QUIET_S = 1.0
"""Seconds the file must be unchanged before it is read."""

CLOSED = Rules({})
"""Shows nothing, except to those who see everything."""


def read_rules(corpus: Path) -> Rules | None:
    """Read the rules in ``ACCESS_FILE`` of ``corpus``; None if there is no such file.

    Raises ``CorpusError``, with the line, if the file cannot be read, is invalid, or names a folder
    that does not exist.
    """
    return read_yaml(corpus / ACCESS_FILE, lambda root: _rules(root, top_folders(corpus)))


def top_folders(corpus: Path) -> frozenset[str]:
    """The names of the folders in ``corpus``, as sources begin with them; none if it is gone."""
    try:
        with os.scandir(corpus) as entries:
            return frozenset(source_name(entry.name) for entry in entries if entry.is_dir())
    except OSError:
        return frozenset()


def _rules(root: Node | None, there: frozenset[str]) -> Rules:
    if root is None:
        raise ValueError("it is empty. If nothing is to be limited, write: folders: {}")
    given = items(root, ["folders", "web"])
    limits: dict[str, frozenset[str] | None] = dict.fromkeys(there)
    if "folders" in given:
        limits |= _limits(given["folders"], there)
    if "web" in given:
        limits[WEB] = _groups(given["web"], "web")
    if all(groups is None for groups in limits.values()):
        return UNLIMITED
    return Rules({TOP: None, WEB: None} | limits)


def _limits(node: Node, there: frozenset[str]) -> dict[str, frozenset[str]]:
    """The groups of each folder that is named, or whose name looks the same as one."""
    named: dict[str, frozenset[str]] = {}
    for key, groups in items(node).items():
        folder = visible(key.removesuffix("/"))
        if folder in named:
            raise MisreadError(groups, f"duplicate folder {folder!r}")
        named[folder] = _groups(groups, key)
    limits: dict[str, frozenset[str]] = {}
    for folder, allowed in named.items():
        alike = [name for name in there if _plain(name) == _plain(folder)]
        if not alike:
            raise MisreadError(node, _unknown(folder, there))
        for name in alike:
            if name == folder or name not in named:
                limits[name] = limits.get(name, allowed) & allowed
    return limits


def _groups(node: Node, key: str) -> frozenset[str]:
    """One group, or a list of them."""
    if node.tag.endswith(":null"):
        raise MisreadError(node, f"say which groups {key} is limited to, as [a, b]; [] for none")
    names = [
        text(one).strip()
        for one in (listed(node, key) if isinstance(node, SequenceNode) else [node])
    ]
    for name in names:
        if "," in name:
            raise MisreadError(node, f"several groups are written [a, b], not {name!r}")
    return frozenset(names)


def _plain(name: str) -> str:
    """The name in NFC: file systems store an accent composed with its letter or apart."""
    return unicodedata.normalize("NFC", name)


def _unknown(folder: str, there: frozenset[str]) -> str:
    if "/" in folder:
        return f"{folder!r} is not a top-level folder: only those can be limited, as a whole"
    meant = [name for name in there if _plain(name).casefold() == _plain(folder).casefold()]
    hint = f"; there is {meant[0]!r}" if meant else ""
    return f"there is no folder {folder!r} in the corpus{hint}. Correct the name, or remove it"


def _limited(rules: Rules | None) -> set[str]:
    """The places limited to some groups."""
    limits = rules.places if rules and rules.places else {}
    return {place for place, groups in limits.items() if groups is not None}


class NotedAccess:
    """The rules that another process has stored in the library: here nobody reads the corpus.

    ``remembered`` returns its last ``Access.note``, or None.
    """

    problem = None

    def __init__(self, remembered: Callable[[], str | None]) -> None:
        self._remembered = remembered
        self._read: tuple[str | None, Rules] = (None, CLOSED)

    def check(self) -> None:
        """Nothing: whoever syncs does that."""

    def rules(self) -> Rules:
        """The rules in force now."""
        noted = self._remembered()
        if noted is not None and noted != self._read[0]:
            self._read = noted, Rules.from_json(noted)
        return self._read[1]


class Access:
    """The rules in force for ``corpus``; reloaded when the file changes. Thread-safe.

    ``remembered`` returns the last stored result of ``note``, or None.
    """

    def __init__(self, corpus: Path, remembered: Callable[[], str | None]) -> None:
        self._corpus = corpus
        self._remembered = remembered
        self._lock = threading.Lock()
        self._seen: object = None
        self._rules: Rules | None = None
        self.problem: str | None = None
        """Why the file is not in force as written, or None."""

    def failures(self) -> list[tuple[str, str]]:
        """The file with its error, if it has one."""
        return [(ACCESS_FILE, self.problem)] if self.problem else []

    def check(self) -> None:
        """Raise ``CorpusError`` if the file exists and is invalid."""
        read_rules(self._corpus)

    def rules(self) -> Rules:
        """The rules in force now."""
        with self._lock:
            seen = self._look()
            changed = self._rules is None or self.problem or seen != self._seen
            if changed and self._is_quiet():
                self._seen = seen
                self._rules = self._read()
            return self._rules or CLOSED

    def note(self) -> str:
        """Reload the rules and return them in the form to store."""
        with self._lock:
            if self._is_quiet():
                self._seen, self._rules = self._look(), self._read()
            return (self._rules or CLOSED).to_json()

    def _is_quiet(self) -> bool:
        """Whether the file is completely written: a partial one could open a folder that its end
        closes.

        If no rules are in force yet, wait until it is.
        """
        try:
            age = time.time() - (self._corpus / ACCESS_FILE).stat().st_mtime
        except OSError:
            return True
        if not 0 <= age < QUIET_S:
            return True
        if self._rules is None:
            time.sleep(QUIET_S - age)
        return self._rules is None

    def _look(self) -> object:
        """A value that changes with the file, and with the folders beside it."""
        try:
            folder = self._corpus.stat()
            content = (self._corpus / ACCESS_FILE).read_bytes()
        except OSError as error:
            return error.errno, str(error)
        return content, folder.st_ino, folder.st_mtime_ns

    def _read(self) -> Rules:
        last = self._rules
        if last is None:
            kept = self._remembered()
            last = None if kept is None else Rules.from_json(kept)
        try:
            rules = read_rules(self._corpus)
            if rules is None and last is not None and last.places is not None:
                raise CorpusError(
                    f"{self._corpus / ACCESS_FILE} is gone. Put it back; if nothing is to be "
                    "limited any more, write in it: folders: {}"
                )
        except CorpusError as error:
            if str(error) != self.problem:
                logger.error("%s The previous rules stay in force; new folders are closed.", error)
            self.problem = str(error)
            return last or CLOSED
        self.problem = None
        rules = rules or UNLIMITED
        if opened := _limited(last) - _limited(rules):
            logger.warning(
                "%s limits fewer folders than before. No longer limited: %s.",
                self._corpus / ACCESS_FILE, ", ".join(sorted(opened)),
            )  # fmt: skip
        return rules

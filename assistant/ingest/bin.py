"""The bin: files that were removed from the corpus, kept in a hidden folder of it until deleted."""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from assistant.models.corpus_files import BIN
from assistant.support.atomic_files import private_folder, replace_text
from assistant.support.errors import IntakeError, Refusal

logger = logging.getLogger(__name__)

_ABOUT = "about.json"
_CONTENT = "content"
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Removed:
    """A file, or a web address, that was removed at ``removed`` (ISO 8601, UTC).

    ``place`` is its path in the corpus, "" for an address; ``details`` are those that were given
    for ``source``, and for attachments in it, by source.
    """

    id: str
    source: str
    removed: str
    place: str = ""
    details: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Bin:
    """What was removed from ``corpus``. Methods that change it raise ``OSError`` if they cannot."""

    def __init__(self, corpus: Path) -> None:
        self._corpus = corpus
        self._folder = corpus / BIN

    def entries(self) -> list[Removed]:
        """All that was removed, newest first."""
        found = (self._read(folder) for folder in self._folder.glob("*") if folder.is_dir())
        return sorted((one for one in found if one), key=lambda one: one.removed, reverse=True)

    def entry(self, id_: str) -> Removed:
        """The one with this id. Raises ``IntakeError`` if there is none."""
        found = self._read(self._folder / id_) if _ID.fullmatch(id_) else None
        if found is None:
            raise IntakeError("This is not in the bin any more.", Refusal.MISSING)
        return found

    def put(self, source: str, place: str, details: Mapping[str, Mapping[str, str]]) -> Removed:
        """Move the file at ``place`` of the corpus here; remember an address if that is ""."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        removed = Removed(secrets.token_hex(8), source, now, place, details)
        folder = self._folder / removed.id
        private_folder(self._folder)
        folder.mkdir()
        replace_text(folder / _ABOUT, json.dumps(asdict(removed)))
        if place:
            (self._corpus / place).rename(folder / _CONTENT)
        return removed

    def put_back(self, removed: Removed) -> None:
        """Move a file back to its place, which must be free. For an address forget it only."""
        if removed.place:
            target = self._corpus / removed.place
            target.parent.mkdir(parents=True, exist_ok=True)
            (self._folder / removed.id / _CONTENT).rename(target)
        self.delete(removed)

    def delete(self, removed: Removed) -> None:
        """Forget it; a file that is still here is gone for good."""
        shutil.rmtree(self._folder / removed.id)

    def _read(self, folder: Path) -> Removed | None:
        try:
            found = Removed(**json.loads((folder / _ABOUT).read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            logger.warning("%s cannot be read: %r", folder, error)
            return None
        there = not found.place or os.path.lexists(folder / _CONTENT)
        return found if there and found.id == folder.name else None

"""What an index of passages does, wherever it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from assistant.models.records import Vectors
from assistant.store.index_collections import Entry


class PassageIndex(Protocol):
    """For a question's vector, the nearest passages of every language. It is derived from the
    library, and asked only while it holds the library's revision.
    """

    @property
    def revision(self) -> int | None:
        """The library revision it holds; None if it cannot be queried."""

    def own(self) -> bool:
        """Take the right to change it; False if another process has it."""

    def open(self, revision: int, sizes: dict[str, int]) -> bool:
        """Use what is there, if it is intact and holds this library."""

    def rebuild(self, entries: Iterable[list[Entry]], revision: int) -> None:
        """Make it anew from batches of ``entries``, beside the old one. Raises ``LibraryError``."""

    def apply(self, dropped: dict[int, str], added: list[Entry], revision: int) -> None:
        """Remove and add passages in place; ``dropped`` maps ids to languages."""

    def query(self, vector: Vectors, limit: int, revision: int) -> list[int] | None:
        """Ids of the passages nearest to ``vector``, at most ``limit`` a language, unordered; None
        if it is not at ``revision``.
        """

    def ids(self) -> dict[int, str]:
        """The language of every passage it holds, by id."""

    def lost(self, entries: Iterable[Entry]) -> list[int]:
        """The ids of the ``entries`` whose search finds neither themselves nor an equal vector."""

    def seal(self) -> None:
        """Make what it holds last."""

    def close(self) -> None:
        """Release it to other processes."""

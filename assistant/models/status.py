"""What the library holds and what is being done to it, as pages, programs and figures tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from assistant.models.clearance import ALL, Clearance
from assistant.models.corpus_files import NO_ARTICLES
from assistant.support.errors import Trouble

UNTOLD = "Whoever runs the assistant finds the reason in its log."


@dataclass(frozen=True, slots=True)
class Failure:
    """A file or web source that could not be read, and why."""

    source: str
    error: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file of the corpus that is not read, and why; a folder ends with a slash."""

    source: str
    reason: str


@dataclass(slots=True)
class Tally:
    """How many requests a chat model got, and how many of them failed, by what was wrong."""

    calls: int = 0
    failures: Counter[Trouble] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Status:
    """What the library holds and what is being done to it.

    ``done`` and ``total`` count the files of the sync under way or last done. ``failures`` are the
    files and web sources that cannot be read, until they are mended; ``skipped`` the first of the
    files that are not read at all. ``error`` says why the last sync in the background failed as a
    whole. ``ready`` means that questions are answered, if more
    slowly while the index is ``rebuilding``. ``synced`` is when the last sync was complete, in UTC;
    None if none was.
    """

    articles: int
    languages: tuple[str, ...]
    newest: date | None
    syncing: bool
    done: int
    total: int
    failures: tuple[Failure, ...]
    error: str | None
    ready: bool
    synced: datetime | None = None
    rebuilding: bool = False
    skipped: tuple[Skipped, ...] = ()

    @property
    def reading_first(self) -> bool:
        """Whether questions must wait until the articles have been read for the first time."""
        return self.syncing and not self.ready

    def shown(self, clearance: Clearance) -> Status:
        """The same for someone who may see no more than ``clearance`` shows.

        How many files there are is not told then, nor why a sync failed, which may name any of
        them; and of the failures and of what is left out only those that may be named.
        """
        if clearance == ALL:
            return self

        def told(source: str) -> bool:
            return source not in NO_ARTICLES and clearance.shows(source)

        return replace(
            self,
            done=0,
            total=0,
            failures=tuple(one for one in self.failures if told(one.source)),
            skipped=tuple(one for one in self.skipped if told(one.source)),
            error=UNTOLD if self.error else None,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LastSync:
    """The last sync of this process: how many seconds it took, and whether it came to its end."""

    seconds: float
    ok: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What is measured of an assistant: ``articles`` by language, ``bytes`` of the data folder,
    the ``failures`` that ``Status`` lists. ``synced`` is as there; ``sync`` is None if this process
    did none.
    """

    articles: Mapping[str, int]
    passages: int
    failures: int
    bytes: int
    rebuilding: bool
    syncing: bool
    synced: datetime | None
    sync: LastSync | None
    chat_model: Tally = field(default_factory=Tally)

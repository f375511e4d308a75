"""The state of the library, as pages, programs and metrics report it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from assistant.models.clearance import ALL, Clearance
from assistant.models.corpus_files import NO_ARTICLES
from assistant.support.errors import Trouble

UNTOLD = "Whoever runs the assistant finds the reason in its log."


class Stage(StrEnum):
    """What a sync is doing. After ``READING`` every article can be asked about; each further stage
    makes answers better, or quicker.
    """

    READING = "reading"
    PASSAGES = "passages"
    SENTENCES = "sentences"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage of a sync is: ``done`` of ``total`` files, passages or words, at a rate of
    ``per_second``, which is 0 until something was done.
    """

    stage: Stage
    done: int
    total: int
    per_second: float = 0.0
    paused: bool = False

    @property
    def seconds_left(self) -> float | None:
        """Until the end of the stage; None if that cannot be told."""
        left = self.total - self.done
        return left / self.per_second if self.per_second and not self.paused else None


@dataclass(frozen=True, slots=True)
class Failure:
    """A file or web source that could not be read, and why."""

    source: str
    error: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is not read, or not all of it, and why; a folder ends with a slash."""

    source: str
    reason: str


@dataclass(slots=True)
class Tally:
    """The number of requests to a chat model, and of failed ones by kind."""

    calls: int = 0
    failures: Counter[Trouble] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the library.

    ``done`` and ``total`` count the files of the current or last sync; ``progress`` is of its
    current stage, None if no sync runs or not all may be seen. ``in_full`` counts the
    passages with all their vectors, ``by_words`` those without: a question finds these by their
    words, and completes them itself. ``failures`` are the files
    and web sources that cannot be read, until they are fixed; ``skipped`` the first of the files
    that are not read at all, ``partial`` the first of those of which something was left out.
    ``error`` says why the last background sync failed as a whole, which may name files of the
    server: visitors are told ``UNTOLD``. ``ready`` means that questions are answered, more slowly
    while the index is ``rebuilding``. ``synced`` is when the last sync completed, in UTC; None if
    none did. ``chat_model`` says why the chat model does not answer, as its server was last found;
    "" if nothing is known of that.
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
    partial: tuple[Skipped, ...] = ()
    by_words: int = 0
    in_full: int = 0
    progress: Progress | None = None
    chat_model: str = ""

    @property
    def reading_first(self) -> bool:
        """Whether questions must wait for the first sync."""
        return self.syncing and not self.ready

    def shown(self, clearance: Clearance) -> Status:
        """The status limited to what ``clearance`` shows.

        Hides the number of files, and lists only those failures and skipped files that may be
        named.
        """
        if clearance == ALL:
            return self

        def told(source: str) -> bool:
            return source not in NO_ARTICLES and clearance.shows(source)

        return replace(
            self,
            done=0,
            total=0,
            by_words=0,
            in_full=0,
            progress=None,
            failures=tuple(one for one in self.failures if told(one.source)),
            skipped=tuple(one for one in self.skipped if told(one.source)),
            partial=tuple(one for one in self.partial if told(one.source)),
        )


@dataclass(frozen=True, slots=True)
class LastSync:
    """The last sync of this process: its duration in seconds, and whether it completed."""

    seconds: float
    ok: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Metrics of an assistant: ``articles`` by language, ``bytes`` of the data folder, the
    ``failures`` that ``Status`` lists, and ``synced`` as there; ``sync`` is None if this process
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

"""Every exception that the assistant raises on purpose.

    AssistantError
    ├── SettingsError      a setting is unknown, malformed or contradicts another
    ├── LexiconError       a language's file of words is malformed
    ├── ArticleError       one file of the corpus cannot become an article
    ├── ModelError         a model cannot be found, prepared or run
    │   └── OldModelError  the model that made the library cannot be loaded
    ├── ChatModelError     a chat model gave no usable answer
    ├── LibraryError       the data folder cannot be read, written or trusted
    │   ├── LibraryBusyError    another process is writing to the same data folder
    │   └── LibraryAwayError    the database cannot be reached at present
    ├── CorpusError        the corpus folder itself is missing or unreadable
    │   ├── MissingCorpusError    there is no such folder
    │   └── EmptiedCorpusError    it is empty now, though the library is not
    ├── ClusterError       the machines that share a sync's work cannot be used
    ├── IntakeError        a file or address cannot be put into the corpus, or changed there
    ├── FetchError         a page, feed or sitemap cannot be fetched
    ├── AccessError        a user or key cannot be added, changed or read
    ├── QuestionError      a question is empty or too long
    ├── OverloadError      too many concurrent questions
    └── TooSlowError       an answer exceeded its time limit

A message says what happened, where, and what to do about it. It is written for the person who
sees it, so the command line and the web pages show it as it is; secrets in it are masked.
"""

from __future__ import annotations

from enum import StrEnum

from assistant.support.masking import mask


class AssistantError(Exception):
    """Base class of every exception of this package."""

    def __str__(self) -> str:
        return mask(super().__str__())


class StoppedError(AssistantError):
    """Work was told to stop. What was done is kept; the next run continues from there."""


class SettingsError(AssistantError):
    """A setting is unknown, malformed or contradicts another; the message has a line for each.

    ``malformed`` are the names of the malformed ones.
    """

    def __init__(self, message: str, malformed: frozenset[str] = frozenset()) -> None:
        super().__init__(message)
        self.malformed = malformed


class LexiconError(AssistantError):
    """A language's file of words is malformed; the message names the file, the line and the key."""


class ArticleError(AssistantError):
    """One file of the corpus cannot become an article; the others are unaffected."""


class ModelError(AssistantError):
    """A model cannot be found, prepared or run."""


class OldModelError(ModelError):
    """The model that made the library cannot be loaded; a sync rebuilds it with another."""


class Trouble(StrEnum):
    """What was wrong with a chat model."""

    UNAUTHORISED = "unauthorised"
    """The key is missing or rejected."""
    BUSY = "busy"
    """Rate limit or quota exceeded."""
    UNAVAILABLE = "unavailable"
    """It cannot be reached, or failed with a server error."""
    REJECTED = "rejected"
    """It rejects the request: unknown model name, for example."""
    OVERFLOW = "overflow"
    """The prompt is longer than its context."""
    TIMEOUT = "timeout"
    """It sent nothing for too long."""
    BROKEN = "broken"
    """Its response is malformed or broken off."""
    CUT = "cut"
    """Its response ended in the middle, by its limit of tokens or without a word."""
    EMPTY = "empty"
    """Its response is empty."""
    LOOPING = "looping"
    """It repeats itself, or does not stop."""


class ChatModelError(AssistantError):
    """A chat model gave no usable answer; ``kind`` says what was wrong.

    The message quotes nothing that the model or its server sent: that could contain a key.
    """

    def __init__(self, message: str, kind: Trouble) -> None:
        super().__init__(message)
        self.kind = kind


class LibraryError(AssistantError):
    """The data folder cannot be read, written or trusted."""


class LibraryBusyError(LibraryError):
    """Another process is writing to the same data folder."""


class LibraryAwayError(LibraryError):
    """The database cannot be reached at present, or has cut the connection."""


class CorpusError(AssistantError):
    """The corpus folder itself is missing or unreadable."""


class MissingCorpusError(CorpusError):
    """The corpus folder does not exist, or no longer: a share may be unmounted."""


class EmptiedCorpusError(CorpusError):
    """The corpus is empty now, though the library is not: a share may be unmounted."""


class ClusterError(AssistantError):
    """The machines that share a sync's work cannot be reached, or failed."""


class Refusal(StrEnum):
    """Why a file or address is not taken, found or changed."""

    EXISTS = "exists"
    """There is such a file already."""
    TOO_LARGE = "too_large"
    """It is larger than what is read."""
    UNSUPPORTED = "unsupported"
    """Files of its kind are not read."""
    INVALID = "invalid"
    """Its name, content or address is of no use."""
    MISSING = "missing"
    """There is nothing of that name."""
    UNWRITABLE = "unwritable"
    """The corpus folder cannot be written; the message names files of the server."""


class IntakeError(AssistantError):
    """A file or address cannot be put into the corpus folder, or not be changed there."""

    def __init__(self, message: str, kind: Refusal = Refusal.INVALID) -> None:
        super().__init__(message)
        self.kind = kind


class FetchError(AssistantError):
    """One page, feed or sitemap cannot be fetched; the others are unaffected.

    ``status`` is the HTTP status of the response; None if there was none.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class AccessError(AssistantError):
    """A user or key cannot be added, changed or read."""


class QuestionError(AssistantError):
    """A question is empty or too long."""


class OverloadError(AssistantError):
    """Too many concurrent questions; retry later."""


class TooSlowError(AssistantError):
    """An answer exceeded its time limit and was cancelled."""

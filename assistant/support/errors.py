"""Every error that the assistant raises on purpose.

    AssistantError
    ├── SettingsError      a setting is unknown, malformed or contradicts another
    ├── LexiconError       a language's file of words is malformed
    ├── ArticleError       one file of the corpus cannot become an article
    ├── ModelError         a model cannot be found, prepared or run
    │   └── OldModelError  the model that made the library cannot be loaded
    ├── ChatModelError     a chat model gave no answer that can be used
    ├── LibraryError       the data folder cannot be read, written or trusted
    │   └── LibraryBusyError    another process is writing to the same data folder
    ├── CorpusError        the corpus folder itself is missing or unreadable
    │   ├── MissingCorpusError    there is no such folder
    │   └── EmptiedCorpusError    it holds nothing any more, though the library does
    ├── IntakeError        a file or address cannot be put into the corpus
    ├── FetchError         a page, feed or sitemap cannot be fetched
    ├── AccessError        a user or key cannot be added, changed or read
    ├── QuestionError      a question is empty or too long
    ├── OverloadError      more is asked at once than is answered
    └── TooSlowError       an answer took longer than it may

A message says what happened, where, and what to do about it. It is written for the person who
sees it, so the command line and the web pages show it as it is; secrets in it are masked.
"""

from __future__ import annotations

from enum import StrEnum

from assistant.support.masking import mask


class AssistantError(Exception):
    """The root: whoever catches it catches every error of this package."""

    def __str__(self) -> str:
        return mask(super().__str__())


class StoppedError(AssistantError):
    """Work was told to stop. What it had done stays, the next run goes on from there."""


class SettingsError(AssistantError):
    """A setting is unknown, malformed or contradicts another; the message has a line for each.

    ``malformed`` are the names of those that are.
    """

    def __init__(self, message: str, malformed: frozenset[str] = frozenset()) -> None:
        super().__init__(message)
        self.malformed = malformed


class LexiconError(AssistantError):
    """A language's file of words is malformed; the message names the file, the line and the key."""


class ArticleError(AssistantError):
    """One file of the corpus cannot become an article; the others are not concerned."""


class ModelError(AssistantError):
    """A model cannot be found, prepared or run."""


class OldModelError(ModelError):
    """The model that made the library cannot be loaded; a sync makes it anew with another."""


class Trouble(StrEnum):
    """What was wrong with a chat model."""

    UNAUTHORISED = "unauthorised"
    """It does not accept the key, or there is none."""
    BUSY = "busy"
    """It has too many requests, or the account is used up."""
    UNAVAILABLE = "unavailable"
    """It cannot be reached, or has an error of its own."""
    REJECTED = "rejected"
    """It does not accept the request: the model's name is unknown, the text too long."""
    TIMEOUT = "timeout"
    """It was silent for too long."""
    BROKEN = "broken"
    """What it sent cannot be read, or ends before its end."""
    EMPTY = "empty"
    """It wrote nothing."""
    LOOPING = "looping"
    """It repeats itself, or does not come to an end."""


class ChatModelError(AssistantError):
    """A chat model gave no answer that can be used; ``kind`` says what was wrong.

    The message holds nothing that the model or its server sent: that could repeat a key.
    """

    def __init__(self, message: str, kind: Trouble) -> None:
        super().__init__(message)
        self.kind = kind


class LibraryError(AssistantError):
    """The data folder cannot be read, written or trusted."""


class LibraryBusyError(LibraryError):
    """Another process is writing to the same data folder."""


class CorpusError(AssistantError):
    """The corpus folder itself is missing or unreadable."""


class MissingCorpusError(CorpusError):
    """There is no corpus folder at its place, or no longer: a share may be unmounted."""


class EmptiedCorpusError(CorpusError):
    """The corpus holds nothing any more, though the library does: a share may be unmounted."""


class IntakeError(AssistantError):
    """A file or address cannot be put into the corpus folder."""


class FetchError(AssistantError):
    """One page, feed or sitemap cannot be fetched; the others are not concerned.

    ``status`` is that of the server's answer; None where there was none.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class AccessError(AssistantError):
    """A user or key cannot be added, changed or read."""


class QuestionError(AssistantError):
    """A question is empty or too long."""


class OverloadError(AssistantError):
    """More is asked at once than is answered; a little later there is room again."""


class TooSlowError(AssistantError):
    """An answer took longer than it may, and was given up."""

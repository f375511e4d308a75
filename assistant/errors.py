"""Every error that the assistant raises on purpose.

    AssistantError
    ├── SettingsError      a setting is unknown, malformed or contradicts another
    ├── ArticleError       one file of the corpus cannot become an article
    ├── ModelError         an embedding model cannot be found, prepared or run
    ├── LibraryError       the data folder cannot be read, written or trusted
    │   └── LibraryBusyError    another process is writing to the same data folder
    ├── CorpusError        the corpus folder itself is missing or unreadable
    └── QuestionError      a question is empty or too long

A message says what happened, where, and what to do about it. It is written for the person who
sees it, so the command line and the web pages show it as it is.
"""


class AssistantError(Exception):
    """The root: whoever catches it catches every error of this package."""


class SettingsError(AssistantError):
    """A setting is unknown, malformed or contradicts another."""


class ArticleError(AssistantError):
    """One file of the corpus cannot become an article; the others are not concerned."""


class ModelError(AssistantError):
    """An embedding model cannot be found, prepared or run."""


class LibraryError(AssistantError):
    """The data folder cannot be read, written or trusted."""


class LibraryBusyError(LibraryError):
    """Another process is writing to the same data folder."""


class CorpusError(AssistantError):
    """The corpus folder itself is missing or unreadable."""


class QuestionError(AssistantError):
    """A question is empty or too long."""

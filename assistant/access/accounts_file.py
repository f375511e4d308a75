"""The users and keys: private, replaced whole, reloaded when they change."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assistant.access.accounts import Accounts
from assistant.support.documents import Document, FileDocument
from assistant.support.errors import AccessError

logger = logging.getLogger(__name__)

FILE = "users.json"
"""Its default name in the data folder."""

_UNREAD = object()
"""The state of a file that was not looked at."""

_FORMAT: TypeAdapter[Accounts] = TypeAdapter(Accounts)


class AccountsFile:
    """The accounts in the file ``kept``, or in another document. Safe across processes, not across
    threads.

    They are few and read whole. A missing file means no accounts.
    """

    def __init__(self, kept: Path | Document) -> None:
        self._kept = FileDocument(kept) if isinstance(kept, Path) else kept
        self.name = self._kept.name
        self._state: object = _UNREAD
        self._found = False
        self._accounts = Accounts()

    def read(self) -> Accounts:
        """Load the accounts. Raises ``AccessError`` if the file cannot be read or parsed."""
        try:
            return self._parsed(self._kept.read())
        except OSError as error:
            raise AccessError(
                f"The users and keys in {self.name} cannot be read: {error}. Let whoever runs the "
                "assistant read it."
            ) from error

    def current(self) -> Accounts:
        """The current accounts. A file that cannot be read lets nobody in, and is logged.

        Called for every request: costs one look at the file's state, and a read after a change.
        """
        state: object
        try:
            state = self._kept.state()
            self._found |= state is not None
        except OSError:
            state, self._found = None, True
        if state != self._state:
            try:
                self._accounts = self.read()
            except AccessError as error:
                logger.error("Nobody can sign in: %s", error)
                self._accounts = Accounts()
            self._state = state
        return self._accounts

    def were_any(self) -> bool:
        """Whether there are or ever were accounts: the file stays when the last one is removed."""
        self.current()
        return self._found

    def change(self, edit: Callable[[Accounts], Accounts]) -> None:
        """Replace the accounts with ``edit(accounts)``, under a lock.

        Raises ``AccessError`` if that fails.
        """
        try:
            self._kept.change(lambda content: self._edited(content, edit))
        except TimeoutError as error:
            raise AccessError(f"Another process is changing {self.name}. Try again.") from error
        except OSError as error:
            raise AccessError(
                f"{self.name} cannot be written: {error}. Allow writing there, or name another "
                "file with ASSISTANT_USERS."
            ) from error

    def _edited(self, content: bytes | None, edit: Callable[[Accounts], Accounts]) -> str:
        before = self._parsed(content)
        after = edit(before)
        secret = before.secret or secrets.token_hex(32)
        return json.dumps(asdict(replace(after, secret=secret)), indent=1)

    def _parsed(self, content: bytes | None) -> Accounts:
        try:
            return Accounts() if content is None else _FORMAT.validate_json(content)
        except ValidationError as error:
            # Not ``from error``: pydantic's message quotes the file's content.
            places = ", ".join(".".join(map(str, one["loc"])) for one in error.errors()[:3])
            raise AccessError(
                f"{self.name} is not a file of users and keys (see {places or 'its beginning'}). "
                "Restore it, or remove it and add them again."
            ) from None

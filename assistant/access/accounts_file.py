"""The file of users and keys: private, written atomically, reloaded when it changes."""

from __future__ import annotations

import json
import logging
import os
import secrets
import stat
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from assistant.access.accounts import Accounts
from assistant.support.atomic_files import replace_text
from assistant.support.errors import AccessError

logger = logging.getLogger(__name__)

FILE = "users.json"
"""Its default name in the data folder."""

PRIVATE = 0o600
LOCK_S = 5
"""Seconds that a writer waits for another one's lock."""

_FORMAT: TypeAdapter[Accounts] = TypeAdapter(Accounts)


class AccountsFile:
    """The accounts in ``path``. Safe across processes, not across threads.

    The file is small and read whole. A missing file means no accounts.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._state: tuple[int, ...] | None = None
        self._found = False
        self._accounts = Accounts()

    def read(self) -> Accounts:
        """Load the accounts. Raises ``AccessError`` if the file cannot be read or parsed."""
        try:
            return _FORMAT.validate_json(self.path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return Accounts()
        except OSError as error:
            raise AccessError(
                f"The users and keys in {self.path} cannot be read: {error}. Let whoever runs the "
                "assistant read it."
            ) from error
        except ValidationError as error:
            # Not ``from error``: pydantic's message quotes the file's content.
            places = ", ".join(".".join(map(str, one["loc"])) for one in error.errors()[:3])
            raise AccessError(
                f"{self.path} is not a file of users and keys (see {places or 'its beginning'}). "
                "Restore it, or remove it and add them again."
            ) from None

    def current(self) -> Accounts:
        """The current accounts. A file that cannot be read lets nobody in, and is logged.

        Called for every request: costs one stat, and a read after a change.
        """
        state: tuple[int, ...]
        try:
            found = self.path.stat()
            state = (found.st_ino, found.st_mtime_ns, found.st_size, found.st_ctime_ns)
            self._found = True
        except (FileNotFoundError, NotADirectoryError):
            state = ()
        except OSError:
            state, self._found = (), True
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
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path.with_name(f"{self.path.name}.lock"), timeout=LOCK_S):
                before = self.read()
                after = edit(before)
                secret = before.secret or secrets.token_hex(32)
                self._replace(json.dumps(asdict(replace(after, secret=secret)), indent=1))
        except Timeout as error:
            raise AccessError(f"Another process is changing {self.path}. Try again.") from error
        except OSError as error:
            raise AccessError(
                f"{self.path} cannot be written: {error}. Allow writing there, or name another "
                "file with ASSISTANT_USERS."
            ) from error

    def _replace(self, text: str) -> None:
        """Write the file; keep its group, by which a server may have access."""
        try:
            before = self.path.stat()
        except FileNotFoundError:
            replace_text(self.path, text, PRIVATE)
            return
        replace_text(self.path, text, PRIVATE)
        after = self.path.stat()
        if (after.st_uid, after.st_gid) != (before.st_uid, before.st_gid):
            os.chown(self.path, before.st_uid, before.st_gid)
        self.path.chmod(stat.S_IMODE(before.st_mode) & 0o640 | PRIVATE)

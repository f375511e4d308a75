"""Sessions: a signed cookie that names the user, valid for a working day."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import threading
import time
from pathlib import Path

from itsdangerous import BadData, URLSafeTimedSerializer

from assistant.access import Principal
from assistant.access.accounts import User
from assistant.access.accounts_file import PRIVATE, AccountsFile
from assistant.support.atomic_files import replace_text
from assistant.support.errors import AccessError

logger = logging.getLogger(__name__)

FILE = "signed_out.json"
"""The file's name in the data folder."""

LIFETIME_S = 12 * 3600
"""Counted from the login; use does not extend it."""


class Sessions:
    """Creates, verifies and revokes the sessions of the users in ``accounts``.

    Sessions live in their cookie, signed with the accounts' secret: they survive a restart, and end
    when they expire or their user is removed or changes password. A session ended by logout is
    recorded in ``folder`` until it would have expired, so that a stolen copy of the cookie is
    useless. Without a folder it is recorded until a restart.
    """

    def __init__(self, accounts: AccountsFile, folder: Path | None = None) -> None:
        self._accounts = accounts
        self._file = folder / FILE if folder else None
        self._changing = threading.Lock()
        self._ended = self._remembered()

    def cookie(self, secure: bool) -> str:
        """The cookie's name, unique per assistant, as cookies are shared between ports.

        Over https the prefix ``__Host-`` keeps other hosts from setting it.
        """
        secret = self._accounts.current().secret
        own = hashlib.sha256(f"cookie {secret}".encode()).hexdigest()[:8]
        return f"{'__Host-' if secure else ''}assistant-{own}"

    def begin(self, name: str) -> str:
        """Create a session of the existing user ``name``; return the cookie's value.

        Raises ``AccessError`` if there is nothing to sign it with.
        """
        user = self._accounts.current().users[name]
        if not self._accounts.current().secret:
            raise AccessError(
                f"{self._accounts.path} has no secret to sign sessions with. Add any user or key: "
                "that makes one."
            )
        return str(self._signer().dumps([name, _state(user), secrets.token_hex(8)]))

    def holder(self, value: str) -> Principal | None:
        """The user of the session; None if it is invalid or has ended."""
        opened = self._open(value)
        accounts = self._accounts.current()
        if opened is None or opened[2] in self._ended:
            return None
        name, state, _ = opened
        user = accounts.users.get(name)
        if user is None or not secrets.compare_digest(state, _state(user)):
            return None
        return accounts.user(name)

    def end(self, value: str) -> None:
        """Revoke the session."""
        if (opened := self._open(value)) is not None:
            now = time.time()
            with self._changing:
                still = {one: until for one, until in self._ended.items() if until > now}
                self._ended = {**still, opened[2]: now + LIFETIME_S}
                self._remember()

    def _remembered(self) -> dict[str, float]:
        try:
            kept = json.loads(self._file.read_bytes()) if self._file else {}
            return {str(number): float(until) for number, until in kept.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            logger.error(
                "Ended sessions cannot be read from %s: %s. Remove the file; to be safe, change "
                "the passwords of those who signed out within the last twelve hours.",
                self._file, error,
            )  # fmt: skip
            return {}

    def _remember(self) -> None:
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            replace_text(self._file, json.dumps(self._ended), PRIVATE)
        except OSError as error:
            logger.error(
                "An ended session will be valid again after a restart: cannot write %s: %s. See "
                "that the data folder can be written.", self._file, error,
            )  # fmt: skip

    def _open(self, value: str) -> tuple[str, str, str] | None:
        if not self._accounts.current().secret:
            return None
        try:
            name, state, number = self._signer().loads(value, max_age=LIFETIME_S)
        except (BadData, ValueError, TypeError):
            return None
        return str(name), str(state), str(number)

    def _signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            self._accounts.current().secret,
            salt="session",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )


def _state(user: User) -> str:
    """Changes with the password."""
    return hashlib.sha256(user.password.encode()).hexdigest()[:16]

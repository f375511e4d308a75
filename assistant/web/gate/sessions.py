"""Sessions: a signed cookie that names the user, valid for a working day."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import threading
import time

from itsdangerous import BadData, URLSafeTimedSerializer

from assistant.access import Principal
from assistant.access.accounts import User
from assistant.access.accounts_file import AccountsFile
from assistant.support.documents import Document
from assistant.support.errors import AccessError

logger = logging.getLogger(__name__)

FILE = "signed_out.json"
"""The name of the document of ended sessions."""

LIFETIME_S = 12 * 3600
"""Counted from the login; use does not extend it."""


class Sessions:
    """Creates, verifies and revokes the sessions of the users in ``accounts``.

    Sessions live in their cookie, signed with the accounts' secret: they survive a restart, and end
    when they expire or their user is removed or changes password. A session ended by logout is
    recorded in the document ``ended`` until it would have expired, so that a stolen copy of the
    cookie is useless, in all processes. Without a document it is recorded until a restart.
    """

    def __init__(self, accounts: AccountsFile, ended: Document | None = None) -> None:
        self._accounts = accounts
        self._kept = ended
        self._seen: object = None
        self._changing = threading.Lock()
        self._ended: dict[str, float] = {}
        self._catch_up()

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
                f"{self._accounts.name} has no secret to sign sessions with. Add any user or key: "
                "that makes one."
            )
        return str(self._signer().dumps([name, _state(user), secrets.token_hex(8)]))

    def holder(self, value: str) -> Principal | None:
        """The user of the session; None if it is invalid or has ended."""
        opened = self._open(value)
        accounts = self._accounts.current()
        self._catch_up()
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
            with self._changing:
                self._ended = {**self._ended, opened[2]: time.time() + LIFETIME_S}
                self._remember()

    def _catch_up(self) -> None:
        """Take in what other processes, or this one before it was restarted, have ended."""
        if self._kept is None:
            return
        try:
            seen, self._seen = self._seen, self._kept.state()
            if self._seen != seen:
                self._ended = {**_parsed(self._kept.read()), **self._ended}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            logger.error(
                "Ended sessions cannot be read from %s: %s. Remove the file; to be safe, change "
                "the passwords of those who signed out within the last twelve hours.",
                self._kept.name, error,
            )  # fmt: skip

    def _remember(self) -> None:
        if self._kept is None:
            return
        try:
            self._kept.change(self._merged)
        except OSError as error:
            logger.error(
                "An ended session will be valid again after a restart: cannot write %s: %s. See "
                "that the data folder can be written.", self._kept.name, error,
            )  # fmt: skip

    def _merged(self, content: bytes | None) -> str:
        """``content`` with the sessions that this process knows to have ended, but for those that
        have expired.
        """
        try:
            before = _parsed(content)
        except (ValueError, TypeError, AttributeError):
            before = {}  # was told when it was read
        now = time.time()
        self._ended = {n: t for n, t in {**before, **self._ended}.items() if t > now}
        return json.dumps(self._ended)

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


def _parsed(content: bytes | None) -> dict[str, float]:
    """When each ended session would have expired."""
    return {str(n): float(t) for n, t in json.loads(content or b"{}").items()}


def _state(user: User) -> str:
    """Changes with the password."""
    return hashlib.sha256(user.password.encode()).hexdigest()[:16]

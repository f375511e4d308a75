"""Sessions: a signed cookie that names the user, for as long as a working day."""

from __future__ import annotations

import hashlib
import secrets
import time

from itsdangerous import BadData, URLSafeTimedSerializer

from assistant.access import Principal
from assistant.access.accounts import User
from assistant.access.accounts_file import AccountsFile
from assistant.support.errors import AccessError

LIFETIME_S = 12 * 3600
"""From signing in; using it does not make it longer."""


class Sessions:
    """Begins, knows and ends the sessions of the users in ``accounts``.

    A session is not kept here but in its cookie, signed with the accounts' secret: it outlives a
    restart, and ends when its time is over, when its user is removed, or when their password
    changes. One that was ended by signing out is remembered for as long as it would have lasted,
    until a restart: a copy of the cookie that someone took is of no use meanwhile.
    """

    def __init__(self, accounts: AccountsFile) -> None:
        self._accounts = accounts
        self._ended: dict[str, float] = {}

    def cookie(self, secure: bool) -> str:
        """The name of the cookie: its own for each assistant, as ports do not keep cookies apart.

        Over https browsers let nobody but this very host set it (``__Host-``).
        """
        secret = self._accounts.current().secret
        own = hashlib.sha256(f"cookie {secret}".encode()).hexdigest()[:8]
        return f"{'__Host-' if secure else ''}assistant-{own}"

    def begin(self, name: str) -> str:
        """The cookie's value of a new session of the user ``name``, who exists.

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
        """Whose session the cookie's value is; None if it is none, or no longer one."""
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
        """Make the cookie's value worthless."""
        if (opened := self._open(value)) is not None:
            now = time.monotonic()
            still = {one: until for one, until in self._ended.items() if until > now}
            self._ended = {**still, opened[2]: now + LIFETIME_S}

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

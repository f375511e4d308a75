"""Accounts: users with passwords, and API keys for programs."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from assistant.access import Principal
from assistant.support.errors import AccessError

Scope = Literal["ask", "edit", "admin"]
T = TypeVar("T")

KEY_PREFIX = "assistant_"
"""Prefix of a key, by which people and secret scanners recognize it."""

_NAME = re.compile(r"[\w][\w.@+-]{0,63}")
_GROUP = re.compile(r"[\w][\w.@ -]{0,63}")


@dataclass(frozen=True, slots=True)
class User:
    """A person who signs in; ``password`` is its argon2 hash."""

    password: str
    groups: tuple[str, ...] = ()
    is_admin: bool = False
    may_edit: bool = False
    created: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A program's API key; ``digest`` is its SHA-256 in hexadecimal.

    A fast hash is enough: passwords need a slow one because people choose them, but a key is 256
    random bits, which cannot be guessed, and a slow hash would be paid with every request.
    """

    digest: str
    scope: Scope = "ask"
    groups: tuple[str, ...] = ()
    created: str = ""


@dataclass(frozen=True, slots=True)
class Accounts:
    """All users and keys by name, and the ``secret`` that signs sessions."""

    users: dict[str, User] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    secret: str = ""

    def __bool__(self) -> bool:
        """Whether there is any user or key."""
        return bool(self.users or self.keys)

    def user(self, name: str) -> Principal | None:
        """The user of that name, as written in the file, or None."""
        user = self.users.get(name)
        if user is None:
            return None
        return Principal(name, frozenset(user.groups), user.is_admin, user.may_edit)

    def holder(self, key: str) -> Principal | None:
        """The principal that holds ``key``, or None. Constant time with respect to the keys."""
        digest, found = _digest(key), None
        for name, known in self.keys.items():
            if hmac.compare_digest(digest, known.digest):
                found = Principal(
                    f"key:{name}",
                    frozenset(known.groups),
                    is_admin=known.scope == "admin",
                    may_edit=known.scope == "edit",
                )
        return found

    def with_user(self, name: str, user: User) -> Accounts:
        """A copy with one more user. Raises ``AccessError`` if the name is taken."""
        if name in self.users:
            raise AccessError(
                f"There is a user {name!r} already. To change the password: assistant user "
                f"password {name}. For anything else remove the user first."
            )
        return replace(self, users={**self.users, name: user})

    def with_password(self, name: str, password: str) -> Accounts:
        """A copy with a new password hash. Raises ``AccessError`` if there is no such user."""
        changed = replace(_existing(self.users, name, "user"), password=password)
        return replace(self, users={**self.users, name: changed})

    def without_user(self, name: str) -> Accounts:
        """A copy without that user. Raises ``AccessError`` if there is none."""
        return replace(self, users=_without(self.users, name, "user"))

    def with_key(self, name: str, key: Key) -> Accounts:
        """A copy with one more key. Raises ``AccessError`` if the name is taken."""
        if name in self.keys:
            raise AccessError(f"There is a key {name!r} already. Revoke it, or name this another.")
        return replace(self, keys={**self.keys, name: key})

    def without_key(self, name: str) -> Accounts:
        """A copy without that key. Raises ``AccessError`` if there is none."""
        return replace(self, keys=_without(self.keys, name, "key"))


def new_key(scope: Scope, groups: tuple[str, ...], created: str) -> tuple[str, Key]:
    """A new key in plain text, and the record to store of it."""
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    return key, Key(_digest(key), scope, groups, created)


def clean_name(name: str) -> str:
    """Normalize a name for storing and comparing: "Anna" and "anna" are the same.

    Raises ``AccessError`` for an invalid name.
    """
    cleaned = folded(name)
    if not _NAME.fullmatch(cleaned):
        raise AccessError(
            f"{name!r} is not a valid name: write up to 64 letters, digits and . _ @ + -, "
            "beginning with a letter or digit."
        )
    return cleaned


def folded(name: str) -> str:
    """``clean_name`` without the check."""
    return unicodedata.normalize("NFKC", name.strip()).casefold()


def clean_groups(listed: str) -> tuple[str, ...]:
    """Parse a comma-separated list of groups, each once, sorted. Raises ``AccessError``."""
    named = (unicodedata.normalize("NFC", group.strip()) for group in listed.split(","))
    groups = tuple(sorted(set(named) - {""}))
    for group in groups:
        if not _GROUP.fullmatch(group):
            raise AccessError(f"{group!r} is not a valid group: write letters, digits and . _ @ -.")
    return groups


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _existing(known: dict[str, T], name: str, kind: str) -> T:
    if name not in known:
        names = ", ".join(sorted(known)) or "none"
        raise AccessError(f"There is no {kind} {name!r}. There are: {names}.")
    return known[name]


def _without(known: dict[str, T], name: str, kind: str) -> dict[str, T]:
    _existing(known, name, kind)
    return {other: one for other, one in known.items() if other != name}

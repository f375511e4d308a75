"""Password hashing with argon2id, slow and memory-hard enough to make guessing expensive."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from assistant.support.errors import AccessError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 10
LONGEST = 1_000
"""Limits of a password's length, in characters."""


def hashed(password: str) -> str:
    """Hash ``password``. Raises ``AccessError`` if it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccessError(
            f"The password has {len(password)} characters: choose one of {SHORTEST} to {LONGEST:,}."
        )
    return _hasher().hash(_normal(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether ``password`` matches the hash ``kept``.

    Takes as long if there is no hash (None), so that timing does not reveal which users exist.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    nobody = _nobody()
    try:
        return _hasher().verify(kept or nobody, _normal(password[:LONGEST])) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    """NFKC: the same characters whatever the keyboard."""
    return unicodedata.normalize("NFKC", password)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    # RFC 9106's recommendation for low memory (64 MiB, three passes), but on one processor, so that
    # logins do not slow down answers.
    return PasswordHasher(parallelism=1)


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_hex())

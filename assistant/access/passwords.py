"""Passwords: hashed with argon2id, so slowly and with so much memory that guessing is dear."""

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
"""Characters of a password."""


def hashed(password: str) -> str:
    """The hash to keep of ``password``. Raises ``AccessError`` if it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccessError(
            f"The password has {len(password)} characters: choose one of {SHORTEST} to {LONGEST:,}."
        )
    return _hasher().hash(_normal(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether ``password`` is the one of the hash ``kept``.

    It takes as long where there is none (None), so that nobody learns which users there are.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    nobody = _nobody()
    try:
        return _hasher().verify(kept or nobody, _normal(password[:LONGEST])) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    """The same characters, whichever keyboard they come from."""
    return unicodedata.normalize("NFKC", password)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    # What RFC 9106 recommends where memory is short (64 MiB, three rounds), but on one processor:
    # signing in must not take those that answer.
    return PasswordHasher(parallelism=1)


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_hex())

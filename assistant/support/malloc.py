"""Limits glibc's malloc arenas."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress

_M_ARENA_MAX = -8  # of glibc's malloc.h
_HEAPS = 2


def share_heaps() -> None:
    """Cap malloc at two arenas for the threads started from now on; does nothing without glibc.

    By default glibc gives each thread an arena of its own, up to eight per processor, and each
    arena keeps the memory that its largest answer took. ``MALLOC_ARENA_MAX`` in the environment
    wins.
    """
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        with suppress(AttributeError):  # not glibc
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)
